"""No text makes the reader of dose instructions raise, hang, or leave its vocabulary."""

import json
import random
import string
import time
import tomllib
from importlib.resources import files

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_adapter.sig import parse_sig
from tests.lib.schemas import violations

_LONGEST_READ_S = 1.0


def _phrases(node):
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from _phrases(value)
    elif isinstance(node, list):
        for value in node:
            yield from _phrases(value)


_TABLE = files("fhir_adapter").joinpath("tables/sig_words.toml").read_text(encoding="utf-8")
_WORDS = sorted({*_phrases(tomllib.loads(_TABLE)), "1", "2", "0.5", "100", ",", ".", "(", ")", "-"})
_KNOWN_WORDS = st.lists(st.sampled_from(_WORDS), max_size=25).map(" ".join)


def _holds(text):
    read = parse_sig(text)
    shown = read.to_json()
    assert violations("sig-1", json.loads(json.dumps([shown], allow_nan=False))) == []
    for step in (read, *read.segments):
        if step.dose is not None and step.dose.amount.high is not None:
            assert step.dose.amount.low <= step.dose.amount.high
    for field in ("dose", "frequency"):
        assert shown[field] is not None or read.problems


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read_or_named_a_problem(text):
    _holds(text)


@settings(max_examples=700, deadline=None)
@given(_KNOWN_WORDS)
def test_any_row_of_known_words_is_read_or_named_a_problem(text):
    _holds(text)


def test_the_longest_text_is_read_within_a_second():
    rng = random.Random(7)
    for piece in ("1", "f w ", "k for and ", "a ", "(", "1 to ", "mon,", "x", "1/", "é", "every "):
        text = (piece * 1000)[:1000]
        started = time.monotonic()
        _holds(text)
        assert time.monotonic() - started < _LONGEST_READ_S, piece
    letters = "".join(rng.choices(string.ascii_lowercase + " 0123456789.,/-", k=1000))
    _holds(letters)


def test_reading_is_deterministic():
    text = "take 1-2 tabs po q4-6h prn pain x 7 days then 1 tab daily"
    assert parse_sig(text) == parse_sig(text)


def test_a_digit_that_is_no_number_is_a_word_not_read():
    for text in ("take ➆ tablets daily", "敥➆"):
        _holds(text)
        assert parse_sig(text).dose is None


def test_every_slash_makes_a_fraction():
    for text in (
        "take 1/2 tablet daily",
        "take 1\u20442 tablet daily",
        "take 1\u22152 tablet daily",
    ):
        assert str(parse_sig(text).dose.amount.low) == "0.5"
