"""All source attributes are there, and what they deny is not read (promises, section 5)."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

from fastapi.testclient import TestClient

from assistant import staging
from assistant.staging.dates import PartialDate
from assistant.staging.engine import stage
from assistant.staging.ruleset import load_ruleset
from assistant.transparency import predictive_attributes, source_attributes
from fhir_adapter.read import read_bundle
from tests.lib import demo


def test_all_thirteen_attributes_have_a_value(client: TestClient) -> None:
    served = client.get("/api/transparency").json()["attributes"]
    assert len(served) == 13
    assert all(item["value"].strip() for item in served)


def test_the_revision_is_that_of_the_ruleset() -> None:
    ruleset = load_ruleset("canada_2021")
    stated = {item.name: item.value for item in source_attributes(ruleset)}
    assert f"canada_2021, revision {ruleset.version}" in stated["Release and revision"]


def _readers(attribute: str) -> list[str]:
    core = Path(str(staging.__file__)).parent
    return [
        file.name
        for file in core.rglob("*.py")
        if re.search(rf"\.{attribute}\b", file.read_text(encoding="utf-8"))
    ]


def test_no_rule_reads_sex_and_the_date_of_birth_tells_adults_only() -> None:
    assert _readers("sex") == []
    assert _readers("birth_date") == ["findings.py"]  # outside the population: said, not staged


def test_no_stage_rests_on_the_date_of_birth() -> None:
    record = read_bundle(demo.bundle("worked-case")).treatment
    young = replace(record.patient, birth_date=PartialDate.parse("2010-05-05"))
    of_age, of_minor = (
        stage(one, as_of=demo.as_of("worked-case"))
        for one in (record, replace(record, patient=young))
    )
    assert of_minor.staging == of_age.staging


def test_all_thirty_one_predictive_attributes_have_a_value_in_their_nine_groups(
    client: TestClient,
) -> None:
    served = client.get("/api/transparency").json()["predictive"]
    assert len(served) == 31
    assert list(Counter(item["group"] for item in served).values()) == [4, 4, 2, 4, 2, 4, 5, 4, 2]
    assert all(item["name"].strip() and item["value"].strip() for item in served)
    unknown = [item["value"] for item in served if item["value"].startswith("Unknown")]
    assert all("because" in value for value in unknown)


def test_the_predictive_attributes_name_version_ruleset_and_model_in_use() -> None:
    ruleset = load_ruleset("canada_2021")
    text = " ".join(item.value for item in predictive_attributes(ruleset, model="example-model"))
    assert f"canada_2021, revision {ruleset.version}" in text
    assert "the chat model example-model" in text
    without = " ".join(item.value for item in predictive_attributes(ruleset, model=None))
    assert "none is configured" in without
