"""Every number of the core stands in a table with a unit and a source."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.staging import tables
from assistant.staging.verdicts import Verdict, at_or_above


@pytest.fixture
def _reread() -> Iterator[None]:
    tables.drugs.cache_clear()
    yield
    tables.drugs.cache_clear()


@pytest.mark.usefixtures("_reread")
def test_a_floor_without_a_source_stops_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "antidepressants.csv"
    whole = (tables._FOLDER / name).read_text(encoding="utf-8")
    (tmp_path / name).write_text(whole.replace(",comp006,canmat2023,", ",,canmat2023,"))
    monkeypatch.setattr(tables, "_FOLDER", tmp_path)
    with pytest.raises(tables.BrokenTableError, match=r"antidepressants\.csv: .* has no source"):
        tables.drugs()


def test_every_threshold_has_a_unit_a_use_and_a_known_source() -> None:
    for name, threshold in tables.thresholds().items():
        assert threshold.unit, name
        assert threshold.use, name
        assert threshold.source in tables.sources(), name


def test_every_rule_and_every_row_names_a_known_source() -> None:
    known = set(tables.sources())
    named = {key for rule in tables.rules().values() for key in rule.sources}
    named |= {agent.source for agent in tables.agents().values()}
    named |= {scale.source for scale in tables.scales().values()}
    named |= {r.source for r in tables.plasma_ranges().values()}
    named |= {row.source for kind in tables.interactions().values() for row in kind.values()}
    named |= {s for drug in tables.drugs().values() for s in drug.floor_sources.values() if s}
    named |= {method["source"] for method in tables.methods().values()}
    assert named <= known


def test_every_check_names_a_rule() -> None:
    assert {check.rule for check in tables.checks().values()} <= set(tables.rules())


def test_a_drug_of_the_interactions_is_called_as_in_the_antidepressants() -> None:
    """St John's wort stands in both tables and has one name."""
    assert "hypericum (St John's wort)" in tables.drugs()
    assert "hypericum (St John's wort)" in tables.interactions()["inducer"]


@pytest.mark.parametrize(
    ("low", "high", "verdict"),
    [
        (42, 42, Verdict.MET),
        (42, None, Verdict.MET),
        (41, 42, Verdict.UNKNOWN),
        (0, None, Verdict.UNKNOWN),
        (None, 41, Verdict.NOT_MET),
        (None, None, Verdict.UNKNOWN),
    ],
)
def test_a_range_reaches_a_threshold_only_where_all_of_it_does(
    low: int | None, high: int | None, verdict: Verdict
) -> None:
    assert at_or_above(low, high, 42) is verdict
