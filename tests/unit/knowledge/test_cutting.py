"""A document becomes passages that fit the embedder and carry their heading."""

from knowledge.ingest.cutting import MAX_WORDS, TARGET_WORDS, cut
from knowledge.ingest.formats import Block


def test_short_neighbors_under_one_heading_are_joined():
    (passage,) = cut([Block("Dose", "First."), Block("Dose", "Second.")], "added-a", "a.md")
    assert (passage.section, passage.text) == ("Dose", "First. Second.")


def test_a_new_heading_begins_a_new_passage():
    passages = cut([Block("Dose", "First."), Block("Time", "Second.")], "added-a", "a.md")
    assert [passage.section for passage in passages] == ["Dose", "Time"]


def test_a_long_paragraph_is_cut_at_its_sentences():
    sentences = " ".join(f"The dose of trial {at} was at or above its floor." for at in range(60))
    passages = cut([Block("Dose", sentences)], "added-a", "a.md")
    assert len(passages) > 1
    assert all(len(passage.text.split()) <= TARGET_WORDS + 20 for passage in passages)
    assert all(passage.text.endswith(".") for passage in passages)


def test_text_without_sentences_is_cut_all_the_same():
    passages = cut([Block("", "word " * 1000)], "added-a", "a.md")
    assert all(len(passage.text.split()) <= MAX_WORDS for passage in passages)


def test_text_before_any_heading_stands_under_the_file_name():
    (passage,) = cut([Block("", "Some text.")], "added-a", "a.md")
    assert passage.section == "a.md"


def test_problem_ids_leave_the_text_and_are_kept():
    (passage,) = cut([Block("S", "A claim [@problem_id:4770521-F].")], "added-a", "a.md")
    assert (passage.text, passage.problem_ids) == ("A claim.", ("4770521-F",))


def test_the_same_text_twice_is_one_passage():
    long = "word " * TARGET_WORDS
    assert len(cut([Block("S", long), Block("S", long)], "added-a", "a.md")) == 1
