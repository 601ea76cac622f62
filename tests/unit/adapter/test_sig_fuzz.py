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

_UNITS = {
    "tablet", "capsule", "mL", "mg", "mcg", "g", "unit", "drop", "puff", "spray", "patch",
    "application", "suppository", "lozenge", "packet", "each", None,
}  # fmt: skip
_ROUTES = {
    "oral", "sublingual", "buccal", "inhaled", "nasal", "ophthalmic", "otic", "topical",
    "transdermal", "rectal", "vaginal", "subcutaneous", "intramuscular", "intravenous", None,
}  # fmt: skip
_PERIODS = {"minute", "hour", "day", "week", "month", "year", None}
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
    json.dumps(shown, allow_nan=False)
    for step in (read, *read.segments):
        assert step.route in _ROUTES
        if step.dose is not None:
            assert step.dose.unit in _UNITS
            assert step.dose.amount.high is None or step.dose.amount.high > 0
            assert step.dose.amount.high is None or step.dose.amount.low <= step.dose.amount.high
        if step.frequency is not None:
            assert step.frequency.unit in _PERIODS
        if step.duration is not None:
            assert step.duration.unit in _PERIODS
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
