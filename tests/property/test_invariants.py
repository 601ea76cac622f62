"""What may change in how a record is written without changing what it says."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.staging.dates import PartialDate
from assistant.staging.record import (
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    Score,
    TreatmentRecord,
)
from assistant.staging.report import StagingReport
from tests.lib.commands import python
from tests.property.agreement import METHODS, staged
from tests.property.generate import History, histories, history
from tests.property.second_opinion import LEVELS

_FACTS = ("exposures", "scores", "diagnoses", "sessions", "labs", "reactions", "suicidality")
_ORDER: dict[str, Sequence[Any]] = {
    "trd": ("no", "yes"),
    "trd_without_class_rule": ("no", "yes"),
    "source_stage": ("0", "I", "II"),
    "thase_rush": ("0", "I", "II", "III", "IV", "V"),
    "gsrd": ("none", "non_responder", "trd"),
    "european": ("0", "A", "TRD1", "TRD2", "TRD3", "TRD4", "TRD5", "CRD"),
}
steady = settings(max_examples=80, deadline=None, derandomize=True)


def rank(method: str, value: object) -> object:
    """Where a value stands in its method's order."""
    return _ORDER[method].index(str(value)) if method in _ORDER else value


def stages(report: StagingReport) -> dict[str, dict[str, Any]]:
    """Every method's bounds, as plain values."""
    told = report.to_json()["staging"]
    return {method: {level: told[method][level] for level in LEVELS} for method in METHODS}


def _with_facts(record: TreatmentRecord, change: Any) -> TreatmentRecord:
    return replace(record, **{name: change(getattr(record, name)) for name in _FACTS})


def _bytes(report: StagingReport) -> str:
    return json.dumps(report.to_json(), sort_keys=True)


@steady
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_facts_changes_nothing(made: History, rng: Random) -> None:
    def shuffled(facts: tuple) -> tuple:
        return tuple(rng.sample(facts, len(facts)))

    other = replace(made, record=_with_facts(made.record, shuffled))
    assert _bytes(staged(other)) == _bytes(staged(made))


@steady
@given(histories())
def test_the_same_fact_twice_changes_nothing(made: History) -> None:
    other = replace(made, record=_with_facts(made.record, lambda facts: facts + facts))
    assert _bytes(staged(other)) == _bytes(staged(made))


@steady
@given(histories())
def test_a_use_or_score_recorded_again_under_another_id_changes_no_stage(made: History) -> None:
    record = made.record
    again = replace(
        record,
        exposures=record.exposures + tuple(_renamed(e, "copy") for e in record.exposures),
        scores=record.scores + tuple(_renamed(s, "copy") for s in record.scores),
        diagnoses=record.diagnoses + tuple(_renamed(d, "copy") for d in record.diagnoses),
    )
    assert stages(staged(replace(made, record=again))) == stages(staged(made))


@steady
@given(histories(), st.data())
def test_splitting_a_period_in_two_changes_no_stage_and_no_day(
    made: History, data: st.DataObject
) -> None:
    whole = [e for e in made.record.exposures if _can_be_split(e, made)]
    if not whole:
        return
    chosen = data.draw(st.sampled_from(whole))
    split = replace(
        made.record,
        exposures=(
            *(e for e in made.record.exposures if e is not chosen),
            *_halves(chosen, made, data),
        ),
    )
    before, after = staged(made), staged(replace(made, record=split))
    assert stages(after) == stages(before)
    assert [(t.drug, t.start, t.end, t.days_at_adequate_dose, t.failed) for t in after.trials] == [
        (t.drug, t.start, t.end, t.days_at_adequate_dose, t.failed) for t in before.trials
    ]


def _can_be_split(exposure: Exposure, made: History) -> bool:
    """To the day, and the only entry that tells of the drug in its time.

    A fill cut in two would be two fills; one of two strengths cut in two would begin
    after the other, which then may or may not be replaced.
    """
    if exposure.source is ExposureSource.DISPENSE or exposure.start is None:
        return False
    end = exposure.end or PartialDate.of(made.as_of)
    others = [
        e
        for e in made.record.exposures
        if e is not exposure and e.drug == exposure.drug and e.source is not ExposureSource.DISPENSE
    ]
    alone = not any(
        e.start and e.start.earliest <= end.latest and (not e.end or e.end.latest >= first)
        for e in others
        if (first := exposure.start.earliest)
    )
    known = exposure.start.is_exact and end.is_exact and exposure.end_basis != "unknown"
    return alone and known and min(end.earliest, made.as_of) > exposure.start.earliest


def _halves(exposure: Exposure, made: History, data: st.DataObject) -> Iterator[Exposure]:
    assert exposure.start is not None
    first = exposure.start.earliest
    last = min(exposure.end.earliest if exposure.end else made.as_of, made.as_of)
    cut = first + timedelta(days=data.draw(st.integers(0, (last - first).days - 1)))
    yield replace(
        exposure,
        end=PartialDate.of(cut),
        end_basis=type(exposure.end_basis).STATED,
        status=ExposureStatus.COMPLETED,
        stop_reason=None,
    )
    yield _renamed(replace(exposure, start=PartialDate.of(cut + timedelta(days=1))), "half")


@steady
@given(histories())
def test_a_bound_never_stands_above_the_next(made: History) -> None:
    assert_bounds_in_order(staged(made))


def assert_bounds_in_order(report: StagingReport) -> None:
    """At least, working, at most: in each method's order, as far as they are told."""
    for method, told in stages(report).items():
        ranks = [rank(method, told[level]) for level in LEVELS if told[level] is not None]
        assert ranks == sorted(ranks), (method, told)
        open_ended = method == "mgh_s" and report.completeness.incomplete
        if told["at_least"] is not None and not open_ended:
            assert told["at_most"] is not None, (method, told)


@steady
@given(histories(), histories(), st.integers(1, 400))
def test_nothing_dated_after_the_staging_date_changes_anything(
    made: History, later: History, days: int
) -> None:
    def dated(fact: Any) -> Any:
        when = PartialDate.of(made.as_of + timedelta(days=days))
        moved = _renamed(fact, "later")
        if isinstance(fact, Exposure):
            return replace(moved, start=when, end=None)
        if isinstance(fact, Score):
            return replace(moved, date=when)
        if hasattr(fact, "onset"):
            return replace(moved, onset=None, recorded=when)
        return replace(moved, date=when)

    added = replace(
        made.record,
        **{
            name: getattr(made.record, name) + tuple(dated(f) for f in getattr(later.record, name))
            for name in ("exposures", "scores", "diagnoses", "sessions")
        },
    )
    before, after = staged(made).to_json(), staged(replace(made, record=added)).to_json()
    counted = after["completeness"].pop("after_as_of") - before["completeness"].pop("after_as_of")
    assert counted == sum(
        len(getattr(later.record, name))
        for name in ("exposures", "scores", "diagnoses", "sessions")
    )
    assert after == before


def _renamed(fact: Any, prefix: str) -> Any:
    evidence = tuple(
        Evidence(
            reference=e.reference.replace("/", f"/{prefix}-"),
            element=e.element,
            attribute=e.attribute,
        )
        for e in fact.evidence
    )
    return replace(fact, evidence=evidence)


@steady
@given(histories(), st.randoms(use_true_random=False))
def test_other_ids_change_nothing_but_the_ids(made: History, rng: Random) -> None:
    def renamed(facts: tuple) -> tuple:
        return tuple(_renamed(fact, f"{rng.randrange(10**6):06}") for fact in facts)

    other = replace(made, record=_with_facts(made.record, renamed))
    before, after = (_without_ids(staged(h).to_json()) for h in (made, other))
    for told in (before, after):
        told["diagnoses"].sort(key=str)  # listed by id
    assert after == before


def _without_ids(value: Any) -> Any:
    """A report without what names an entry of the record."""
    if isinstance(value, dict):
        named = {"evidence", "facts", "basis", "resource", "problem", "statement", "reasons"}
        return {key: _without_ids(item) for key, item in value.items() if key not in named}
    if isinstance(value, list):
        return [_without_ids(item) for item in value]
    return value


# --- removing an element -------------------------------------------------------------------


def _blanked(exposure: Exposure) -> Iterator[tuple[str, Exposure]]:
    """The entry without one of its elements."""
    unknown = type(exposure.end_basis).UNKNOWN
    yield "dose", replace(exposure, dose=None)
    yield "start", replace(exposure, start=None)
    yield "end", replace(exposure, end=None, end_basis=unknown)
    yield "period", replace(exposure, start=None, end=None, end_basis=unknown)
    yield "stop reason", replace(exposure, stop_reason=None)
    yield "adherence", replace(exposure, adherence=None)


def _verdict(report: StagingReport) -> str:
    """Treatment resistance as proven, excluded or open."""
    told = report.staging.trd
    if told.at_least == "yes":
        return "yes"
    return "no" if told.at_most == "no" else "unknown"


def _alone(made: History) -> list[Exposure]:
    """The entries that stand alone for their drug.

    Beside another entry the element may be told by that one, and a contradiction may go with it.
    """
    told = [e.drug for e in made.record.exposures]
    return [e for e in made.record.exposures if told.count(e.drug) == 1]


def _assert_same_or_open(made: History, chosen: Exposure) -> None:
    """Without any one element of ``chosen``: never another definite verdict."""
    before = _verdict(staged(made))
    for element, blanked in _blanked(chosen):
        others = tuple(e for e in made.record.exposures if e is not chosen)
        record = replace(made.record, exposures=(*others, blanked))
        after = staged(replace(made, record=record))
        assert _verdict(after) in (before, "unknown"), element


@settings(steady, max_examples=300)
@given(histories(), st.data())
def test_an_entry_without_one_of_its_elements_leaves_the_verdict_or_opens_it(
    made: History, data: st.DataObject
) -> None:
    alone = _alone(made)
    if alone:
        _assert_same_or_open(made, data.draw(st.sampled_from(alone)))


@pytest.mark.parametrize(
    ("seed", "drug"),
    [
        pytest.param(220, "duloxetine", id="may-have-run-beside-the-next-as-a-combination"),
        pytest.param(312, "duloxetine", id="may-have-closed-the-window-of-a-combinations-first"),
    ],
)
def test_a_drug_of_unknown_dates_settles_no_verdict_by_the_others(seed: int, drug: str) -> None:
    made = history(Random(seed))
    (chosen,) = [e for e in _alone(made) if e.drug == drug]
    _assert_same_or_open(made, chosen)


@steady
@given(histories())
def test_onset_severity_and_laterality_can_go_without_another_definite_verdict(
    made: History,
) -> None:
    before = staged(made)
    record = replace(
        made.record,
        diagnoses=tuple(replace(d, onset=None, severity=None) for d in made.record.diagnoses),
        sessions=tuple(replace(s, laterality="unknown") for s in made.record.sessions),
    )
    after = staged(replace(made, record=record))
    assert _verdict(after) == _verdict(before)
    assert stages(after)["source_stage"] == stages(before)["source_stage"]


@steady
@given(histories(), st.data())
def test_a_score_taken_away_changes_a_trial_only_through_the_scores_it_is_measured_by(
    made: History, data: st.DataObject
) -> None:
    """Another definite verdict needs another baseline or endpoint, which the trial then cites."""
    if not made.record.scores:
        return
    gone = data.draw(st.sampled_from(made.record.scores))
    record = replace(made.record, scores=tuple(s for s in made.record.scores if s is not gone))
    before, after = staged(made), staged(replace(made, record=record))
    if {t.id for t in before.earlier_trials} != {t.id for t in after.earlier_trials}:
        return  # the score separated two episodes
    for old, new in zip(before.trials, after.trials, strict=True):
        if {str(old.failed), str(new.failed)} == {"yes", "no"}:
            assert old.outcome.evidence != new.outcome.evidence


# --- the same bytes ------------------------------------------------------------------------

_DIGEST = """
import hashlib, json
from random import Random
from tests.property.agreement import staged
from tests.property.generate import history
told = [json.dumps(staged(history(Random(seed))).to_json()) for seed in range(40)]
print(hashlib.sha256("".join(told).encode()).hexdigest())
"""


def test_the_same_record_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    digests = set()
    for seed, zone in (
        ("0", "UTC"),
        ("1", "UTC"),
        ("random", "Pacific/Kiritimati"),
        ("random", "America/Adak"),
    ):
        monkeypatch.setenv("PYTHONHASHSEED", seed)
        monkeypatch.setenv("TZ", zone)
        done = python(_DIGEST)
        assert done.exit == 0, done.err
        digests.add(done.out.strip())
    assert len(digests) == 1
