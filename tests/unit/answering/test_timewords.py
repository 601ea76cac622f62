"""Time words have the precision of their unit (contract.md)."""

from datetime import datetime

import pytest

from assistant.answering.plan import Window
from assistant.answering.timewords import split_time, window_of

_NOW = datetime(2180, 8, 10, 22, 48)  # noqa: DTZ001 - the record's own wall clock


def _days(words: str) -> tuple[str | None, str | None]:
    window = window_of(words, _NOW)
    assert window is not None
    return (
        window.start.isoformat()[:16] if window.start else None,
        window.end.isoformat()[:16] if window.end else None,
    )


@pytest.mark.parametrize(
    ("words", "start", "end"),
    [
        ("since 8 months ago", "2179-12-01T00:00", None),
        ("until 2 years ago", None, "2178-12-31T23:59"),
        ("until 2180", None, "2180-12-31T23:59"),
        ("last month", "2180-07-01T00:00", "2180-07-31T23:59"),
        ("since last month", "2180-07-01T00:00", None),
        ("this year", "2180-01-01T00:00", "2180-12-31T23:59"),
        ("in 2173", "2173-01-01T00:00", "2173-12-31T23:59"),
        ("in 07/2173", "2173-07-01T00:00", "2173-07-31T23:59"),
        ("since 04/08/2113", "2113-08-04T00:00", None),
        ("until yesterday", None, "2180-08-09T23:59"),
        ("since 738 days ago", "2178-08-03T00:00", None),
        ("today", "2180-08-10T00:00", "2180-08-10T23:59"),
        ("before 2179-03-01", None, "2179-02-28T23:59"),
        ("after March 2179", "2179-04-01T00:00", None),
        ("on 3 March 2179", "2179-03-03T00:00", "2179-03-03T23:59"),
        ("between January 2179 and March 2179", "2179-01-01T00:00", "2179-03-31T23:59"),
        ("in the last 3 months", "2180-05-10T22:48", "2180-08-10T22:48"),
        ("at 2137-05-03 13:20:12", "2137-05-03T13:20", "2137-05-03T13:20"),
    ],
)
def test_time_words_have_the_precision_of_their_unit(
    words: str, start: str | None, end: str | None
) -> None:
    assert _days(f"what was given {words}?") == (start, end)


def test_a_question_without_time_words_has_no_window() -> None:
    assert window_of("what was the last HAM-D?", _NOW) is None


@pytest.mark.parametrize("words", ["since 30/02/2180", "in 13/2180", "since 99999 years ago"])
def test_a_time_that_does_not_exist_is_no_crash(words: str) -> None:
    window_of(f"what was given {words}?", _NOW)


def test_the_time_words_are_taken_out_of_the_question() -> None:
    window, rest = split_time("Was aspirin given since 2179?", _NOW)
    assert isinstance(window, Window)
    assert rest == "was aspirin given ?"
