"""The record as it stood on the staging date: nothing dated later is used."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple, TypeVar

from assistant.staging.dates import PartialDate
from assistant.staging.record import (
    Diagnosis,
    DrugReaction,
    EndBasis,
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

    def known(facts: Sequence[_Fact], dates: Sequence[PartialDate | None]) -> tuple[_Fact, ...]:
        are_late = [when is not None and when.earliest > as_of for when in dates]
        if True not in are_late:
            return tuple(facts)
        told = list(zip(facts, are_late, strict=True))
        later.update([e.reference for fact, late in told if late for e in fact.evidence])
        return tuple([fact for fact, late in told if not late])

    exposures, scores = _once(record.exposures), _once(record.scores)
    diagnoses, sessions = _once(record.diagnoses), _once(record.sessions)
    labs, reactions = _once(record.labs), _once(record.reactions)
    signs = _once(record.suicidality)
    kept = replace(
        record,
        exposures=tuple(
            [
                _open_if_planned(_at_most_if_as_needed(e), as_of)
                for e in known(exposures, [e.start for e in exposures])
            ]
        ),
        scores=known(scores, [s.date for s in scores]),
        diagnoses=tuple(
            [
                _standing_if_ended_later(d, as_of)
                for d in known(diagnoses, [d.onset or d.recorded for d in diagnoses])
            ]
        ),
        sessions=known(sessions, [s.date for s in sessions]),
        labs=known(labs, [x.date for x in labs]),
        reactions=known(reactions, [r.date for r in reactions]),
        suicidality=known(signs, [s.date for s in signs]),
    )
    return RecordAsOf(kept, len(later))


def _once(facts: Sequence[_Fact]) -> Sequence[_Fact]:
    """Each fact once, in the order of their entries' names: a chart may list them in any.

    Facts of different resources differ, so most need no comparison.
    """
    if not facts:
        return facts
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
