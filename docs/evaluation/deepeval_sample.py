"""Answers of a running assistant as deepeval test cases.

Run: ASSISTANT_URL=http://127.0.0.1:8501 python deepeval_sample.py
deepeval itself is needed only for the last step.
"""

import json
import os
import urllib.request

QUESTIONS = [
    ("What stage is she?", "II"),
    ("How long was the venlafaxine trial?", "70 days"),
]


def call(path: str, body: dict | None = None) -> dict:
    """One call of the public API."""
    request = urllib.request.Request(  # noqa: S310 - the address is the evaluator's own
        os.environ["ASSISTANT_URL"] + path,
        data=json.dumps(body or {}).encode(),
        headers={"content-type": "application/json"},
        method="POST",
    )
    with urllib.request.urlopen(request) as reply:  # noqa: S310
        return json.load(reply)


def rows() -> list[dict]:
    """One row a question, with the names of an LLMTestCase's parameters."""
    ctx = call("/api/demo/worked-case")["ctx"]
    found = []
    for question, expected in QUESTIONS:
        reply = call(
            f"/api/patients/{ctx}/ask",
            {"question": question, "as_of": "2024-06-03", "history": []},
        )
        found.append(
            {
                "input": question,
                "actual_output": reply["answer"],
                "expected_output": expected,
                "retrieval_context": [one["excerpt"] for one in reply["citations"]],
                "completion_time": reply["ms"] / 1000,
            }
        )
    return found


def test_cases() -> list:
    """The rows as deepeval's own test cases."""
    from deepeval.test_case import LLMTestCase  # noqa: PLC0415 - needed for this step only

    return [LLMTestCase(**row) for row in rows()]


if __name__ == "__main__":
    print(json.dumps(rows(), indent=2))  # noqa: T201 - shows what would be measured
