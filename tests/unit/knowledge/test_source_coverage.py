"""The corpus holds every checkable fact of the source text, figures equal, in our own words."""

import json
import re
from pathlib import Path

import pytest

from knowledge.corpus_reader import authored_passages

FACTS = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "data" / "knowledge" / "source_facts.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
ARTICLE = Path(__file__).parents[4] / "shared" / "source" / "trd-article.md"
WORDS_IN_A_ROW = 7
NAMES = (
    "atp binding cassette subfamily b member 1",
    "diagnostic and statistical manual of mental disorders",
    "group for the study of resistant depression",
)
FIGURE = re.compile(r"\d+(?:\.\d+)?")
NUMBER_WORDS = {"one": "1", "two": "2"}


def _own() -> list:
    return [passage for passage in authored_passages() if passage.source_id == "trd-article"]


def _words(text: str) -> list[str]:
    linked = re.sub(r"\[([^\]]+)\]\(@[^)]*\)", r"\1", text)
    return re.findall(r"[a-z0-9]+", linked.lower())


def _sections() -> dict[str, str]:
    """The body under each heading of the article."""
    parts = re.split(r"^#+ (.+)$", ARTICLE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_list_is_long_enough():
    assert len(FACTS) >= 120


@pytest.mark.parametrize("fact", FACTS, ids=lambda fact: fact["fact"])
def test_a_fact_of_the_source_stands_in_a_passage_under_its_heading(fact):
    figures = set(FIGURE.findall(fact["fact"]))
    assert any(
        passage.section == fact["section"]
        and all(phrase.lower() in passage.text.lower() for phrase in fact["holds"])
        and figures <= set(FIGURE.findall(passage.text))
        for passage in _own()
    )


@pytest.mark.shared_data
@pytest.mark.skipif(not ARTICLE.is_file(), reason="no ../shared/source beside this repository")
class TestAgainstTheArticle:
    """What can only be checked beside the article itself."""

    def test_every_heading_of_a_passage_is_one_of_the_article(self):
        assert {passage.section for passage in _own()} <= set(_sections())

    def test_every_heading_with_text_has_a_passage(self):
        written = {heading for heading, body in _sections().items() if body.strip()}
        assert written <= {passage.section for passage in _own()}

    @pytest.mark.parametrize("passage", _own(), ids=lambda passage: passage.passage_id)
    def test_every_figure_of_a_passage_is_in_the_articles_section(self, passage):
        there = set(FIGURE.findall(_sections()[passage.section]))
        words = set(_words(_sections()[passage.section]))
        there |= {figure for word, figure in NUMBER_WORDS.items() if word in words}
        assert set(FIGURE.findall(passage.text)) <= there

    def test_every_figure_of_the_article_is_in_a_passage_of_its_section(self):
        for heading, body in _sections().items():
            stated = re.sub(r"\[?@?(?:problem|entry)_id:[\w-]+\]?", "", body)
            held = {
                figure
                for passage in _own()
                if passage.section == heading
                for figure in FIGURE.findall(passage.text)
            }
            lists = {"1", "2", "3"} if re.search(r"^1\. ", stated, flags=re.MULTILINE) else set()
            assert set(FIGURE.findall(stated)) - lists <= held, heading

    def test_every_problem_id_is_kept_in_its_section(self):
        for heading, body in _sections().items():
            named = set(re.findall(r"@problem_id:([\w-]+)", body))
            kept = {
                problem
                for passage in _own()
                if passage.section == heading
                for problem in passage.problem_ids
            }
            assert named == kept, heading

    def test_no_passage_repeats_seven_words_in_a_row_of_the_article_but_for_names(self):
        article = _words(ARTICLE.read_text(encoding="utf-8"))
        runs = {
            tuple(article[at : at + WORDS_IN_A_ROW])
            for at in range(len(article) - WORDS_IN_A_ROW + 1)
        }
        for passage in authored_passages():
            for text in (passage.text, *passage.asks):
                words = _words(text)
                for at in range(len(words) - WORDS_IN_A_ROW + 1):
                    run = tuple(words[at : at + WORDS_IN_A_ROW])
                    said = " ".join(run)
                    assert run not in runs or said in NAMES, f"{passage.passage_id}: {said}"
