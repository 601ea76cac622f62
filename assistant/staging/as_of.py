"""The record as it stood on the staging date: nothing dated later is used."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from assistant.staging.dates import PartialDate
from assistant.staging.record import (
    Diagnosis,
    DrugReaction,
    EndBasis,
    Evidence,
    Exposure,
    LabResult,
    Score,
    SuicidalitySign,
    TreatmentRecord,
    TreatmentSession,
)

_Fact = TypeVar("_Fact", Exposure, Score, Diagnosis, TreatmentSession, LabResult, DrugReaction,
                SuicidalitySign)  # fmt: skip


class RecordAsOf(NamedTuple):
    """A record cut at a date, and how many resources lie after it."""

    record: TreatmentRecord
    after: int


def cut(record: TreatmentRecord, as_of: date) -> RecordAsOf:
    """The facts dated up to ``as_of``, each once, as much as they say of that day.

    A planned end after it is left open; a dose to be taken as needed is an upper limit.
    """
    later: set[str] = set()

    def known(item_date: PartialDate | None, evidence: Iterable[Evidence]) -> bool:
        if item_date is None or item_date.earliest <= as_of:
            return True
        later.update(e.reference for e in evidence)
        return False

    kept = replace(
        record,
        exposures=tuple(
            _open_if_planned(_at_most_if_as_needed(e), as_of)
            for e in _once(record.exposures)
            if known(e.start, e.evidence)
        ),
        scores=tuple(s for s in _once(record.scores) if known(s.date, s.evidence)),
        diagnoses=tuple(
            _standing_if_ended_later(d, as_of)
            for d in _once(record.diagnoses)
            if known(d.onset or d.recorded, d.evidence)
        ),
        sessions=tuple(s for s in _once(record.sessions) if known(s.date, s.evidence)),
        labs=tuple(x for x in _once(record.labs) if known(x.date, x.evidence)),
        reactions=tuple(r for r in _once(record.reactions) if known(r.date, r.evidence)),
        suicidality=tuple(s for s in _once(record.suicidality) if known(s.date, s.evidence)),
    )
    return RecordAsOf(kept, len(later))


def _once(facts: Sequence[_Fact]) -> Iterable[_Fact]:
    """Each fact once, in the order of their entries' names: a chart may list them in any.

    Facts of different resources differ, so most need no comparison.
    """
    resources = {fact.evidence[0].reference: fact for fact in facts if fact.evidence}
    if len(resources) == len(facts):
        return [resources[reference] for reference in sorted(resources)]
    return sorted(dict.fromkeys(facts), key=_names)


def _names(fact: _Fact) -> list[str]:
    return [f"{entry} {entry.attribute}" for entry in fact.evidence]


def _standing_if_ended_later(diagnosis: Diagnosis, as_of: date) -> Diagnosis:
    if diagnosis.abatement is None or diagnosis.abatement.earliest <= as_of:
        return diagnosis
    return replace(diagnosis, abatement=None, active=True)


def _at_most_if_as_needed(exposure: Exposure) -> Exposure:
    """An order to take a drug as needed says how much was taken at most."""
    dose = exposure.dose
    if not exposure.as_needed or dose is None:
        return exposure
    return replace(exposure, dose=replace(dose, low=Decimal(0), labelled_low=Decimal(0)))


def _open_if_planned(exposure: Exposure, as_of: date) -> Exposure:
    if exposure.end is None or exposure.end.earliest <= as_of:
        return exposure
    return replace(exposure, end=None, end_basis=EndBasis.OPEN)
