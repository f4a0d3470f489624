"""The networks that the tests of certificates are about."""

import pytest
from proving import SUBJECTS, Subject


@pytest.fixture(params=SUBJECTS, scope="session")
def subject(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]()


@pytest.fixture(params=["toy", "digits"], scope="session")
def learned(request: pytest.FixtureRequest) -> Subject:
    return SUBJECTS[request.param]()
