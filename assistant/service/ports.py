"""What the use cases need from the adapters, as protocols; ``bootstrap`` supplies the real ones."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from assistant.answering.ports import RecordPort
from assistant.staging.record import TreatmentRecord
from assistant.staging.report import StagingReport


class Banner(Protocol):
    """Who the patient is, for the banner only."""

    @property
    def name(self) -> str | None:
        """Name as displayed."""

    @property
    def birth_date(self) -> str | None:
        """Date of birth at the recorded precision."""

    @property
    def gender(self) -> str | None:
        """Administrative gender."""

    @property
    def identifiers(self) -> Sequence[str]:
        """Business identifiers, for display."""


class ReadRecord(Protocol):
    """One patient's record as the adapter read it."""

    @property
    def treatment(self) -> TreatmentRecord:
        """The coded facts the core reads."""

    @property
    def resources(self) -> Mapping[str, dict[str, Any]]:
        """Raw JSON of every resource, by ``Type/id``."""

    @property
    def banner(self) -> Banner:
        """Who the patient is."""


class RecordReader(Protocol):
    """Reads an uploaded Bundle, and single elements of what it read."""

    def read(self, data: bytes, *, patient: str | None = None) -> ReadRecord:
        """Read one patient's record.

        Raises:
            UnreadableRecordError: not FHIR.
            AmbiguousPatientError: several patients, or not the one asked for.
        """

    def element(self, resource: Mapping[str, Any], path: str) -> object:
        """The element at ``path``.

        Raises:
            UnknownEvidenceError: the resource has no such element.
        """

    def report_bundle(self, report: StagingReport, **how: Any) -> dict[str, Any]:
        """The report as a FHIR Bundle; ``confirmed_by`` and ``transaction`` as to be written."""

    def chart(self, record: Any) -> RecordPort:
        """The record as answering reads it."""


class KeptConversation(Protocol):
    """What was said about one open record, kept beyond this process."""

    def turns(self) -> list[dict[str, Any]]:
        """The turns, oldest first."""

    def add_turn(self, turn: Mapping[str, Any]) -> None:
        """Keep one turn for good."""

    def forget_turns(self) -> None:
        """Forget all of them."""

    def assertions(self) -> list[tuple[str, dict[str, Any]]]:
        """The asserted facts with their ids, oldest first."""

    def add_assertion(self, name: str, fact: Mapping[str, Any]) -> None:
        """Keep one asserted fact for good."""

    def remove_assertion(self, name: str) -> None:
        """Forget one."""

    def add_feedback(self, rating: Mapping[str, Any]) -> None:
        """Keep one rating of an answer, beyond the session."""
