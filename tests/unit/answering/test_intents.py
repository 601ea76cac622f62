"""A question that no rule knows is read as its nearest labelled example, if it is near."""

from collections.abc import Sequence

import pytest

from assistant.answering.case import AsOf
from assistant.answering.intents import IntentMatcher, intents, matching
from assistant.answering.plan import Topic
from assistant.answering.planner import plan_question
from assistant.answering.write.context import Context
from tests.lib import demo
from tests.lib.asking import FakeKnowledge, demo_case


class Directions:
    """Each known text has its own direction; a text unknown lies between none."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = list(known)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> list[float]:
        return [1.0 if known == text else 0.0 for known in self.known] + [0.001]


def _every_example() -> list[str]:
    seen = IntentMatcher(Directions(()))
    return [text for intent in intents() for text in intent.ask] if seen else []


def test_every_topic_has_several_examples_of_its_own() -> None:
    texts = _every_example()
    assert len(texts) == len(set(texts))
    assert all(len(intent.ask) >= 3 for intent in intents())
    assert 0 < matching().least < 1


def test_a_question_about_this_patient_is_read_as_the_nearest_example() -> None:
    knowledge = FakeKnowledge()

    class Near(Directions):
        def embed_query(self, text: str) -> list[float]:
            told = "where" in text and "stand" in text
            return [1.0, 0.0] if told else [0.0, 1.0]

    knowledge.embedder = Near(())
    plan = _planned("Where does he stand, overall, these days?", knowledge)
    assert plan == Topic.SUMMARY


@pytest.mark.parametrize(
    "question", ["Zounds, the weather of the mind?", "What is the price of gold?"]
)
def test_a_question_about_nobody_is_never_read_by_example(question: str) -> None:
    knowledge = FakeKnowledge()

    class Always(Directions):
        def embed_query(self, text: str) -> list[float]:
            return [1.0]

    knowledge.embedder = Always(())
    assert _planned(question, knowledge) is None


def _planned(question: str, knowledge: FakeKnowledge) -> Topic | None:
    context = Context(
        case=demo_case("worked-case"),
        knowledge=knowledge,
        as_of=AsOf.of(demo.as_of("worked-case")),
    )
    step = plan_question(question, context, ()).steps[0]
    return getattr(step, "topic", None)
