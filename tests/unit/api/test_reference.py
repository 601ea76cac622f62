"""The tables behind a report, and the state of the service."""

from fastapi.testclient import TestClient

from assistant.service.reference import THRESHOLDS_OF_RULE
from assistant.staging.ruleset import NAMES, load_ruleset
from assistant.staging.tables import rules


def test_every_threshold_of_a_rule_is_an_entry_of_every_ruleset() -> None:
    for rule, names in THRESHOLDS_OF_RULE.items():
        assert rule in rules()
        for ruleset in NAMES:
            assert set(names) <= set(load_ruleset(ruleset).parameters), (rule, ruleset)


def test_every_threshold_is_served_with_unit_and_source(client: TestClient) -> None:
    tables = client.get("/api/reference").json()
    assert [ruleset["name"] for ruleset in tables["rulesets"]] == list(NAMES)
    days = tables["rulesets"][0]["parameters"]["min_days"]
    assert (days["value"], days["unit"]) == (42, "day")
    assert days["source"] in tables["sources"]
    for rule in tables["rules"].values():
        assert set(rule["sources"]) <= set(tables["sources"])


def test_search_answers_passages_in_rank_order(client: TestClient) -> None:
    found = client.get("/api/knowledge/search", params={"q": "minimum adequate duration", "k": 4})
    scores = [passage["score"] for passage in found.json()["passages"]]
    assert len(scores) == 4
    assert scores == sorted(scores, reverse=True)


def test_an_unknown_passage_is_not_found(client: TestClient) -> None:
    assert client.get("/api/knowledge/passages/none/none").status_code == 404


def test_health_readiness_and_version(client: TestClient) -> None:
    client.get("/api/knowledge/search", params={"q": "remission"})
    assert client.get("/health").json()["status"] == "ok"
    ready = client.get("/ready")
    assert (ready.status_code, ready.json()["status"]) == (200, "ready")
    assert client.get("/version").json()["ruleset"] == "source_text"
