"""What the passages say of doses, levels and scores is what the core computes with."""

import csv
import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from knowledge.corpus_reader import authored_passages

TABLES = Path(__file__).parents[3] / "assistant" / "staging" / "tables"
PASSAGES = {passage.passage_id: passage.text for passage in authored_passages()}
FLOORS = " ".join(
    text for name, text in PASSAGES.items() if re.fullmatch(r"adequacy-tables/\w+-floors", name)
)
NAMED_OTHERWISE = {"bupropion | dextromethorphan": "bupropion with dextromethorphan"}


def _rows(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _first_figure_after(name: str, text: str) -> Decimal | None:
    """The figure of a list such as ``imipramine and doxepin 150 mg, nortriptyline 75 mg``."""
    found = re.search(
        rf"(?<!with )\b{name}\b(?! with)(?: \([^)]*\))?[^0-9]*?([0-9]+(?:\.[0-9]+)?)", text
    )
    return Decimal(found[1]) if found else None


@pytest.mark.parametrize(
    ("drug", "floor"),
    [
        (row["ingredient"], row["floor_atrq_mg_day"])
        for row in _rows("antidepressants.csv")
        if row["floor_source"] == "comp006"
    ],
)
def test_a_minimum_adequate_dose_is_that_of_the_table(drug, floor):
    named = NAMED_OTHERWISE.get(drug, drug)
    assert _first_figure_after(named, FLOORS) == Decimal(floor)


@pytest.mark.parametrize(
    ("agent", "floor"),
    [
        (row["agent"], row["min_dose_mg_day"])
        for row in _rows("augmentation_agents.csv")
        if row["agent"] in PASSAGES["adequacy-tables/augmentation-floors"]
    ],
)
def test_a_minimum_dose_of_augmentation_is_that_of_the_table(agent, floor):
    stated = _first_figure_after(agent, PASSAGES["adequacy-tables/augmentation-floors"])
    in_micrograms = Decimal(1000) if agent == "liothyronine" else Decimal(1)
    assert stated == Decimal(floor) * in_micrograms


@pytest.mark.parametrize(
    ("passage", "scale"),
    [("phq-9", "PHQ-9"), ("qids", "QIDS-SR16"), ("ids", "IDS-SR30")],
)
def test_a_remission_score_is_that_of_the_table(passage, scale):
    table = tomllib.loads((TABLES / "scales.toml").read_text(encoding="utf-8"))[scale]
    text = PASSAGES[f"rating-scales/{passage}"]
    under = re.search(r"Remission is a score under (\d+)", text)
    at_most = re.search(r"Remission is (\d+) or less", text)
    highest = int(under[1]) - 1 if under else int(at_most[1]) if at_most else None
    assert highest == table["remission_max"]
    assert f"{table['minimum']} to {table['maximum']} points" in text
