"""The shipped corpus: every passage is whole, and every rule of the core has one."""

import tomllib
from pathlib import Path

import pytest

from knowledge.corpus_reader import CORPUS, authored_passages, read_corpus
from knowledge.passages import KnowledgeError

RULES = Path(__file__).parents[3] / "assistant" / "staging" / "tables" / "rules.toml"


def _rule_ids() -> list[str]:
    groups = tomllib.loads(RULES.read_text(encoding="utf-8"))
    return [f"{group}.{name}" for group, rules in groups.items() for name in rules]


@pytest.mark.parametrize("rule_id", _rule_ids())
def test_every_rule_of_the_core_has_a_passage(rule_id):
    assert any(rule_id in passage.rules for passage in authored_passages())


def test_no_passage_names_a_rule_that_does_not_exist():
    named = {rule for passage in authored_passages() for rule in passage.rules}
    assert named <= set(_rule_ids())


def test_a_rule_that_stands_in_the_source_text_has_a_passage_under_its_heading():
    groups = tomllib.loads(RULES.read_text(encoding="utf-8"))
    for group, rules in groups.items():
        for name, rule in rules.items():
            if "section" in rule:
                assert any(
                    f"{group}.{name}" in passage.rules
                    and passage.section == rule["section"]
                    and passage.source_id == "trd-article"
                    for passage in authored_passages()
                ), f"{group}.{name}"


def test_every_passage_cites_a_source_and_a_heading():
    for passage in authored_passages():
        assert passage.citations, passage.passage_id
        assert passage.section, passage.passage_id


def test_only_passages_of_the_source_text_are_not_beyond_it():
    for passage in authored_passages():
        assert passage.beyond_source == (passage.source_id != "trd-article")


def _write(folder: Path, body: str) -> Path:
    (folder / "sources.toml").write_text('[a]\ncitation = "A"\nidentifier = ""\n')
    header = '+++\nsource_id = "a"\nsection = "S"\ntopic = "staging"\n+++\n'
    (folder / "10-x.md").write_text(header + body)
    return folder


def test_a_passage_keeps_its_fields(tmp_path):
    body = "\n## one\nproblems: 1, 2\nrules: trd.definition\n\nThe\ntext.\n"
    (passage,) = read_corpus(_write(tmp_path, body))
    assert (passage.passage_id, passage.text) == ("x/one", "The text.")
    assert (passage.problem_ids, passage.rules) == (("1", "2"), ("trd.definition",))


def test_ways_of_asking_may_stand_on_several_lines(tmp_path):
    body = "\n## one\nasks: what | how\nasks: why\n\nText.\n"
    (passage,) = read_corpus(_write(tmp_path, body))
    assert passage.asks == ("what", "how", "why")
    assert passage.text == "Text."


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("\n## one\n\nA.\n\n## one\n\nB.\n", "share one id"),
        ("\n## one\nsources: b\n\nA.\n", "no entry"),
        ("\n## one\nbeside: two\n\nA.\n", "names no passage"),
        ("\n## one\nthis is no field\n\nA.\n", "expected `key: value`"),
        ("\n## one\nrules: trd.definition\n\n\n", "without text"),
    ],
)
def test_a_broken_corpus_file_says_what_is_wrong(tmp_path, body, said):
    with pytest.raises(KnowledgeError, match=said):
        read_corpus(_write(tmp_path, body))


def test_the_corpus_folder_holds_nothing_but_sections_and_sources():
    names = {path.name for path in CORPUS.iterdir()}
    assert {name for name in names if not name.endswith(".md")} == {"sources.toml"}
