"""Every suite, in the order of the scoreboard."""

from collections.abc import Sequence

from evals.suites import Suite
from evals.suites.injection import INJECTION
from evals.suites.questions import ABSTENTION, KNOWLEDGE, RECORD
from evals.suites.ranking import RETRIEVAL
from evals.suites.reports import STAGING, TRIALS
from evals.suites.shared_data import ECQM, FHIRPATH_QA
from evals.suites.twins import TWINS

SUITES: Sequence[Suite] = (
    STAGING,
    TRIALS,
    TWINS,
    RECORD,
    KNOWLEDGE,
    ABSTENTION,
    INJECTION,
    RETRIEVAL,
    FHIRPATH_QA,
    ECQM,
)


class UnknownSuiteError(Exception):
    """There is no suite of this name; the message lists them."""


def suites_named(name: str | None) -> Sequence[Suite]:
    """The suite of this name; every suite where none is named.

    Raises:
        UnknownSuiteError: there is none of this name.
    """
    if name is None:
        return SUITES
    found = [suite for suite in SUITES if suite.name == name]
    if not found:
        names = ", ".join(suite.name for suite in SUITES)
        raise UnknownSuiteError(f"{name}: no such suite; there are {names}")
    return found
