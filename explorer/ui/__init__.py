"""The browser's side: the only room that knows Streamlit."""
