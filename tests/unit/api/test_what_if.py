"""What-if: a supposed report that leaves nothing behind."""

from fastapi.testclient import TestClient

from tests.lib.service import opened

FACT = {"fact": "adherence", "trial": "t1", "value": "not_met"}


def test_a_supposed_fact_moves_the_stage_as_an_asserted_one_would(client: TestClient) -> None:
    path = opened(client, "incomplete-record")
    supposed = client.post(f"{path}/what-if", json={"facts": [FACT]}).json()
    client.post(f"{path}/assertions", json=FACT)
    asserted = client.get(f"{path}/stage").json()
    assert supposed["what_if"] is True
    assert supposed["staging"] == asserted["staging"]
    assert supposed["schema"] == "staging-report/1"


def test_nothing_supposed_is_kept(client: TestClient) -> None:
    path = opened(client, "incomplete-record")
    before = client.get(f"{path}/stage").json()
    supposed = client.post(f"{path}/what-if", json={"facts": [FACT]}).json()
    assert supposed["staging"] != before["staging"]
    assert client.get(f"{path}/stage").json() == before
    assert client.get(f"{path}/assertions").json() == {"assertions": []}


def test_date_and_ruleset_of_the_supposition_are_taken(client: TestClient) -> None:
    body = {"facts": [FACT], "as_of": "2024-02-01", "ruleset": "canada_2021"}
    report = client.post(f"{opened(client)}/what-if", json=body).json()
    assert (report["as_of"], report["ruleset"]["name"]) == ("2024-02-01", "canada_2021")


def test_a_supposition_that_cannot_be_used_is_refused_without_an_echo(client: TestClient) -> None:
    path = opened(client)
    for facts in ([], [{"fact": "zaphod", "value": 1}], [{**FACT, "value": "zaphod"}], [{}]):
        answer = client.post(f"{path}/what-if", json={"facts": facts})
        assert answer.status_code == 422
        assert "zaphod" not in answer.text
