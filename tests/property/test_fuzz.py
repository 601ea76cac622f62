"""Whatever the record holds, staging answers: it never raises, and its bounds stay in order."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.engine import stage
from assistant.staging.record import (
    Completeness,
    Diagnosis,
    DrugReaction,
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    IncompleteRead,
    Indication,
    LabResult,
    Person,
    Score,
    StopReason,
    SuicidalitySign,
    TreatmentRecord,
    TreatmentSession,
    Verification,
)
from assistant.staging.ruleset import load_ruleset
from assistant.staging.verdicts import Verdict
from tests.property.by_day import drugs
from tests.property.test_invariants import assert_bounds_in_order

_AS_OF = date(2024, 6, 1)
_RULESETS = ("source_text", "source_text_strict", "sforzini_2022", "canada_2021", "register")
_DRUGS = (
    *drugs(),
    "lithium",
    "quetiapine",
    "liothyronine",
    "carbamazepine",
    "zolpidem",
    "unheard-of",
)
_SCALES = (
    "HAM-D-17",
    "HAM-D-21",
    "MADRS",
    "PHQ-9",
    "QIDS-SR16",
    "BDI-II",
    "PHQ-2",
    "CGI-S",
    "EPDS",
    "HADS-D",
    "MDQ",
    "unheard-of",
)
_CATEGORIES = (
    "depression",
    "persistent_depressive_disorder",
    "bipolar",
    "mania",
    "hypomania",
    "psychotic_disorder",
    "hypothyroidism",
    "sleep_apnoea",
    "inflammatory_disorder",
    "nutritional",
    "other_medical",
    "substance_use",
    "anxiety",
    "other_psychiatric",
    "other_mood",
    "nonadherence",
    "underdosing_antidepressant",
    "suicidality",
    "pregnancy",
    "context",
    "unheard-of",
)
_TESTS = (
    "TSH", "free_T4", "hs-CRP", "CRP", "DST", "cortisol", "vitamin_B12", "ferritin", "sodium",
    "lithium", "urine_drug_screen:cocaine", "plasma_level:sertraline", "unheard-of",
)  # fmt: skip


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _dates() -> st.SearchStrategy[PartialDate]:
    """To the day, month or year, now and then far away or after the staging date."""
    near = st.dates(date(2022, 1, 1), date(2025, 6, 30))
    far = st.sampled_from((date(1, 1, 1), date(1900, 2, 28), date(9999, 12, 31)))
    texts = st.one_of(near, near, near, far).flatmap(
        lambda day: st.sampled_from(
            (day.isoformat(), day.isoformat(), day.isoformat()[:7], day.isoformat()[:4])
        )
    )
    return texts.map(PartialDate.parse)


def _numbers(highest: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(0, highest, places=1, allow_nan=False, allow_infinity=False)


def _doses() -> st.SearchStrategy[Dose]:
    exact = st.sampled_from((0, 1, 7.5, 10, 50, 150, 300, 1000)).map(
        lambda mg: Dose.exactly(Decimal(str(mg)))
    )
    ranges = st.tuples(_numbers(400), _numbers(400)).map(lambda pair: Dose.between(*sorted(pair)))
    return exact | ranges


def _evidence() -> st.SearchStrategy[tuple[Evidence, ...]]:
    one = st.builds(
        Evidence,
        reference=st.integers(1, 9).map("Thing/{}".format),
        element=st.sampled_from(("status", "code", "value")),
        attribute=st.sampled_from(("", "drug", "dose", "start", "end", "code")),
    )
    return st.lists(one, max_size=2).map(tuple)


_exposures = st.builds(
    Exposure,
    drug=st.sampled_from(_DRUGS),
    source=st.sampled_from(ExposureSource),
    status=st.sampled_from(ExposureStatus),
    start=_maybe(_dates()),
    end=_maybe(_dates()),
    end_basis=st.sampled_from(EndBasis),
    dose=_maybe(_doses()),
    as_needed=st.booleans(),
    release=st.sampled_from((None, "IR", "ER", "TD")),
    indication=_maybe(
        st.builds(
            Indication, depression=st.booleans(), label=st.sampled_from(("depression", "pain"))
        )
    ),
    stop_reason=_maybe(st.sampled_from(StopReason)),
    adherence=_maybe(st.sampled_from(Verdict)),
    set_aside=st.sampled_from(("", "", "", "look-alike")),
    trial_default=st.sampled_from((True, True, True, False)),
    group=st.sampled_from(("", "g1", "g2")),
    evidence=_evidence(),
)
_scores = st.builds(
    Score,
    scale=st.sampled_from(_SCALES),
    value=_numbers(60),
    date=_dates(),
    preliminary=st.booleans(),
    evidence=_evidence(),
)
_diagnoses = st.builds(
    Diagnosis,
    category=st.sampled_from(_CATEGORIES),
    label=st.just("a label"),
    active=_maybe(st.booleans()),
    verification=st.sampled_from(Verification),
    onset=_maybe(_dates()),
    recorded=_maybe(_dates()),
    abatement=_maybe(_dates()),
    severity=st.sampled_from((None, "mild", "moderate", "severe")),
    psychotic_features=_maybe(st.booleans()),
    remission=st.sampled_from((None, "full", "partial")),
    evidence=_evidence(),
)
_sessions = st.builds(
    TreatmentSession,
    modality=st.sampled_from(("ECT", "ECT", "rTMS", "esketamine", "psychotherapy", "VNS")),
    date=_maybe(_dates()),
    end=_maybe(_dates()),
    laterality=st.sampled_from(("bilateral", "unilateral", "unknown")),
    sessions=st.integers(0, 20),
    done=st.sampled_from(Verdict),
    evidence=_evidence(),
)
_labs = st.builds(
    LabResult,
    test=st.sampled_from(_TESTS),
    value=_maybe(_numbers(200)),
    unit=st.just("unit"),
    date=_maybe(_dates()),
    comparator=st.sampled_from(("", "<", "<=", ">", ">=")),
    reference_low=_maybe(_numbers(5)),
    reference_high=_maybe(_numbers(50)),
    interpretation=st.sampled_from((None, "low", "normal", "high", "positive", "negative")),
    evidence=_evidence(),
)
_reactions = st.builds(
    DrugReaction, drug=st.sampled_from(_DRUGS), date=_maybe(_dates()), evidence=_evidence()
)
_signs = st.builds(
    SuicidalitySign,
    kind=st.sampled_from(("phq9_item_9", "coded_ideation", "coded_attempt", "c_ssrs")),
    date=_maybe(_dates()),
    detail=st.sampled_from(("", "2")),
    evidence=_evidence(),
)
_incomplete = st.builds(
    IncompleteRead,
    type=st.sampled_from(("MedicationRequest", "Procedure", "Condition", "Observation", "*")),
    read=st.integers(0, 5),
    total=_maybe(st.integers(5, 9)),
    why=st.just("the server stopped"),
)


def _some(strategy: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[tuple]:
    return st.lists(strategy, max_size=most).map(tuple)


_records = st.builds(
    TreatmentRecord,
    patient=st.builds(
        Person, reference=st.just("Patient/p"), birth_date=_maybe(_dates()), evidence=_evidence()
    ),
    exposures=_some(_exposures, 6),
    scores=_some(_scores, 5),
    diagnoses=_some(_diagnoses, 4),
    sessions=_some(_sessions, 4),
    labs=_some(_labs, 3),
    reactions=_some(_reactions, 2),
    suicidality=_some(_signs, 2),
    completeness=st.builds(
        Completeness,
        resources_read=st.integers(0, 9),
        resources_total=st.integers(0, 9),
        incomplete=_some(_incomplete, 2),
    ),
)


@settings(max_examples=400, deadline=None, derandomize=True)
@given(_records, st.sampled_from(_RULESETS))
def test_staging_answers_whatever_the_record_holds(record: TreatmentRecord, name: str) -> None:
    report = stage(record, as_of=_AS_OF, ruleset=load_ruleset(name))
    assert_bounds_in_order(report)
    assert json.loads(json.dumps(report.to_json(), allow_nan=False))["as_of"] == "2024-06-01"


@pytest.mark.parametrize("name", _RULESETS)
@pytest.mark.parametrize("as_of", [date(1, 1, 1), _AS_OF, date(9999, 12, 31)])
def test_an_empty_record_is_staged_at_any_date(name: str, as_of: date) -> None:
    empty = TreatmentRecord(patient=Person(reference="Patient/p"))
    report = stage(empty, as_of=as_of, ruleset=load_ruleset(name))
    assert {report.staging.trd.at_least, report.staging.trd.at_most} == {"no"}


@pytest.mark.parametrize("as_of", [date(1, 1, 1), date(9999, 12, 31)])
def test_the_ends_of_the_calendar_are_no_error(as_of: date) -> None:
    day = PartialDate.of(as_of)
    use = Exposure(
        drug="sertraline",
        source=ExposureSource.STATEMENT,
        status=ExposureStatus.ACTIVE,
        start=day,
        end=None,
        end_basis=EndBasis.OPEN,
        dose=Dose.exactly(Decimal(100)),
    )
    score = Score(scale="MADRS", value=Decimal(30), date=day)
    code = Diagnosis(category="depression", label="depression", onset=day)
    record = TreatmentRecord(
        patient=Person(reference="Patient/p"),
        exposures=(use, replace(use, drug="venlafaxine", end=day, end_basis=EndBasis.STATED)),
        scores=(score,),
        diagnoses=(code, replace(code, remission="full")),
        sessions=(TreatmentSession(modality="ECT", date=day),),
    )
    assert stage(record, as_of=as_of).trials
