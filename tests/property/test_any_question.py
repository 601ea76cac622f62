"""Whatever is typed is planned and answered: with and without a record, with turns before it."""

from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from assistant.answering.answer import answer
from assistant.answering.compose import UNCHECKED
from assistant.answering.conversation import Turn
from tests.lib.asking import FakeKnowledge, FakePassage, demo_case
from tests.lib.embeddings import HashedWords

AS_OF = date(2024, 6, 3)
_WORDS = (
    "sertraline", "venlafaxine", "lithium", "ECT", "stage", "TRD", "HAM-D", "MADRS", "below 10",
    "200 mg", "6 weeks", "2024-03", "March", "since", "and", "then", "or", "why", "when", "which",
    "how long", "how many", "the first", "the other", "it", "that", "dose", "duration", "outcome",
    "enough", "worst", "best", "last", "before", "after", "if", "had", "she", "he", "never took",
    "without the bipolar", "should I check", "thyroid", "class", "SSRI", "episode", "remission",
    "?", "!", ";", ",", ".", "(", "[", "*", "\\", "%", "#", "0", "-1", "1e400", "t1", "t99",
)  # fmt: skip
_SAID = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(_WORDS), max_size=9).map(" ".join),
    st.lists(st.one_of(st.sampled_from(_WORDS), st.text(max_size=6)), max_size=7).map(" ".join),
)
_PATIENTS = st.sampled_from(
    (None, "worked-case", "incomplete-record", "bipolar", "advanced", "look-alikes")
)


class Knowing(FakeKnowledge):
    """A knowledge with an embedder, so that nearest examples are looked for as well."""

    embedder = HashedWords()  # type: ignore[assignment]


KNOWLEDGE = Knowing(FakePassage(passage_id="p/1", text="TRD is a stage of depression."))


def answered(question: str, patient: str | None, before: list[str]) -> None:
    case = demo_case(patient) if patient is not None else None
    history = [Turn(question=earlier) for earlier in before]
    reply = answer(question, case=case, knowledge=KNOWLEDGE, history=history, as_of=AS_OF)
    assert reply.status in ("answered", "partly", "abstained", "refused")
    assert reply.text.strip()
    assert UNCHECKED not in reply.text
    assert all(isinstance(value, str) for value in reply.values)
    assert reply.to_json()["answer"] == reply.text


@settings(max_examples=300, deadline=None, derandomize=True)
@given(question=_SAID, patient=_PATIENTS, before=st.lists(_SAID, max_size=2))
@example(question="", patient=None, before=[])
@example(question="?", patient="worked-case", before=["", "?"])
@example(question="\x00\ud800", patient="worked-case", before=[])
def test_any_text_is_answered(question: str, patient: str | None, before: list[str]) -> None:
    answered(question, patient, before)


@pytest.mark.parametrize("topic", ["sertraline?", "What stage is she?", "last HAM-D?", "TSH?"])
@settings(max_examples=40, deadline=None, derandomize=True)
@given(question=_SAID)
def test_any_text_may_follow_a_question(topic: str, question: str) -> None:
    answered(question, "worked-case", [topic])
