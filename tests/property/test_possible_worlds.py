"""The bounds hold whatever the truth is: a record made more precise stays inside them.

Each history is completed at random, the way the truth might have been: a month becomes a
day, an unknown end a date, an unknown dose a dose, an open adherence an answer, an unknown
side of ECT a side. What then is proven may not lie below what was proven, nor what is
possible above what was.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.record import (
    EndBasis,
    Exposure,
    ExposureSource,
    TreatmentRecord,
)
from assistant.staging.report import StagingReport
from assistant.staging.verdicts import Verdict
from tests.property.agreement import METHODS, staged
from tests.property.generate import DOSES, History, history
from tests.property.test_invariants import rank, stages

_HISTORIES = 400
_A_SHARE = 100
_WORLDS = 3


def _day(when: PartialDate, rng: Random, not_before: date | None = None) -> PartialDate:
    first = max(when.earliest, not_before or when.earliest)
    last = max(when.latest, first)
    return PartialDate.of(first + timedelta(days=rng.randrange((last - first).days + 1)))


def _true_dates(exposure: Exposure, as_of: date, rng: Random) -> Exposure:
    assert exposure.start is not None
    start, end, basis = exposure.start, exposure.end, exposure.end_basis
    if end is None and basis is EndBasis.UNKNOWN:
        end, basis = PartialDate(start.earliest, as_of, "unknown"), EndBasis.STATED
    if end is not None and not start.is_exact:
        start = replace(start, latest=min(start.latest, end.latest))
    start = _day(start, rng)
    if end is not None:
        end = _day(end, rng, start.earliest)
    return replace(exposure, start=start, end=end, end_basis=basis)


def _true_adherence(record: TreatmentRecord, rng: Random) -> dict[str, Verdict]:
    """An answer for each drug of which no entry says anything and that has no fills."""
    told = {
        e.drug
        for e in record.exposures
        if e.source is ExposureSource.DISPENSE or e.adherence in (Verdict.MET, Verdict.NOT_MET)
    }
    open_drugs = sorted({e.drug for e in record.exposures} - told)
    return {drug: rng.choice((Verdict.MET, Verdict.NOT_MET)) for drug in open_drugs}


def _world(made: History, rng: Random) -> History:
    answers = _true_adherence(made.record, rng)
    doses = {drug: Dose.exactly(Decimal(rng.choice(listed))) for drug, listed in DOSES.items()}
    side = rng.choice(("bilateral", "unilateral"))
    record = replace(
        made.record,
        exposures=tuple(
            replace(
                _true_dates(e, made.as_of, rng),
                adherence=answers.get(e.drug, e.adherence),
                dose=e.dose or doses[e.drug],
            )
            for e in made.record.exposures
        ),
        sessions=tuple(
            replace(s, laterality=side) if s.laterality == "unknown" else s
            for s in made.record.sessions
        ),
        diagnoses=tuple(
            replace(d, onset=_day(d.onset, rng)) if d.onset else d for d in made.record.diagnoses
        ),
    )
    return replace(made, record=record)


def _combined_otherwise(before: StagingReport, after: StagingReport) -> bool:
    """What the bounds do not reach, by their reading of combinations.

    Two drugs are a combination only where the dates prove it. The one failure of a
    combination stands with its first drug, until that one is known not to have failed.
    """
    if [(t.drug, t.role) for t in before.trials] != [(t.drug, t.role) for t in after.trials]:
        return True
    return any(
        old.role == "combination" and old.failed == "no" and new.failed != "no"
        for old, new in zip(before.trials, after.trials, strict=True)
    )


def _outside(made: History, world: History) -> Iterator[str]:
    before, after = staged(made), staged(world)
    if _combined_otherwise(before, after):
        return
    told, true = stages(before), stages(after)
    for method in METHODS:
        low, high = told[method]["at_least"], told[method]["at_most"]
        true_low, true_high = true[method]["at_least"], true[method]["at_most"]
        if low is not None and (true_low is None or rank(method, true_low) < rank(method, low)):
            yield f"{method}: at least {low}, yet {true_low}"
        if true_high is not None and (high is None or rank(method, true_high) > rank(method, high)):
            yield f"{method}: at most {high}, yet {true_high}"


@pytest.mark.parametrize("first", range(0, _HISTORIES, _A_SHARE))
def test_the_truth_lies_within_the_bounds(first: int) -> None:
    wrong = {}
    for seed in range(first, first + _A_SHARE):
        made, rng = history(Random(seed)), Random(seed)
        for _ in range(_WORLDS):
            if found := list(_outside(made, _world(made, rng))):
                wrong[seed] = found
    assert not wrong, f"{len(wrong)} histories, for one: {next(iter(wrong.items()))}"
