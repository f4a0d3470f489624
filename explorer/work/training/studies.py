"""The views that show a study of trainings: they read what is recorded, and compute nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.core.results import Experiment
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.study.experiments import experiment


@dataclass(frozen=True, slots=True)
class Shown:
    """A study as a view of the page: it hangs on nothing that a request has."""

    study: str

    def pieces(self, _request: Request) -> list[Asked]:
        """Return what is to be computed: nothing."""
        return []

    def gather(self, _request: Request, _found: Mapping[Any, Any]) -> Experiment:
        """Return the study, by its records."""
        return experiment(self.study)
