"""Facts the clinician vouches for: they move the stage, apart from the record, and can go."""

from typing import Any

from fastapi.testclient import TestClient

from tests.lib.service import opened


def _stage(client: TestClient, path: str) -> dict[str, Any]:
    return client.get(f"{path}/stage").json()


def test_an_asserted_fact_moves_the_bound_and_its_removal_moves_it_back(
    client: TestClient,
) -> None:
    path = opened(client, "incomplete-record")
    before = _stage(client, path)
    fact = next(
        f for f in before["missing_facts"] if f["fact"] == "adherence" and f["trial"] == "t1"
    )
    move = next(m for m in fact["moves"] if m["bound"] == "working" and not m["with"])
    held = client.post(
        f"{path}/assertions",
        json={"fact": "adherence", "trial": "t1", "value": "not_met", "author": "Dr. Example"},
    )
    assert held.status_code == 201
    assert held.json()["at"]
    after = _stage(client, path)
    assert str(after["staging"][move["method"]]["working"]) == move["to"]
    assert [fact["author"] for fact in after["asserted"]] == ["Dr. Example"]
    assert client.delete(f"{path}/assertions/{held.json()['id']}").status_code == 204
    assert _stage(client, path) == before


def test_an_assertion_of_one_record_does_not_reach_another(client: TestClient) -> None:
    one, other = opened(client, "incomplete-record"), opened(client, "incomplete-record")
    fact = {"fact": "adherence", "trial": "t1", "value": "met", "author": "Dr. Example"}
    client.post(f"{one}/assertions", json=fact)
    assert client.get(f"{other}/assertions").json() == {"assertions": []}
    assert _stage(client, other)["asserted"] == []


def test_an_assertion_the_core_cannot_use_is_refused_and_not_kept(client: TestClient) -> None:
    path = opened(client)
    answer = client.post(
        f"{path}/assertions", json={"fact": "adherence", "trial": "t1", "value": "perhaps"}
    )
    assert answer.status_code == 422
    assert "perhaps" not in answer.text
    assert client.get(f"{path}/assertions").json() == {"assertions": []}


def test_removing_an_unknown_assertion_is_not_found(client: TestClient) -> None:
    assert client.delete(f"{opened(client)}/assertions/none").status_code == 404
