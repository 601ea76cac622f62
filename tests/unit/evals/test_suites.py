"""Every suite: ids given once, items enough, thresholds with a reason."""

import tomllib
from collections import Counter

import pytest

from evals.gate import TABLE
from evals.suites import Options
from evals.suites.registry import SUITES

OFFLINE = [suite for suite in SUITES if suite.offline and suite.name != "twins"]


@pytest.mark.parametrize("suite", OFFLINE, ids=lambda suite: suite.name)
def test_no_id_is_given_twice(suite):
    counted = Counter(item.id for item in suite.items(Options()))
    assert [name for name, times in counted.items() if times > 1] == []
    assert len(counted) > 30


def test_the_injection_attempts_are_three_hundred_and_more():
    (suite,) = [one for one in SUITES if one.name == "injection"]
    items = list(suite.items(Options()))
    assert len(items) >= 300
    assert len({item.family.removesuffix(", in the chart") for item in items}) >= 10


def test_every_threshold_says_why():
    table = tomllib.loads(TABLE.read_text("utf-8"))
    assert all(row["why"] for rule in table.values() for row in rule["thresholds"])
