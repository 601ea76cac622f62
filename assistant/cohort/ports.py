"""What a cohort needs of the FHIR adapter; functions by name, so that workers can be sent them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from assistant.staging.record import TreatmentRecord

if TYPE_CHECKING:
    import pyarrow as pa


class Source(Protocol):
    """One input file."""

    @property
    def number(self) -> int:
        """Its place among the inputs."""

    @property
    def path(self) -> str:
        """Where it is read from."""

    @property
    def name(self) -> str:
        """How issues and the manifest name it."""

    @property
    def size(self) -> int:
        """Bytes."""

    @property
    def sha256(self) -> str:
        """Digest of its bytes."""


class Scanned(Protocol):
    """Part of what a piece of a file holds."""

    @property
    def rows(self) -> "pa.Table":
        """Resources with the patient they name."""

    @property
    def issues(self) -> "pa.Table":
        """Lines that cost themselves."""


class Record(Protocol):
    """One patient's record."""

    @property
    def treatment(self) -> TreatmentRecord:
        """The coded facts."""


class PatientRows(Protocol):
    """What an export holds of one patient."""

    @property
    def patient(self) -> str:
        """``Patient/id``, or what the input calls the patient."""

    @property
    def resources(self) -> int:
        """How many there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReader:
    """How an export is read."""

    find: Callable[[Sequence[str]], list[tuple[Path, str]]]
    """The files of the inputs, with their names."""
    survey: Callable[[int, Path, str], tuple[Source, list[Any]]]
    """A file's digest, and its pieces."""
    scan: Callable[[Any], Iterator[Scanned]]
    """The rows of a piece."""
    patients: "Callable[[pa.Table], Iterator[PatientRows]]"
    """The patients of rows sorted by patient, file and line."""
    assemble: Callable[[Any], tuple[Record, list[dict[str, Any]]]]
    """One patient's record, and the lines that turned out to be no JSON."""
    row_schema: Callable[[], "pa.Schema"]
    issue_schema: Callable[[], "pa.Schema"]
    patient_types: frozenset[str]
    """Types that must name their patient."""
