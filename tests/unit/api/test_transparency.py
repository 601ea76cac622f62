"""The thirteen source attributes are there, and what they deny is not read."""

import re
from pathlib import Path

from fastapi.testclient import TestClient

from assistant import staging
from assistant.staging.ruleset import load_ruleset
from assistant.transparency import source_attributes


def test_all_thirteen_attributes_have_a_value(client: TestClient) -> None:
    served = client.get("/api/transparency").json()["attributes"]
    assert len(served) == 13
    assert all(item["value"].strip() for item in served)


def test_the_revision_is_that_of_the_ruleset() -> None:
    ruleset = load_ruleset("canada_2021")
    stated = {item.name: item.value for item in source_attributes(ruleset)}
    assert f"canada_2021, revision {ruleset.version}" in stated["Release and revision"]


def test_no_rule_reads_sex_or_date_of_birth() -> None:
    core = Path(str(staging.__file__)).parent
    readers = [
        file.name
        for file in core.rglob("*.py")
        if re.search(r"\.(sex|birth_date)\b", file.read_text(encoding="utf-8"))
    ]
    assert readers == []
