"""The search keeps what was measured (docs/knowledge.md); figures of each half, never pooled."""

import pytest

from evals.benchmarks.retrieval_questions import (
    DATASETS,
    abstention,
    quality,
    questions,
    rankings,
    unanswerable,
)
from knowledge.lexical import terms
from knowledge.passage_vectors import indexed_text

NDCG_AT_10 = {"tuned": 0.97, "opened": 0.94, "lay": 0.80, "sealed": 0.895}
HIT_AT_5 = {"tuned": 0.99, "opened": 0.985, "lay": 0.94, "sealed": 0.935}
RECALL_AT_5 = {"tuned": 0.985, "opened": 0.97, "lay": 0.915, "sealed": 0.89}
ABSTAINED = 0.95
ANSWERED = {"tuned": 0.98, "opened": 0.975, "lay": 0.95, "sealed": 0.92}
FEW_WORDS_SHARED = 0.34


@pytest.fixture(scope="module")
def measured(knowledge):
    """Quality of each ranking on each half."""
    ranked = rankings(knowledge)
    return {
        half: {
            name: quality(rank, [item for item in questions() if item.half == half])
            for name, rank in ranked.items()
        }
        for half in RECALL_AT_5
    }


@pytest.mark.parametrize("half", RECALL_AT_5)
def test_the_fused_search_keeps_its_quality(measured, half):
    fused = measured[half]["fused"]
    assert fused.ndcg_at_10 >= NDCG_AT_10[half]
    assert fused.hit_at_5 >= HIT_AT_5[half]
    assert fused.recall_at_5 >= RECALL_AT_5[half]


@pytest.mark.parametrize("half", RECALL_AT_5)
@pytest.mark.parametrize("alone", ["lexical", "dense"])
def test_fusing_beats_each_half_alone(measured, half, alone):
    assert measured[half]["fused"].ndcg_at_10 > measured[half][alone].ndcg_at_10


def test_the_assistant_abstains_where_nothing_answers(knowledge):
    rates = {half: abstention(knowledge, half) for half in RECALL_AT_5}
    sizes = {half: sum(item.half == half for item in unanswerable()) for half in rates}
    pooled = sum(rates[half][0] * sizes[half] for half in rates) / sum(sizes.values())
    assert pooled >= ABSTAINED
    assert all(answered >= ANSWERED[half] for half, (_, answered) in rates.items())


def test_the_set_is_as_large_and_as_hard_as_it_claims(knowledge):
    asked = questions()
    assert len(asked) >= 200
    assert len(unanswerable()) >= 60
    few = 0
    for item in asked:
        words = set(terms(item.text))
        shared = max(
            len(words & set(terms(indexed_text(knowledge.passage(passage)))))
            for passage in item.relevant
        )
        few += shared <= FEW_WORDS_SHARED * len(words)
    assert few >= len(asked) / 3


def test_no_family_is_in_two_halves():
    assert DATASETS.is_dir()
    halves: dict[str, set[str]] = {}
    for item in questions():
        halves.setdefault(item.family, set()).add(item.half)
    assert all(len(found) == 1 for found in halves.values())
