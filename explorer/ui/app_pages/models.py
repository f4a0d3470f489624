"""The Models page: bring a model of your own, see that it is read rightly, and put it beside the others."""

import streamlit as st

from explorer.core.errors import UserError
from explorer.models.zoo import card
from explorer.ui import importing, loading, panels, shell, sidebar, state
from explorer.work.wizard import MEGABYTES, choose, keep, title_of

EXAMINED = "_examined"  # in a session: the upload's id and data set, and the thread that looks at it
TAKEN = "_taken"  # in a session: the model that it took into use last

request = state.current()
data = sidebar.sidebar(request, pictures=False)


def give_up():
    """Let go of the file being examined."""
    st.session_state.pop(EXAMINED)[1].given_up = True


def watch(job):
    """Draw how far the examination is; return whether it has ended."""
    if job.is_alive():
        done, total, note = job.progress
        st.progress(done / total if total else 0.0, note or "reading the file")
        st.button("Cancel", key="give_up", on_click=give_up)
    return not job.is_alive()


def use(found, side):
    """Keep the model as chosen, and make it model A or B."""
    try:
        name = keep(found, choose(found, st.session_state["candidate"]), st.session_state["title"])
        importing.remember(name)
        st.session_state[TAKEN] = name
        state.go(state.current().with_(**{side: name}))
    except UserError as error:
        state.refuse(str(error))


def examined(found):
    """Draw what was found in the file, and the ways to go on."""
    shape = " × ".join(map(str, found.shape))
    st.markdown(f"**{found.kind}**, input {shape}, {found.parameters:,} parameters, output: {found.output}.")
    for note in found.notes:
        st.warning(state.markdown_free(note), icon=":material/info:")
    rows = [
        {
            "normalisation": one.name,
            "pixels from 0 to 1 become": one.range,
            "clean accuracy": str(one.clean),
            "right": one.clean.value,
        }
        for one in found.candidates
    ]
    bar = st.column_config.ProgressColumn("", min_value=0, max_value=1, format=" ")
    st.dataframe(rows, hide_index=True, column_config={"right": bar}, key="candidates")
    st.caption(
        "Every usual way to feed pixels to it, tried on test pictures: with the wrong one a good model looks bad. "
        "A normalisation takes a mean from each pixel and divides by a standard deviation; it should be the one that "
        "the model was trained with."
    )
    left, right = st.columns(2)
    left.selectbox("Normalisation", [one.name for one in found.candidates], key="candidate")
    right.text_input("What to call it", title_of(st.session_state["model_file"].name), max_chars=40, key="title")
    for column, side in zip(st.columns(2), "ab", strict=True):
        label = f"Use it as model {side.upper()}"
        column.button(label, key=f"use_{side}", on_click=use, args=(found, side), type="primary", width="stretch")
    if roles := [side.upper() for side in "ab" if getattr(request, side) == st.session_state.get(TAKEN)]:
        title = state.markdown_free(str(card(st.session_state[TAKEN])["title"]))
        link = f"[see it attacked]({shell.url(request.on('attack'))})"
        st.success(f"**{title}** is model {' and '.join(roles)} now: {link}.", icon=":material/check:")


st.markdown("#### A model of your own")
st.markdown(
    "An **ONNX** file, or **safetensors** of one of the architectures here (the folder that `explorer train --out` "
    "writes will do). Pickled checkpoints (.pt, .pth) can run code when they are opened, and are not."
)
file = st.file_uploader(
    "ONNX or safetensors", key="model_file", label_visibility="collapsed", max_upload_size=MEGABYTES
)
if data is None:
    loading.absent(request)
elif file is not None:
    raw = file.getvalue()
    known, job = st.session_state.get(EXAMINED, (None, None))
    if known != (file.file_id, request.data):
        job = importing.Examining(raw, request.data)
        job.start()
        st.session_state[EXAMINED] = ((file.file_id, request.data), job)
    if job.is_alive():
        panels.polled(lambda: watch(job))
    elif job.found is None:
        st.error(state.markdown_free(job.sentence), icon=":material/error:")
    else:
        examined(job.found)

st.markdown("#### Models at hand")
for name in importing.names(request):
    with st.container(border=True):
        st.markdown(shell.card_text(name))
shell.explain("models")
