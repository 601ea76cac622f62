"""The assistant under evaluation, whichever it is: it opens records, stages them, answers."""

from collections.abc import Sequence
from typing import Any, Protocol


class SubjectError(Exception):
    """The subject could not be reached, or replied with something else than the contract."""


class OpenedRecord(Protocol):
    """One record, opened by the subject."""

    def stage(self, as_of: str, ruleset: str) -> dict[str, Any]:
        """The staging report, ``staging-report/1``."""

    def ask(self, question: str, as_of: str, history: Sequence[str] = ()) -> dict[str, Any]:
        """The answer, ``answer/1``; ``tokens`` beside it where a model was called."""


class Subject(Protocol):
    """The assistant under evaluation."""

    @property
    def name(self) -> str:
        """What the scoreboard calls it."""

    @property
    def is_here(self) -> bool:
        """Whether it is this installation, which can be asked more than the public API offers."""

    def describe(self) -> dict[str, Any]:
        """Versions and settings, for the header of the run."""

    def open(self, bundle: bytes | None) -> OpenedRecord:
        """Open a record; None asks the sources alone."""

    def search(self, query: str, k: int) -> list[str]:
        """Ids of the passages found for ``query``, best first."""

    def close(self) -> None:
        """Let go of what it holds."""

    def passage(self, passage_id: str) -> str | None:
        """The text of a passage, its section first; None where there is none of this id."""
