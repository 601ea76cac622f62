"""Scorers that need no model: each gives measures with a value, or leaves them unscored."""

from typing import NamedTuple


class Score(NamedTuple):
    """One measure of one item."""

    measure: str
    value: float | None
    """0 to 1; None is unscored, which is not a zero."""
    detail: str = ""
    """What was expected and what came, where it is not right."""


def told(measure: str, right: bool, detail: str = "") -> Score:
    """A measure that is right or wrong."""
    return Score(measure, float(right), "" if right else detail)


def unscored(measure: str, why: str) -> Score:
    """A measure that cannot be taken of this item."""
    return Score(measure, None, why)
