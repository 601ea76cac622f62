"""Evidence twins: ten families and more from any record, and no credit for a fixed policy."""

from collections import Counter

import pytest

from evals.suites import Options
from evals.suites.registry import suites_named
from evals.twins.families import FAMILIES
from evals.twins.fields import field_of
from evals.twins.ground import report_of
from evals.twins.making import ANY, twins_of, write_twins
from tests.lib import demo, fhir
from tests.lib.evaluation import FixedPolicy, assistant, ran


def twins(patient: str = "worked-case"):
    return twins_of(demo.bundle(patient), demo.as_of(patient).isoformat())


def of_family(name: str, patient: str = "worked-case"):
    return next(pair for pair in twins(patient).pairs if pair.family == name)


def bare_record():
    return fhir.bundle(fhir.patient(), fhir.condition("F32.1", onsetDateTime="2023-01-02"))


@pytest.mark.parametrize("patient", ["worked-case", "bipolar", "intolerance", "incomplete-record"])
def test_a_record_gives_pairs_of_at_least_ten_families(patient):
    assert len({pair.family for pair in twins(patient).pairs}) >= 10


def test_a_record_without_any_trial_gives_them_too():
    made = twins_of(bare_record(), "2024-06-01")
    assert len({pair.family for pair in made.pairs}) >= 10


def test_the_demo_patients_give_pairs_of_every_family():
    counted = Counter(pair.family for patient in demo.index() for pair in twins(patient).pairs)
    assert set(counted) == set(FAMILIES)
    assert len(FAMILIES) >= 10


def test_every_family_that_gives_no_pair_says_why():
    not_made = twins("inadequate-dose").not_made
    assert [(one.family, bool(one.why)) for one in not_made] == [("distractor: trazodone", True)]


@pytest.mark.parametrize("pair", twins().pairs, ids=lambda pair: pair.family)
def test_the_rules_say_what_the_pair_says(pair):
    a, b = report_of(dict(pair.a), pair.as_of), report_of(dict(pair.b), pair.as_of)
    for change in pair.changes:
        if change.a != ANY:
            assert field_of(a, change.field) == change.a
        assert field_of(b, change.field) == change.b
        assert change.because


def test_the_two_records_differ_in_one_entry_or_one_value():
    pair = of_family("dose across the floor")
    different = [
        (one, other)
        for one, other in zip(pair.a["entry"], pair.b["entry"], strict=True)
        if one != other
    ]
    ((one, other),) = different
    doses = [
        entry["resource"]["dosage"][0]["doseAndRate"][0]["doseQuantity"]["value"]
        for entry in (one, other)
    ]
    assert doses == [50, 49]  # the floor of sertraline, and a milligram less


def test_a_day_decides_between_adequate_and_not():
    days = of_family("days across the minimum")
    reports = [report_of(dict(side), days.as_of) for side in (days.a, days.b)]
    counted = [
        next(t for t in report["trials"] if t["drug"] == "sertraline")["days_at_adequate_dose"]
        for report in reports
    ]
    assert counted == [{"low": 42, "high": 42}, {"low": 41, "high": 41}]


def test_the_order_of_another_seed_is_another_order():
    def order(seed):
        made = twins_of(demo.bundle("worked-case"), "2024-06-03", seed=seed)
        pair = next(p for p in made.pairs if p.family == "order only")
        return [entry["resource"]["id"] for entry in pair.b["entry"]]

    assert order(0) == order(0)
    assert order(0) != order(1)


def test_the_built_in_assistant_adapts_in_every_family(tmp_path):
    result = ran("twins", assistant(), tmp_path, limit=48)
    assert result.status == "passed", result.reason
    assert all(measure.part.startswith("family: ") for measure in result.measures)  # never pooled


def always(stage: str | None, values: list[str], status: str) -> FixedPolicy:
    """Says this stage, by every method and bound, of the trials of the worked case."""
    report = report_of(demo.bundle("worked-case"), "2024-06-03")
    told = dict.fromkeys(("at_least", "working", "at_most"), stage)
    return FixedPolicy(
        {**report, "staging": dict.fromkeys(report["staging"], told)}, values, status
    )


@pytest.mark.parametrize(
    "policy",
    [always("II", ["II"], "answered"), always(None, ["unknown"], "abstained")],
    ids=["always stage II", "always cannot tell"],
)
def test_a_fixed_policy_scores_zero_on_adaptation(policy, tmp_path):
    (suite,) = suites_named("twins")
    assert sum(1 for _ in suite.items(Options())) > 100
    result = ran("twins", policy, tmp_path, limit=40)
    adaptation = [m for m in result.measures if m.measure.startswith("adaptation") and m.scored]
    assert adaptation
    assert sum(measure.total for measure in adaptation) == 0


def test_the_records_of_the_pairs_are_written_beside_their_list(tmp_path):
    made = twins()
    write_twins(made, tmp_path)
    written = sorted(path.name for path in tmp_path.iterdir())
    assert len(written) == 2 * len(made.pairs) + 1
    assert "03-dose-across-the-floor-a.json" in written
