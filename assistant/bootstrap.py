"""Builds the real adapters; the only file of the package that knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from assistant.answering.case import Case
from assistant.answering.ports import KnowledgePort, NoKnowledge
from assistant.staging.engine import stage
from assistant.staging.record import Assertion
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import Ruleset, load_ruleset

if TYPE_CHECKING:
    from fhir_adapter.read import PatientRecord

_EXCERPT_DEPTH = 4


@dataclass(frozen=True, slots=True)
class Chart:
    """A patient's raw resources, as answering reads them."""

    record: "PatientRecord"

    @property
    def resources(self) -> Any:
        """Raw FHIR JSON by ``Type/id``."""
        return self.record.resources

    def excerpt(self, reference: str, element: str) -> str:
        """What stands at ``element``, as short text."""
        from fhir_adapter.paths import element_at  # noqa: PLC0415

        try:
            return _flat(element_at(self.record.resources[reference], element))
        except KeyError:
            return ""


def _flat(value: Any, depth: int = 0) -> str:
    if isinstance(value, dict) and depth < _EXCERPT_DEPTH:
        shown = (
            _flat(item, depth + 1)
            for key, item in value.items()
            if key not in ("system", "id", "extension", "div", "url")
        )
        return " ".join(part for part in shown if part)
    if isinstance(value, list) and depth < _EXCERPT_DEPTH:
        return "; ".join(_flat(item, depth + 1) for item in value)
    return str(value) if isinstance(value, str | int | float) else ""


def open_record(paths: Sequence[str], patient: str | None = None) -> "PatientRecord":
    """Read one patient's record from files."""
    from fhir_adapter.read import read_files  # noqa: PLC0415

    return read_files(paths, patient=patient)


def open_case(
    record: "PatientRecord",
    *,
    ruleset: Ruleset | None = None,
    assertions: Sequence[Assertion] = (),
) -> Case:
    """A record ready to be asked about."""
    chosen = ruleset or load_ruleset("source_text")
    return Case(
        treatment=record.treatment,
        chart=Chart(record),
        assess=partial(_assess, chosen),
        assertions=tuple(assertions),
    )


def _assess(
    ruleset: Ruleset, record: Any, day: date, assertions: tuple[Assertion, ...]
) -> StagingReport:
    return stage(record, as_of=day, ruleset=ruleset, assertions=assertions)


def open_knowledge() -> KnowledgePort:
    """The knowledge of this machine; :class:`NoKnowledge` where it cannot be opened."""
    from knowledge.base import open_knowledge as open_base  # noqa: PLC0415

    try:
        return open_base()
    except OSError:
        return NoKnowledge()
