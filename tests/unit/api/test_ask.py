"""Asking over HTTP: JSON, event stream, conversation."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.lib.service import opened

QUESTION = "Is this depression treatment-resistant?"


def test_an_answer_cites_elements_that_can_be_opened(client: TestClient) -> None:
    path = opened(client)
    answer = client.post(f"{path}/ask", json={"question": QUESTION}).json()
    assert (answer["schema"], answer["status"], answer["values"][0]) == (
        "answer/1",
        "answered",
        "yes",
    )
    assert {citation["kind"] for citation in answer["citations"]} == {"record", "source"}
    for citation in answer["citations"]:
        if citation["kind"] == "source":
            where = f"/api/knowledge/passages/{citation['passage_id']}"
            assert client.get(where).json()["section"] == citation["section"]
        elif citation["reference"] == "report":
            rules = client.get("/api/reference").json()["rules"]
            assert citation["element"] in rules
        else:
            found = client.get(
                f"{path}/record/{citation['reference']}", params={"element": citation["element"]}
            )
            assert found.status_code == 200


def test_the_event_stream_carries_the_same_answer(client: TestClient) -> None:
    path = opened(client)
    body = {"question": QUESTION}
    whole = client.post(f"{path}/ask", json=body).json()
    streamed = client.post(f"{path}/ask", json=body, headers={"accept": "text/event-stream"})
    assert streamed.headers["content-type"].startswith("text/event-stream")
    blocks = [block.split("\n") for block in streamed.text.strip().split("\n\n")]
    events = [(event.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
              for event, data in blocks]  # fmt: skip
    assert [name for name, _ in events[:-1]] == ["text"] * (len(events) - 1)
    assert len(events) > 2
    name, last = events[-1]
    assert name == "answer"
    assert {**last, "ms": 0} == {**whole, "ms": 0}
    assert " ".join(text for _, text in events[:-1]).split() == whole["answer"].split()


def test_only_remembered_turns_stay_with_the_record(client: TestClient) -> None:
    path = opened(client)
    client.post(f"{path}/ask", json={"question": QUESTION})
    assert client.get(f"{path}/turns").json() == {"turns": []}
    client.post(f"{path}/ask", json={"question": QUESTION, "remember": True})
    turns = client.get(f"{path}/turns").json()["turns"]
    assert [turn["question"] for turn in turns] == [QUESTION]
    assert client.delete(f"{path}/turns").status_code == 204
    assert client.get(f"{path}/turns").json() == {"turns": []}


def test_the_date_of_a_question_decides_what_is_known(client: TestClient) -> None:
    path = opened(client)
    early = client.post(f"{path}/ask", json={"question": QUESTION, "as_of": "2024-02-01"}).json()
    assert early["as_of"] == "2024-02-01"
    assert early["values"][0] != "yes"


def test_a_question_to_another_record_does_not_see_this_one(client: TestClient) -> None:
    mine, other = opened(client), opened(client, "bipolar")
    client.post(f"{mine}/ask", json={"question": QUESTION, "remember": True})
    assert client.get(f"{other}/turns").json() == {"turns": []}
    assert client.get(f"{other}/stage").json()["patient"] == {"reference": "Patient/bipolar"}


def test_a_new_conversation_knows_nothing_of_the_earlier_one(client: TestClient) -> None:
    path = opened(client)

    def ask(question: str, conversation: int) -> dict[str, Any]:
        body = {"question": question, "remember": True, "conversation": conversation}
        answer: dict[str, Any] = client.post(f"{path}/ask", json=body).json()
        return answer

    ask("When did the sertraline start?", 1)
    followed = ask("And the venlafaxine?", 1)
    assert followed["values"] == ["2024-03-04"]
    assert ask("And the venlafaxine?", 2)["values"] != followed["values"]
    turns = client.get(f"{path}/turns").json()["turns"]
    assert [turn["conversation"] for turn in turns] == [1, 1, 2]


def test_an_answer_of_a_record_opened_over_the_api_is_not_rated(client: TestClient) -> None:
    path = opened(client)
    client.post(f"{path}/ask", json={"question": QUESTION, "remember": True})
    refused = client.post(f"{path}/turns/0/feedback", json={"helpful": True})
    assert refused.status_code == 409
    assert "opened on the page" in refused.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"helpful": "yes"}, {"helpful": False, "reason": "bored"}, {"helpful": 1}]
)
def test_a_rating_that_cannot_be_read_is_refused(client: TestClient, body: dict[str, Any]) -> None:
    assert client.post(f"{opened(client)}/turns/0/feedback", json=body).status_code == 422
