"""A second implementation, written apart, agrees with the engine on 5,000 made-up histories.

The domain (``generate.py``): up to six uses of twelve antidepressants of eight classes,
told by statements, orders or fills; dose steps, lapses, two strengths, overlaps; dates to
the day or the month, ends unknown; doses missing; scores on three scales; onset, severity
and bipolar codes; ECT and rTMS. All five rulesets, the register's proxies among them.
"""

from functools import cache
from random import Random

import pytest

from assistant.staging.report import StagingReport
from tests.property import by_day, second_opinion
from tests.property.agreement import disagreements, staged
from tests.property.generate import History, history

HISTORIES = 5_000
_A_SHARE = 500


@pytest.mark.parametrize("first", range(0, HISTORIES, _A_SHARE))
def test_both_readings_agree_on_every_trial_method_and_bound(first: int) -> None:
    apart = {
        seed: found
        for seed in range(first, first + _A_SHARE)
        if (found := disagreements(made := history(Random(seed)), staged(made)))
    }
    assert not apart, f"{len(apart)} histories, for one: {next(iter(apart.items()))}"


@cache
def _made(seed: int) -> tuple[History, StagingReport]:
    made = history(Random(seed))
    return made, staged(made)


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("min_days", 43),
        ("min_adherence", 0.9),
        ("coverage_policy", "merge"),
        ("min_fills", 3),
        ("join_gap_days", 89),
        ("bridge_days", 13),
        ("replace_overlap_days", 13),
        ("cross_taper_days", 27),
        ("response_percent", 51),
        ("partial_percent", 30),
        ("baseline_after_days", 6),
        ("endpoint_after_days", 13),
        ("endpoint_next_trial_days", 2),
        ("endpoint_min_days", 15),
        ("class_rule", False),
        ("assume_adherence", False),
        ("remission_days", 30),
        ("maudsley_acute_months", 11),
        ("maudsley_subacute_months", 23),
        ("european_crd_days", 300),
        ("optimised_factor", 3),
        ("optimised_days", 40),
        ("ect_min_sessions", 7),
        ("ect_baseline_before_days", 13),
        ("ect_endpoint_after_days", 27),
    ],
)
def test_a_single_wrong_number_does_not_go_unnoticed(
    monkeypatch: pytest.MonkeyPatch, number: str, wrong: object
) -> None:
    """The histories reach every threshold, so that their agreement says something."""
    right = by_day.numbers

    def numbers(ruleset: str) -> dict[str, object]:
        return right(ruleset) | {number: wrong}

    monkeypatch.setattr(by_day, "numbers", numbers)
    monkeypatch.setattr(second_opinion, "numbers", numbers)
    assert any(disagreements(*_made(seed)) for seed in range(HISTORIES))
