"""A person's own models: a file examined beside the page, and the names that this session knows."""

import logging
import threading

import streamlit as st

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.models.zoo import card, is_listed, zoo_names
from explorer.work.request import Request
from explorer.work.wizard import Examination, examine

OWN = "_own_models"  # in a session: the names of the models that it imported or was given
log = logging.getLogger(__name__)


class Examining(threading.Thread):
    """One file being looked at, in a process with limits of its own; this thread only waits for it."""

    def __init__(self, raw: bytes, data: str) -> None:
        super().__init__(daemon=True, name=f"examining a model of {data}")
        self._raw, self._data = raw, data
        self.found: Examination | None = None
        self.sentence = ""
        self.given_up = False
        self.progress = (0, 0, "")

    def run(self) -> None:
        """Examine; keep what was found, or the sentence that says why not."""
        try:
            self.found = examine(self._raw, self._data, tick=self._tick)
        except Cancelled:
            self.sentence = "Cancelled."
        except UserError as error:
            self.sentence = str(error)
        except Exception as error:
            log.exception("a model of %s could not be examined", self._data)
            self.sentence = f"Reading it failed with an internal error ({type(error).__name__}); the log says more."

    def _tick(self, done: int, total: int, note: str = "") -> None:
        self.progress = (done, total, note)
        if self.given_up:
            raise Cancelled


def names(request: Request) -> tuple[str, ...]:
    """Return the models to choose from: those of the zoo, the person's own of these data, and those of the address."""
    known = dict.fromkeys(st.session_state.get(OWN, ()))
    known |= dict.fromkeys(name for name in request.models if not is_listed(name))
    return (*zoo_names(request.data), *(name for name in known if card(name)["data"] == request.data))


def remember(name: str) -> None:
    """Add a model to those that this session knows."""
    st.session_state[OWN] = list(dict.fromkeys((*st.session_state.get(OWN, ()), name)))
