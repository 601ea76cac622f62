"""What the core answers: the staging report, and its JSON form (contract.md)."""

import dataclasses
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, Generic, NamedTuple, TypeVar

from assistant.staging.dates import DayRange, PartialDate
from assistant.staging.record import Assertion, Evidence, IncompleteRead, Issue, Verification
from assistant.staging.verdicts import Answer, Verdict

SCHEMA = "staging-report/1"
_PERCENT_DECIMALS = 2

T = TypeVar("T")
_Fields = tuple[tuple[str, str, Callable[[Any], Any]], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds(Generic[T]):
    """One stage three ways: proven, under the named assumptions, not excluded."""

    at_least: T
    working: T
    at_most: T


class DoseStep(NamedTuple):
    """A stretch of a trial at one daily dose, for display."""

    start: PartialDate | None
    end: PartialDate | None
    dose_mg: Decimal | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AdherenceFinding:
    """Adherence over the trial: a proportion where one is known, and where it comes from."""

    value: Decimal | None
    basis: str
    evidence: tuple[Evidence, ...] = ()
    asserted: bool = False


class Adequacy(NamedTuple):
    """The three criteria of an adequate trial, and their conjunction."""

    dose: Verdict
    duration: Verdict
    adherence: Verdict
    overall: Verdict


class Outcome(NamedTuple):
    """What the trial did to the score.

    ``percent_reduction`` is exact; it is rounded only in the JSON.
    """

    category: str
    """``remission``, ``response``, ``partial_response``, ``non_response``, ``unknown``."""
    scale: str | None = None
    baseline: Decimal | None = None
    baseline_date: PartialDate | None = None
    endpoint: Decimal | None = None
    endpoint_date: PartialDate | None = None
    percent_reduction: Decimal | None = None
    evidence: tuple[Evidence, ...] = ()
    asserted: bool = False


class Trial(NamedTuple):
    """One antidepressant trial with every verdict on it."""

    id: str
    drug: str
    drug_class: str
    role: str
    """``monotherapy``, ``combination`` or ``augmentation``."""
    start: PartialDate | None
    end: PartialDate | None
    end_basis: str
    ongoing: bool
    max_daily_dose_mg: Decimal | None
    labelled_daily_dose_mg: Decimal | None
    min_adequate_dose_mg: Decimal | None
    min_adequate_dose_source: str
    remarks: tuple[str, ...]
    days: DayRange
    """Days from start to end (so far, of an ongoing trial)."""
    days_at_adequate_dose: DayRange
    adequate_run: tuple[date, date] | None
    """First and last day of the longest run at or above the floor, as far as proven."""
    dose_steps: tuple[DoseStep, ...]
    adherence: AdherenceFinding | None
    proportion_of_days_covered: Decimal | None
    adequacy: Adequacy
    outcome: Outcome
    discontinuation: str
    failed: Answer
    failed_working: Answer
    """``failed`` under the ruleset's assumptions."""
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    asserted: tuple[str, ...] = ()
    """Attributes that rest on a clinician's assertion."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcludedExposure:
    """A recorded antidepressant that is no trial, with the reason."""

    drug: str
    reason: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Augmentation:
    """An agent added to an antidepressant."""

    drug: str
    with_: str
    """Id of the trial it was added to."""
    start: PartialDate | None
    end: PartialDate | None
    adequate: Verdict
    counts: Verdict
    """Whether it earns the Maudsley augmentation point."""
    reasons: tuple[str, ...]
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One course of a procedure."""

    id: str
    modality: str
    laterality: str
    sessions: int
    start: PartialDate | None
    end: PartialDate | None
    outcome: Outcome | None
    failed: Answer
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """The current depressive episode."""

    start: PartialDate | None
    basis: str
    duration_months: DayRange
    """Whole months ``low`` to ``high`` from its start to ``as_of``."""
    persistent: Verdict
    """Whether it reaches the duration of persistent depressive disorder."""
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """Another reading of a Maudsley total, shown beside the working one."""

    basis: str
    value: int
    band: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Maudsley:
    """The Maudsley total, its band and its items."""

    at_least: int | None
    working: int | None
    at_most: int | None
    band: str | None
    items: dict[str, int] | None
    alternatives: tuple[Alternative, ...] = ()


class CutOff(NamedTuple):
    """A total from which the ruleset calls the depression resistant; a proxy, never a stage."""

    method: str
    points: int | Decimal
    """Reached at this total or above it."""
    reached: Bounds[Answer | None]
    source: str
    """Key of the source it stands on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Staging:
    """Every staging method with its bounds."""

    trd: Bounds[Answer | None]
    trd_without_class_rule: Bounds[Answer | None]
    source_stage: Bounds[str | None]
    thase_rush: Bounds[str | None]
    maudsley: Maudsley
    gsrd: Bounds[str | None]
    european: Bounds[str | None]
    mgh_s: Bounds[Decimal | None]
    cut_offs: tuple[CutOff, ...] = ()
    """Where the ruleset names totals that stand for resistance, as ``register`` does."""


class Move(NamedTuple):
    """What knowing a fact would do to one bound of one method."""

    method: str
    bound: str
    from_: str
    to: str
    if_: str
    """The answer that makes the move, in words: ``met``, ``non_response`` …"""
    with_: tuple[str, ...] = ()
    """Other facts of the same trial that must be known beside it."""


class MissingFact(NamedTuple):
    """A fact whose knowledge moves a stage."""

    fact: str
    question: str
    """What to ask or look up, in plain words."""
    trial: str | None
    procedure: str | None
    moves: tuple[Move, ...]


class PseudoResistanceCheck(NamedTuple):
    """One item of the pseudo-resistance checklist."""

    check: str
    status: str
    """``present``, ``possible``, ``none_found``, ``not_assessed``."""
    blocks_staging: bool
    detail: str
    evidence: tuple[Evidence, ...]
    trials: tuple[str, ...] = ()


class NextStep(NamedTuple):
    """A step the source text names for this situation; never a prescription."""

    action: str
    detail: str
    because: tuple[str, ...]
    """Rule ids."""
    sources: tuple[str, ...]
    trials: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SafetyFlag:
    """Something to look at before anything else."""

    flag: str
    detail: str
    date: PartialDate | None
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Biomarker:
    """A marker shown for its mechanism; it never changes a stage."""

    marker: str
    value: Decimal
    unit: str
    date: PartialDate | None
    reading: str
    evidence: tuple[Evidence, ...]


class ScorePoint(NamedTuple):
    """One score of the record, for the timeline."""

    scale: str
    value: Decimal
    date: PartialDate
    band: str | None
    evidence: tuple[Evidence, ...]


class Finding(NamedTuple):
    """One rule applied: its verdict, the facts it used and the sources it stands on."""

    rule: str
    """Id of ``tables/rules.toml``."""
    verdict: Verdict
    statement: str
    """The rule applied to this record, in one sentence."""
    subject: str | None
    """Trial or procedure id; None for the record as a whole."""
    facts: tuple[Evidence, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesetUsed:
    """The ruleset a report was computed with."""

    name: str
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletenessReport:
    """How much was read, and how much of it lies after ``as_of``."""

    resources_read: int
    resources_total: int
    after_as_of: int
    incomplete: tuple[IncompleteRead, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisLine:
    """A diagnosis the report rests on."""

    category: str
    label: str
    code: str
    verification: Verification
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientReference:
    """The patient the report is about, by reference only."""

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StagingReport:
    """Everything the core says about one record at one date."""

    schema: str
    as_of: str
    ruleset: RulesetUsed
    patient: PatientReference
    completeness: CompletenessReport
    episode: Episode | None
    diagnoses: tuple[DiagnosisLine, ...]
    trials: tuple[Trial, ...]
    excluded_exposures: tuple[ExcludedExposure, ...]
    augmentations: tuple[Augmentation, ...]
    earlier_trials: tuple[Trial, ...]
    procedures: tuple[Procedure, ...]
    scores: tuple[ScorePoint, ...]
    staging: Staging
    staging_blocked_by: tuple[str, ...]
    """Rule ids of the diagnoses that block staging; empty where it is not blocked."""
    assumptions: tuple[str, ...]
    missing_facts: tuple[MissingFact, ...]
    pseudo_resistance: tuple[PseudoResistanceCheck, ...]
    next_steps: tuple[NextStep, ...]
    safety: tuple[SafetyFlag, ...]
    biomarkers: tuple[Biomarker, ...]
    findings: tuple[Finding, ...]
    asserted: tuple[Assertion, ...]
    issues: tuple[Issue, ...]

    def trial(self, trial_id: str) -> Trial | None:
        """The trial with this id, of this episode or an earlier one."""
        for trial in self.trials + self.earlier_trials:
            if trial.id == trial_id:
                return trial
        return None

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values, in the shape of ``contract.md``."""
        return _object(self)


def _same(value: Any) -> Any:
    return value


def _number(value: Decimal) -> int | float:
    return int(value) if value == value.to_integral_value() else float(value)


def _list(value: Iterable[Any]) -> list[Any]:
    return [_plain(item) for item in value]


def _by_key(value: dict[Any, Any]) -> dict[Any, Any]:
    return {key: _plain(item) for key, item in value.items()}


def _range(value: DayRange) -> dict[str, Any]:
    return {"low": value.low, "high": value.high}


def _enum_value(value: Enum) -> Any:
    return value.value


def _percent(value: Decimal | None) -> float | None:
    return None if value is None else float(round(value, _PERCENT_DECIMALS))


def _run(value: tuple[date, date] | None) -> dict[str, str] | None:
    return value and {"start": value[0].isoformat(), "end": value[1].isoformat()}


def _object(value: Any) -> dict[str, Any]:
    return {key: write(getattr(value, name)) for name, key, write in _fields_of(type(value))}


def _fields_of(kind: type) -> _Fields:
    """Each field with its name in the JSON and what writes it."""
    found = _FIELDS.get(kind)
    if found is None:
        found = _FIELDS[kind] = tuple(
            (name, name.rstrip("_"), _BY_NAME.get(name, _plain)) for name in _names(kind)
        )
    return found


def _names(kind: type) -> tuple[str, ...]:
    """The fields of a named tuple or of a dataclass; none of another type."""
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    return getattr(kind, "_fields", ())


_FIELDS: dict[type, _Fields] = {}
_BY_NAME: dict[str, Callable[[Any], Any]] = {"percent_reduction": _percent, "adequate_run": _run}
_BY_TYPE: dict[type, Callable[[Any], Any]] = {
    str: _same,
    int: _same,
    bool: _same,
    float: _same,
    type(None): _same,
    Decimal: _number,
    PartialDate: str,
    Evidence: str,
    date: str,
    DayRange: _range,
    dict: _by_key,
    tuple: _list,
    list: _list,
}


def _plain(value: Any) -> Any:
    """``value`` in plain JSON values."""
    kind = type(value)
    writer = _BY_TYPE.get(kind)
    if writer is None:
        writer = _BY_TYPE[kind] = _writer_of(kind)
    return writer(value)


def _writer_of(kind: type) -> Callable[[Any], Any]:
    if _names(kind):
        return _object
    if issubclass(kind, Enum):
        return _enum_value
    raise TypeError(f"no JSON form for {kind.__name__}")
