"""The view "study" of the Landscape page: what was published of loss landscapes, held against a study's models.

It reads the models' cards and computes nothing; it hangs on nothing that a request has.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from explorer.core.results import Study
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.study.arms import arms
from explorer.work.study.courses import courses
from explorer.work.study.landscape import landscape

NAME = "landscape"


def pieces(_request: Request) -> list[Asked]:
    """Return what is to be computed: nothing."""
    return []


def gather(_request: Request, _found: Mapping[Any, Any]) -> Study:
    """Return the study, by the models' cards, with the courses of recorded trainings."""
    known = arms(NAME)
    return replace(landscape(known), courses=courses(known))
