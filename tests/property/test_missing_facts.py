"""What the report says a missing fact would do is what happens once it is asserted."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from assistant.staging.engine import stage
from assistant.staging.record import Assertion
from assistant.staging.report import MissingFact, Move, StagingReport, Trial
from assistant.staging.ruleset import load_ruleset
from tests.property.agreement import METHODS, staged
from tests.property.generate import History, history
from tests.property.second_opinion import LEVELS

_HISTORIES = 60
_A_SHARE = 30


def _asserted(made: History, assertions: list[Assertion]) -> StagingReport:
    return stage(
        made.record,
        as_of=made.as_of,
        ruleset=load_ruleset(made.ruleset),
        assertions=assertions,
    )


def _told(report: StagingReport, move: Move) -> str:
    value = getattr(getattr(report.staging, move.method), move.bound)
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return "none" if value is None else str(value)


# --- an answer in words as an assertion ----------------------------------------------------


def _answers(
    fact: str, words: str, report: StagingReport, trial: Trial | None, procedure: str | None
) -> Iterator[Assertion]:
    """Assertions that say ``words``; for a date, every one that may turn out to say so."""
    name = trial.id if trial else None
    if fact in ("start", "end") and trial is not None:
        for day in _days_of(fact, trial, report):
            yield Assertion(fact=fact, value=day.isoformat(), trial=name)
        return
    value: object = words
    if fact == "dose" and trial is not None:
        floor = trial.min_adequate_dose_mg
        assert floor is not None
        value = str(floor if words == "at or above the floor" else floor / 2)
    elif fact == "onset":
        value = _onset(words, date.fromisoformat(report.as_of))
    elif fact == "indication":
        value = "depression" if words == "depression" else "pain"
    yield Assertion(fact=fact, value=value, trial=name, procedure=procedure)


def _days_of(fact: str, trial: Trial, report: StagingReport) -> Iterator[date]:
    """Days the trial can have begun or ended on, as the record bounds them."""
    assert trial.start is not None
    if fact == "start":
        first, last = trial.start.earliest, trial.start.latest
    elif trial.end is not None:
        first, last = trial.end.earliest, trial.end.latest
    else:
        first, last = trial.start.latest, date.fromisoformat(report.as_of)
    last = min(last, date.fromisoformat(report.as_of))
    for offset in range((last - first).days + 1):
        yield first + timedelta(days=offset)


def _onset(words: str, as_of: date) -> str:
    months = {"up": 6, "12": 18, "more": 30}[words.split(maxsplit=1)[0]]
    year, month = divmod(as_of.year * 12 + as_of.month - 1 - months, 12)
    return date(year, month + 1, 1).isoformat()


_TOWARD_FAILURE = {
    "adherence": "met",
    "dose": "at or above the floor",
    "outcome": "non_response",
    "indication": "depression",
    "start": "long enough",
    "end": "long enough",
}


def _duration_says(words: str, replayed: StagingReport, trial: Trial) -> bool:
    told = replayed.trial(trial.id)
    wanted = {"long enough": "met", "too short": "not_met"}.get(words)
    return wanted is None or (told is not None and told.adequacy.duration == wanted)


def _replays(
    made: History, report: StagingReport, fact: MissingFact, move: Move
) -> Iterator[StagingReport]:
    """Reports with the answer asserted, alone or with what must be known beside it."""
    trial = report.trial(fact.trial) if fact.trial else None
    beside = [
        next(_answers(name, _TOWARD_FAILURE[name], report, trial, None))
        for name in move.with_
        if name not in ("start", "end")
    ]
    dates = [name for name in move.with_ if name in ("start", "end")]
    for answer in _answers(fact.fact, move.if_, report, trial, fact.procedure):
        others = [
            dated for name in dates for dated in _answers(name, "long enough", report, trial, None)
        ] or [None]
        for other in others:
            given = [answer, *beside, *([other] if other else [])]
            replayed = _asserted(made, given)
            words = move.if_ if fact.fact in ("start", "end") else "long enough" if other else ""
            if trial is None or _duration_says(words, replayed, trial):
                yield replayed


# --- the tests -----------------------------------------------------------------------------


@pytest.mark.parametrize("first", range(0, _HISTORIES, _A_SHARE))
def test_asserting_a_missing_fact_moves_the_bound_as_the_report_says(first: int) -> None:
    wrong = []
    for seed in range(first, first + _A_SHARE):
        made = history(Random(seed))
        report = staged(made)
        for fact in report.missing_facts:
            wrong += [(seed, fact.fact, *found) for found in _not_as_told(made, report, fact)]
    assert not wrong, f"{len(wrong)} moves, for one: {wrong[0]}"


def _not_as_told(
    made: History, report: StagingReport, fact: MissingFact
) -> Iterator[tuple[Move, set[str]]]:
    replayed: dict[tuple[str, tuple[str, ...]], list[StagingReport]] = {}
    for move in fact.moves:
        assert move.from_ == _told(report, move)
        key = (move.if_, move.with_)
        if key not in replayed:
            replayed[key] = list(_replays(made, report, fact, move))
        reached = {_told(r, move) for r in replayed[key]}
        if move.to not in reached and not _told_more(report, fact, move, reached):
            yield move, reached


def _told_more(report: StagingReport, fact: MissingFact, move: Move, reached: set[str]) -> bool:
    """A day says more than that a trial was long enough.

    It also counts days toward a chronic course and an optimised dose; and where start
    and end are both open, one of them may not settle the duration by itself.
    """
    if not {"start", "end"} & {fact.fact, *move.with_}:
        return False
    trial = report.trial(fact.trial or "")
    both_open = trial is not None and not (trial.start and trial.start.is_exact)
    return move.method in ("mgh_s", "european") or (both_open and not reached)


@pytest.mark.parametrize("first", range(0, _HISTORIES, _A_SHARE))
def test_adherence_that_is_not_listed_as_missing_moves_nothing_by_itself(first: int) -> None:
    for seed in range(first, first + _A_SHARE):
        made = history(Random(seed))
        report = staged(made)
        listed = {(f.fact, f.trial) for f in report.missing_facts}
        for trial in report.trials:
            if trial.adequacy.adherence != "unknown" or ("adherence", trial.id) in listed:
                continue
            for answer in ("met", "not_met"):
                given = Assertion(fact="adherence", value=answer, trial=trial.id)
                after = _asserted(made, [given]).staging
                for method in METHODS:
                    for level in LEVELS:
                        assert getattr(getattr(after, method), level) == getattr(
                            getattr(report.staging, method), level
                        ), (seed, trial.id, answer, method, level)
