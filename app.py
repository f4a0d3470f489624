"""The browser entry. Worker processes import this file under another name and must not run it."""

from explorer.ui.shell import run

if __name__ == "__main__":
    run()
