"""What the core reads: a patient's treatment record as coded facts.

The adapter fills it; nothing here knows FHIR. Every fact keeps the elements it
was read from as :class:`Evidence`, so each conclusion can be traced to the
record. Names are those of our tables (``tables/``), never codes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.verdicts import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where a fact stands in the record."""

    reference: str
    """``Type/id`` of the resource."""
    element: str
    """Path inside it, zero-based: ``dosage[0].doseAndRate[0].doseQuantity``."""
    attribute: str = ""
    """What it supports of the fact: ``drug``, ``dose``, ``start``, ``end``, ``status`` …"""

    def __str__(self) -> str:
        """``Type/id#element``, the form used in reports."""
        return f"{self.reference}#{self.element}"


def evidence_for(evidence: Iterable[Evidence], *attributes: str) -> tuple[Evidence, ...]:
    """The entries of ``evidence`` that support one of ``attributes``."""
    return tuple([e for e in evidence if e.attribute in attributes])


def each_once(evidence: Iterable[Evidence]) -> tuple[Evidence, ...]:
    """The entries of ``evidence``, each once, in order."""
    listed = tuple(evidence)
    if len(listed) == 1:
        return listed
    return tuple({(e.reference, e.element, e.attribute): e for e in listed}.values())


class ExposureSource(StrEnum):
    """What kind of entry records the use of a drug."""

    STATEMENT = "statement"
    REQUEST = "request"
    DISPENSE = "dispense"
    ADMINISTRATION = "administration"


class ExposureStatus(StrEnum):
    """How far the entry says that the drug was taken."""

    ACTIVE = "active"
    COMPLETED = "completed"
    STOPPED = "stopped"
    ON_HOLD = "on_hold"
    UNKNOWN = "unknown"
    DRAFT = "draft"
    CANCELLED = "cancelled"
    NOT_TAKEN = "not_taken"
    DECLINED = "declined"
    DO_NOT_PERFORM = "do_not_perform"
    ENTERED_IN_ERROR = "entered_in_error"


class EndBasis(StrEnum):
    """How the end of an exposure is known."""

    STATED = "stated"
    SUPPLY = "inferred_from_supply"
    OPEN = "open"
    UNKNOWN = "unknown"


class StopReason(StrEnum):
    """Why a drug was stopped."""

    INEFFICACY = "inefficacy"
    INTOLERANCE = "intolerance"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Indication:
    """What the drug was given for."""

    depression: bool
    label: str
    """In our words: ``depression``, ``enuresis``, ``smoking cessation`` …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """A recorded use of one drug at one daily dose over one period.

    An entry with several dosage steps becomes one exposure a step. ``start`` and
    ``end`` None are dates the record does not give.
    """

    drug: str
    """Ingredient as in the tables, or the name as recorded where no table has it."""
    source: ExposureSource
    status: ExposureStatus
    start: PartialDate | None
    end: PartialDate | None
    end_basis: EndBasis
    dose: Dose | None
    """mg/day; None where the record gives none that can be read."""
    as_needed: bool = False
    route: str | None = None
    release: str | None = None
    """``IR``, ``ER``, ``DR``, ``transdermal`` … of the product, where known."""
    indication: Indication | None = None
    stop_reason: StopReason | None = None
    adherence: Verdict | None = None
    """An adherence statement of the entry itself (R5 ``adherence``); None if it has none."""
    prescribed_product: str | None = None
    """Product name as in our tables, for display (``bupropion hydrobromide``)."""
    set_aside: str = ""
    """Why the adapter holds this entry for no antidepressant use (``look-alike: …``)."""
    trial_default: bool = True
    """False for products that are no antidepressant treatment (Zyban, doxepin 3 mg)."""
    group: str = ""
    """Exposures of one order or visit carry one group: their strengths add up."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One total of a depression rating scale."""

    scale: str
    """Name as in ``tables/scales.toml``: ``HAM-D-17``, ``MADRS``, ``PHQ-9`` …"""
    value: Decimal
    date: PartialDate
    preliminary: bool = False
    evidence: tuple[Evidence, ...] = ()


class Verification(StrEnum):
    """How certain the record is of a diagnosis."""

    CONFIRMED = "confirmed"
    UNCONFIRMED = "unconfirmed"
    REFUTED = "refuted"
    ENTERED_IN_ERROR = "entered_in_error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One coded condition."""

    category: str
    """As in ``tables/checks.toml``: ``depression``, ``bipolar``, ``hypothyroidism`` …"""
    label: str
    """Display name of the code in our tables."""
    code: str = ""
    """``system|code``, for display."""
    active: bool | None = None
    """None where the record does not say."""
    verification: Verification = Verification.CONFIRMED
    onset: PartialDate | None = None
    recorded: PartialDate | None = None
    abatement: PartialDate | None = None
    severity: str | None = None
    """``mild``, ``moderate``, ``severe``."""
    psychotic_features: bool | None = None
    remission: str | None = None
    """``full`` or ``partial`` where the code says so."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentSession:
    """One session (or one entry) of a procedure such as ECT, rTMS or psychotherapy."""

    modality: str
    date: PartialDate | None
    end: PartialDate | None = None
    laterality: str = "unknown"
    """``bilateral``, ``unilateral``, ``unknown``."""
    sessions: int = 1
    done: Verdict = Verdict.MET
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabResult:
    """One laboratory value in the unit of ``tables/labs.csv``."""

    test: str
    """``TSH``, ``free_T4``, ``hs-CRP``, ``sodium``, ``plasma_level:sertraline`` …"""
    value: Decimal | None
    unit: str
    date: PartialDate | None
    comparator: str = ""
    """``<``, ``>`` … as recorded; empty for a plain value."""
    reference_low: Decimal | None = None
    reference_high: Decimal | None = None
    interpretation: str | None = None
    """``low``, ``normal``, ``high``, ``positive``, ``negative`` where coded."""
    evidence: tuple[Evidence, ...] = ()

    @property
    def upper_limit_only(self) -> bool:
        """Whether the laboratory says no more than that the value lies below a figure."""
        return self.comparator in ("<", "<=")

    def is_below(self, limit: Decimal) -> bool:
        """Whether the value is certainly below ``limit``; "less than 10" is below 10."""
        if self.value is None or self.comparator in (">", ">="):
            return False
        return self.value < limit or (self.comparator == "<" and self.value == limit)

    def is_above(self, limit: Decimal) -> bool:
        """Whether the value is certainly above ``limit``; "more than 10" is above 10."""
        if self.value is None or self.upper_limit_only:
            return False
        return self.value > limit or (self.comparator == ">" and self.value == limit)

    def __str__(self) -> str:
        """Value and unit as recorded."""
        return f"{self.comparator}{self.value} {self.unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrugReaction:
    """An allergy, an intolerance or an adverse event tied to a drug."""

    drug: str
    date: PartialDate | None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SuicidalitySign:
    """A recorded sign of suicidal thoughts or behaviour."""

    kind: str
    """``phq9_item_9``, ``coded_ideation``, ``coded_attempt``, ``c_ssrs``."""
    date: PartialDate | None
    detail: str = ""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """Something of the record that could not be read, or that contradicts itself."""

    severity: str
    """``error``: not used; ``warning``: used with care."""
    resource: str
    """``Type/id``, ``entry[i]`` or ``line n``."""
    path: str
    problem: str
    """In our words; no patient data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncompleteRead:
    """A resource type that was not read whole."""

    type: str
    read: int
    total: int | None
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """How much of the record was read."""

    resources_read: int
    resources_total: int
    incomplete: tuple[IncompleteRead, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """The patient, as far as staging needs them."""

    reference: str
    birth_date: PartialDate | None = None
    sex: str | None = None
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentRecord:
    """All facts of one patient that the core reads, in any order."""

    patient: Person
    exposures: tuple[Exposure, ...] = ()
    scores: tuple[Score, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    sessions: tuple[TreatmentSession, ...] = ()
    labs: tuple[LabResult, ...] = ()
    reactions: tuple[DrugReaction, ...] = ()
    suicidality: tuple[SuicidalitySign, ...] = ()
    issues: tuple[Issue, ...] = ()
    completeness: Completeness = field(
        default_factory=lambda: Completeness(resources_read=0, resources_total=0)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A fact the clinician vouches for; never mixed up with the record (contract.md)."""

    fact: str
    value: object
    trial: str | None = None
    drug: str | None = None
    procedure: str | None = None
    author: str = ""
    at: str = ""

    @classmethod
    def from_json(cls, item: Mapping[str, object]) -> "Assertion":
        """Read one entry of an ``--assert`` file.

        Raises:
            ValueError: it is no JSON object, or a key is missing or is not text.
        """
        if not isinstance(item, Mapping):
            raise ValueError("each asserted fact must be a JSON object")  # noqa: TRY004  one error for a bad entry
        fact, value = item.get("fact"), item.get("value")
        if not isinstance(fact, str) or value is None:
            raise ValueError('an asserted fact needs "fact" (text) and "value"')

        def text(key: str) -> str | None:
            found = item.get(key)
            if found is not None and not isinstance(found, str):
                raise ValueError(f'"{key}" of an asserted fact must be text')
            return found

        return cls(
            fact=fact,
            value=value,
            trial=text("trial"),
            drug=text("drug"),
            procedure=text("procedure"),
            author=text("author") or "",
            at=text("at") or "",
        )
