"""Three-valued verdicts: a criterion is met, not met, or unknown.

Unknown is a value, never an absence: it travels through every conclusion until
a fact settles it.
"""

from collections.abc import Iterable
from enum import StrEnum


class Verdict(StrEnum):
    """Whether the record shows that a criterion holds."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"

    @classmethod
    def of(cls, value: bool) -> "Verdict":
        """The verdict of a comparison that could be made."""
        return cls.MET if value else cls.NOT_MET

    @classmethod
    def at_or_above(cls, low: object, high: object, threshold: object) -> "Verdict":
        """Whether a quantity known to lie in ``[low, high]`` reaches ``threshold``.

        ``None`` as a bound is a bound the record does not give.
        """
        if low is not None and low >= threshold:  # type: ignore[operator]
            return cls.MET
        if high is not None and high < threshold:  # type: ignore[operator]
            return cls.NOT_MET
        return cls.UNKNOWN


class Answer(StrEnum):
    """A yes/no question about the record, or that the record cannot say."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# Python 3.11 takes ten times as long to find a member through its class.
MET, NOT_MET, NOT_KNOWN = Verdict
YES, NO, OPEN = Answer


def all_met(verdicts: Iterable[Verdict]) -> Verdict:
    """Conjunction: one ``not_met`` settles it, else one ``unknown`` leaves it open."""
    seen = tuple(verdicts)
    if Verdict.NOT_MET in seen:
        return Verdict.NOT_MET
    return Verdict.UNKNOWN if Verdict.UNKNOWN in seen else Verdict.MET
