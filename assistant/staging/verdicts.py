"""Three-valued verdicts: a criterion is met, not met, or unknown.

Unknown is a value, never an absence: it travels through every conclusion until
a fact settles it.
"""

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


class Answer(StrEnum):
    """A yes/no question about the record, or that the record cannot say."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


# Python 3.11 takes ten times as long to find a member through its class.
MET, NOT_MET, NOT_KNOWN = Verdict
YES, NO, OPEN = Answer


def at_or_above(low: int | None, high: int | None, threshold: int) -> Verdict:
    """Whether a quantity known to lie in ``[low, high]`` reaches ``threshold``.

    ``None`` as a bound is a bound the record does not give.
    """
    if low is not None and low >= threshold:
        return MET
    if high is not None and high < threshold:
        return NOT_MET
    return NOT_KNOWN


def all_met(*verdicts: Verdict) -> Verdict:
    """Conjunction: one ``not_met`` settles it, else one ``unknown`` leaves it open."""
    if NOT_MET in verdicts:
        return NOT_MET
    return NOT_KNOWN if NOT_KNOWN in verdicts else MET
