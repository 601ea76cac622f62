"""A question that asks what one thing is finds the passage that says so; another does not."""

import pytest

from knowledge.corpus_reader import authored_passages
from knowledge.notions import Notions
from knowledge.passages import Passage


def _passage(passage_id: str, *defines: str) -> Passage:
    return Passage(
        passage_id=passage_id,
        source_id="s",
        section="S",
        text="T",
        topic="scales",
        defines=defines,
    )


NOTIONS = Notions(
    [
        _passage("none"),
        _passage("ect", "ECT", "electroconvulsive therapy"),
        _passage("crp", "hs-CRP"),
        _passage("also-ect", "ECT"),
    ]
)


@pytest.mark.parametrize(
    "question",
    [
        "What is ECT?",
        "what's ECT",
        "whats ect",
        "What exactly is ECT?",
        "What does ECT stand for?",
        "what does ECT mean?",
        "what is meant by the term ECT?",
        "Please explain ECT.",
        "can you tell me what ECT is",
        "define ECT",
        "the meaning of ECT",
        "ECT?",
    ],
)
def test_asking_what_something_is_finds_every_passage_that_defines_it(question):
    assert NOTIONS.asked_for(question) == [1, 3]


def test_number_and_hyphen_do_not_matter():
    assert NOTIONS.asked_for("What are electroconvulsive therapies?") == [1]
    assert NOTIONS.asked_for("What is HS CRP?") == [2]


@pytest.mark.parametrize(
    "question",
    [
        "How does ECT work?",
        "When is ECT offered?",
        "What is the price of ECT?",
        "What is an ECT machine?",
        "Is ECT safe?",
        "What is electroconvulsive?",
        "what is",
        "",
    ],
)
def test_asking_anything_else_about_it_does_not(question):
    assert NOTIONS.asked_for(question) == []


def test_no_two_passages_of_the_corpus_define_the_same():
    corpus = Notions(authored_passages())
    names = [name for passage in authored_passages() for name in passage.defines]
    assert [name for name in names if len(corpus.asked_for(f"What is {name}?")) != 1] == []
