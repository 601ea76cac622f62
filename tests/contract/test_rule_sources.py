"""Every rule of the core can be cited: known sources, and a passage that explains it."""

import csv
import tomllib
from functools import cache
from typing import Any

import pytest

from knowledge.corpus_reader import authored_passages
from tests.lib.demo import REPOSITORY
from tests.lib.shared_data import SHARED, need

TABLES = REPOSITORY / "assistant" / "staging" / "tables"


@cache
def rules() -> dict[str, dict[str, Any]]:
    """Each rule by its dotted id."""
    found: dict[str, dict[str, Any]] = {}

    def collect(prefix: str, table: dict[str, Any]) -> None:
        for key, value in table.items():
            if isinstance(value, dict):
                name = f"{prefix}.{key}" if prefix else key
                if "title" in value:
                    found[name] = value
                collect(name, value)

    collect("", tomllib.loads((TABLES / "rules.toml").read_text(encoding="utf-8")))
    return found


RULES = tuple(rules())


def test_there_are_rules() -> None:
    assert len(RULES) > 30


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_sources_that_the_table_of_sources_knows(rule: str) -> None:
    with (TABLES / "sources.csv").open(encoding="utf-8", newline="") as table:
        known = {row["key"] for row in csv.DictReader(table)}
    named = rules()[rule]["sources"]
    assert named
    assert set(named) <= known


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_passage_that_explains_it(rule: str) -> None:
    assert [passage for passage in authored_passages() if rule in passage.rules]


def test_a_passage_explains_only_rules_that_exist() -> None:
    named = {rule for passage in authored_passages() for rule in passage.rules}
    assert named - set(RULES) == set()


@pytest.mark.shared_data
def test_the_section_of_a_rule_is_a_heading_of_the_source_text() -> None:
    text = need(SHARED / "source" / "trd-article.md").read_text(encoding="utf-8")
    headings = {line.lstrip("#").strip() for line in text.splitlines() if line.startswith("#")}
    named = {rule["section"] for rule in rules().values() if "section" in rule}
    assert named - headings == set()
