"""The gate: what passes, what is missed, what is incomplete; intervals and raw counts."""

import pytest

from evals.gate import exit_code, rules, status_of, thresholds_of
from evals.results import ItemResult, Measure, SuiteResult, interval, measures_of
from evals.suites.registry import SUITES


def item(number=1, family="f", half="tuned", error=None, **scores):
    return ItemResult(
        id=f"i{number}", family=family, half=half, asked="?", expected=None, reply={},
        scores=scores, details={}, error=error,
    )  # fmt: skip


def suite(status):
    return SuiteResult(name="s", title="S", status=status)


@pytest.mark.parametrize(
    ("statuses", "code"),
    [
        (["passed"], 0),
        (["passed", "skipped"], 0),
        (["passed", "missed"], 1),
        (["missed", "incomplete"], 2),
        (["passed", "crashed"], 2),
        (["skipped", "skipped"], 2),
        ([], 2),
    ],
)
def test_the_exit_code_of_a_run(statuses, code):
    assert exit_code([suite(status) for status in statuses]) == code


def test_every_suite_has_its_rule_and_every_rule_its_suite():
    assert set(rules()) == {one.name for one in SUITES}


def test_an_unscored_item_is_not_a_zero():
    (measure,) = [
        m for m in measures_of([item(1, values=1.0), item(2, values=None)], {}) if m.part == "all"
    ]
    assert (measure.total, measure.scored, measure.unscored, measure.rate) == (1, 1, 1, 1.0)


def test_a_threshold_over_nothing_scored_is_missed():
    measures = measures_of([item(1, values=None)], {("values", "all"): 0.5})
    assert [m.missed for m in measures if m.part == "all"] == [True]
    assert [m.missed for m in measures_of([], {("values", "all"): 0.5})] == [True]


def test_the_wilson_interval_of_nine_of_ten():
    # textbook value: 0.5958 to 0.9821
    assert interval(9, 10) == pytest.approx((0.59585, 0.98212), abs=1e-4)


def test_the_interval_of_nothing_is_everything():
    assert interval(0, 0) == (0.0, 1.0)


def test_an_item_that_failed_makes_the_suite_incomplete():
    items = [item(1, values=1.0), item(2, error="broke")]
    assert status_of([], items, 2)[0] == "incomplete"
    assert status_of([], items[:1], 2)[0] == "incomplete"
    assert status_of([], items[1:], 1)[0] == "crashed"


def test_a_missed_threshold_says_which_with_its_counts():
    measure = Measure(
        measure="values", part="all", total=1, scored=2, unscored=0, low=0, high=1, threshold=0.9
    )
    status, why = status_of([measure], [item(1, values=1.0)], 1)
    assert status == "missed"
    assert "1 of 2" in why


def test_the_twins_are_asked_for_family_by_family():
    asked = thresholds_of("twins", [item(1, family="order only", adaptation=1.0)], whole=True)
    assert ("adaptation", "family: order only") in asked
    assert ("adaptation", "all") not in asked


def test_a_part_of_a_suite_is_asked_only_for_what_occurs():
    answered = [item(1, values=1.0)]
    assert ("values", "half: held out") not in thresholds_of("record", answered, whole=False)
    assert ("values", "half: held out") in thresholds_of("record", answered, whole=True)


def test_a_handful_misses_a_threshold_only_where_its_whole_interval_lies_below():
    def missed(right, scored, least):
        items = [item(n, values=float(n < right)) for n in range(scored)]
        measures = measures_of(items, {("values", "all"): least}, drawn=True)
        return next(m.missed for m in measures if m.part == "all")

    assert not missed(3, 4, 0.9)  # interval up to 0.954
    assert missed(1, 4, 0.9)
    assert missed(3, 4, 1.0)  # all must be right, and one is not
