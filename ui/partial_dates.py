"""Dates at their recorded precision, for drawing: the days a date can mean."""

import calendar
from datetime import date
from typing import NamedTuple

_MONTH_LENGTH = len("2024-06")
_YEAR_LENGTH = len("2024")


class Days(NamedTuple):
    """The first and the last calendar day a recorded date can mean."""

    earliest: date
    latest: date

    @property
    def is_exact(self) -> bool:
        """Whether the day itself is known."""
        return self.earliest == self.latest


def days_of(text: str | None) -> Days | None:
    """The days that ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` can mean; None for no date."""
    if not text:
        return None
    if len(text) == _YEAR_LENGTH:
        return Days(date(int(text), 1, 1), date(int(text), 12, 31))
    if len(text) == _MONTH_LENGTH:
        year, month = int(text[:4]), int(text[5:7])
        return Days(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
    day = date.fromisoformat(text[:10])
    return Days(day, day)


def span(start: str | None, end: str | None, *, ongoing: bool = False) -> str:
    """``2023-01-02 to 2023-02-26``, with what is not recorded said so."""
    last = "ongoing" if ongoing else end or "end not recorded"
    return f"{start or 'start not recorded'} to {last}"
