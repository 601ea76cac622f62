"""The printed chapter of the rules is what the tests say today."""

from pathlib import Path

from tests.spec import chapter


def test_the_printed_chapter_is_fresh() -> None:
    assert chapter.PAGE.read_text(encoding="utf-8") == chapter.written(), "run `make docs`"


def test_every_file_of_rules_is_a_chapter() -> None:
    files = {f.stem.removeprefix("test_") for f in Path(__file__).parent.glob("test_*.py")}
    assert files - {"chapter"} == set(chapter.CHAPTERS)


def test_every_reference_case_has_a_test() -> None:
    page = chapter.PAGE.read_text(encoding="utf-8")
    named = {f"W{n:02}" for n in range(1, 47)}
    assert {case for case in named if case in page} == named
