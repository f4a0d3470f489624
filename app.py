"""The browser entry. Worker processes import this file too, under another name: for them it is empty."""

if __name__ == "__main__":
    from explorer.ui.shell import run

    run()
