"""What can be asked: a closed set of typed steps.

A planner, of rules or a model, may only produce these; whatever it cannot say
with them it cannot do.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from assistant.staging.record import Assertion


class Topic(StrEnum):
    """A part of the staging report that can be explained."""

    TRD = "trd"
    STAGE = "stage"
    TRIAL = "trial"
    TRIALS = "trials"
    FAILED_COUNT = "failed_count"
    TRIAL_DOSE = "trial_dose"
    TRIAL_LENGTH = "trial_length"
    TRIAL_START = "trial_start"
    TRIAL_END = "trial_end"
    TRIAL_ADHERENCE = "trial_adherence"
    TRIAL_OUTCOME = "trial_outcome"
    TRIAL_STOP = "trial_stop"
    TRIAL_ADEQUATE = "trial_adequate"
    DRUG_CLASS = "drug_class"
    DRUG_FLOOR = "drug_floor"
    CURRENT = "current"
    SCORES = "scores"
    MISSING = "missing"
    ASSUMPTIONS = "assumptions"
    EPISODE = "episode"
    PERSISTENT = "persistent"
    DIAGNOSES = "diagnoses"
    CHECKS = "checks"
    NEXT_STEPS = "next_steps"
    SAFETY = "safety"
    EXCLUDED = "excluded"
    AUGMENTATION = "augmentation"
    PROCEDURES = "procedures"
    BIOMARKERS = "biomarkers"
    COMPLETENESS = "completeness"
    SUMMARY = "summary"
    BETWEEN = "between"
    BEST = "best"
    DISTANCE = "distance"
    UNTRIED = "untried"


LAST_TRIAL = "last"
"""Stands for the latest trial of the episode."""
FIRST_TRIAL = "first"
EARLIER_TRIALS = "earlier"
"""All trials but the latest."""
LATER_TRIALS = "later"
"""All trials but the first."""
CURRENT_TRIAL = "current"
"""Stands for what is being taken; for every trial where nothing is."""


class Bound(StrEnum):
    """Which of the three readings of a stage is asked for."""

    WORKING = "working"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"


class Aggregate(StrEnum):
    """What is made of the entries found."""

    FIRST = "first"
    LAST = "last"
    COUNT = "count"
    LIST = "list"
    EXISTS = "exists"
    HIGHEST = "highest"
    LOWEST = "lowest"
    MEAN = "mean"
    TREND = "trend"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Wall-clock bounds, both included; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def contains(self, moment: datetime) -> bool:
        """Whether ``moment`` lies inside."""
        after = self.start is None or moment >= self.start
        return after and (self.end is None or moment <= self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explain:
    """A part of the report, optionally of one trial, method or check."""

    topic: Topic
    trials: tuple[str, ...] = ()
    """Trial ids; empty for the record as a whole."""
    drugs: tuple[str, ...] = ()
    """Drugs named that are no trial of this record."""
    methods: tuple[str, ...] = ()
    bound: Bound = Bound.WORKING
    subject: str = ""
    """Check, scale, unit or other word the topic takes."""
    aggregate: Aggregate | None = None
    window: Window | None = None
    why: bool = False
    claimed: str = ""
    """A stage that the question takes for granted or asks to confirm."""
    yes_no: bool = False
    asked: str = ""
    """What is asked of it where it is not the thing itself: ``when``, ``worked``, ``side``."""


class Attribute(StrEnum):
    """What is asked of the entries found."""

    NAME = "name"
    TIME = "time"
    END = "end"
    VALUE = "value"
    DOSE = "dose"
    ROUTE = "route"
    STATUS = "status"
    TYPE = "type"
    CAREUNIT = "careunit"
    DURATION = "duration"
    ORGANISM = "organism"
    REASON = "reason"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Entries of the chart of one kind, and what is asked of them."""

    kind: str
    """As in ``chart.py``: ``prescription``, ``diagnosis``, ``admission`` …"""
    names: tuple[str, ...] = ()
    """Names or codes as the chart carries them; several mean any of them."""
    named: bool = False
    """A name was asked for that the chart may not carry."""
    route: str | None = None
    window: Window | None = None
    aggregate: Aggregate = Aggregate.LAST
    attribute: Attribute = Attribute.ENTRY
    above: float | None = None
    below: float | None = None
    abnormal: bool | None = None
    daily: bool = False
    """The total daily dose is asked for, not the dose as written."""
    current: bool = False
    """Only what is running at the moment asked about."""
    distinct: bool = False
    """Count each drug once, however often it was ordered."""
    running: bool = False
    """What was going on in the window, not only what began in it."""
    reasons: tuple[str, ...] = ()
    """What a medicine was given for, as the chart carries it."""
    each: bool = False
    """The last of each test is asked for, not the last of all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Knowledge:
    """A question to the sources alone."""

    query: str
    of_record: bool = False
    """A fact of this patient is asked for, which no source can know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """Facts supposed, and what is asked under them."""

    assertions: tuple[Assertion, ...]
    then: Explain


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm:
    """Facts the clinician stated, to be confirmed before they are used."""

    assertions: tuple[Assertion, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refuse:
    """Outside what the assistant may do."""

    kind: str
    """``prescribing``, ``other_patient``, ``legal``, ``off_topic``, ``instructions``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clarify:
    """The question can be read in ways that differ; the reply asks which."""

    options: tuple[str, ...]


Step = Explain | Lookup | Knowledge | WhatIf | Confirm | Refuse | Clarify


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryPlan:
    """The steps of one question, in the order they are answered."""

    steps: tuple[Step, ...]
    emergency: bool = False
    """The fixed emergency text comes first."""
    notes: tuple[str, ...] = field(default=())
    """What the planner corrected: a false premise, a misspelt drug."""

    def to_json(self) -> list[dict[str, Any]]:
        """The plan as plain values, for the answer's ``plan``."""
        return [_step_json(step) for step in self.steps]


def _step_json(step: Step) -> dict[str, Any]:
    shown: dict[str, Any] = {"step": type(step).__name__.lower()}
    for name in step.__dataclass_fields__:
        value = getattr(step, name)
        if name == "query" or value in (None, (), "", False):
            continue
        shown[name] = _plain(value)
    return shown


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Window):
        return {
            "start": value.start.isoformat() if value.start else None,
            "end": value.end.isoformat() if value.end else None,
        }
    if isinstance(value, Assertion):
        return {"fact": value.fact, "trial": value.trial, "drug": value.drug, "value": value.value}
    if isinstance(value, Explain):
        return _step_json(value)
    return value
