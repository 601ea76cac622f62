"""Searching the shipped corpus with the real embedder and the real store."""

import pytest

from knowledge.corpus_reader import authored_passages


def test_the_index_searches_by_meaning_and_by_words(knowledge):
    assert knowledge.health()["search"] == "dense and lexical"


def test_a_question_finds_the_passage_that_answers_it(knowledge):
    best = knowledge.search("hypomanic symptoms during a depressive episode")[0].passage
    assert best.passage_id == "pseudo-resistance/hypomania"


def test_a_question_that_shares_no_content_word_is_found_by_meaning(knowledge):
    found = [hit.passage.passage_id for hit in knowledge.search("tablets forgotten, compliance")]
    assert "adequate-trial/adherence-matters" in found


def test_hits_come_best_first_with_scores_between_zero_and_one(knowledge):
    scores = [hit.score for hit in knowledge.search("remission threshold", k=10)]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)


def test_a_search_can_be_kept_to_one_source_or_topic(knowledge):
    query = "different pharmacological classes"
    by_source = knowledge.search(query, source_id="sforzini2022")
    assert {hit.passage.source_id for hit in by_source} == {"sforzini2022"}
    by_topic = knowledge.search(query, topic="staging")
    assert {hit.passage.topic for hit in by_topic} == {"staging"}


def test_a_rule_fetches_its_passages_the_source_text_first(knowledge):
    found = knowledge.passages_for_rule("adequacy.duration")
    assert found[0].source_id == "trd-article"
    assert all("adequacy.duration" in passage.rules for passage in found)


def test_a_passage_is_fetched_by_its_id(knowledge):
    passage = knowledge.passage("adequate-trial/minimum-duration")
    assert passage.section == "The Cornerstone of Adequacy: Defining an Adequate Trial"


@pytest.mark.parametrize("passage", [item for item in authored_passages() if item.defines])
def test_what_a_passage_defines_is_answered_by_it(knowledge, passage):
    for name in passage.defines:
        found = knowledge.find(f"What is {name}?")
        assert found.answered, name
        assert found.hits[0].passage.passage_id == passage.passage_id, name


@pytest.mark.parametrize(
    "question", ["What is a hedgehog?", "what's gabapentin", "define insurance", "Zoloft price?"]
)
def test_what_no_passage_defines_is_not_answered(knowledge, question):
    assert not knowledge.find(question).answered


def test_a_definition_outside_the_filter_does_not_come(knowledge):
    hits = knowledge.search("What is ECT?", topic="scales")
    assert hits
    assert {hit.passage.topic for hit in hits} == {"scales"}
