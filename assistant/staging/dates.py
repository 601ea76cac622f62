"""Calendar dates with the precision they were recorded with.

``2024-03`` is a range of 31 days, not the first of March. A clinical date is
the calendar date as written, in its own offset (reference/decisions.md, Dates).
"""

import calendar
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

_ISO = re.compile(
    r"(?P<date>(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?)"
    r"(?:T(?P<time>\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(?P<offset>Z|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)


class DayRange(NamedTuple):
    """A number of days known to lie in ``[low, high]``; ``high`` None is unbounded."""

    low: int
    high: int | None


@dataclass(frozen=True, slots=True, order=False)
class PartialDate:
    """A recorded date: a year, a month or a day."""

    earliest: date
    """The first calendar day it can mean."""
    latest: date
    """The last calendar day it can mean."""
    text: str
    """ISO 8601 at the recorded precision, without the time of day."""
    time: str = field(default="", compare=False)
    """Wall-clock time as written, only to order entries of one day."""

    @classmethod
    def parse(cls, text: str) -> "PartialDate":
        """Read ``YYYY``, ``YYYY-MM``, ``YYYY-MM-DD`` or an ISO date-time.

        Raises:
            ValueError: ``text`` is not a date of the calendar; the text itself is
                not repeated in the message, it may be patient data.
        """
        return _parse(text)

    @classmethod
    def of(cls, day: date) -> "PartialDate":
        """A date known to the day."""
        return cls(day, day, day.isoformat())

    @property
    def is_exact(self) -> bool:
        """Whether the day itself is recorded."""
        return self.earliest == self.latest

    def __str__(self) -> str:
        """The date as recorded."""
        return self.text


@lru_cache(maxsize=4096)
def _parse(text: str) -> PartialDate:
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError("expected a date as YYYY, YYYY-MM or YYYY-MM-DD, with or without a time")
    year, month, day = match["year"], match["month"], match["day"]
    time = match["time"] or ""
    if time and not day:
        raise ValueError("expected a full date before a time of day")
    try:
        first = date(int(year), int(month or 1), int(day or 1))
    except ValueError:
        raise ValueError("expected a date that exists in the calendar") from None
    if day:
        last = first
    elif month:
        last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    else:
        last = date(first.year, 12, 31)
    return PartialDate(first, last, match["date"], time)


def days_inclusive(first: date, last: date) -> int:
    """Days from ``first`` to ``last``, both counted; 0 when they are in the wrong order."""
    days = (last - first).days + 1
    return days if days > 0 else 0  # noqa: FURB136  half the time of max(), on every segment


def days_spanned(start: PartialDate | None, end: PartialDate | None) -> DayRange:
    """Days from ``start`` to ``end``, both counted, as the recorded precision allows."""
    if start is None or end is None:
        return DayRange(0, None)
    return DayRange(
        days_inclusive(start.latest, end.earliest), days_inclusive(start.earliest, end.latest)
    )


_length = lru_cache(maxsize=1024)(timedelta)
"""Most lengths are entries of a ruleset."""


def add_days(day: date, days: int) -> date:
    """``day`` moved by ``days``, held inside the calendar."""
    try:
        return day + _length(days)
    except OverflowError:
        return date.max if days > 0 else date.min


_IN_EVERY_MONTH = 28


def add_months(day: date, months: int) -> date:
    """``day`` moved by whole calendar months; a day the month lacks is its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > date.max.year:
        return date.max
    if day.day <= _IN_EVERY_MONTH:
        return date(year, month + 1, day.day)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))


def months_between(start: date, end: date) -> tuple[int, int]:
    """Whole calendar months from ``start`` to ``end``, and the days left over."""
    if end < start:
        return 0, 0
    months = (end.year - start.year) * 12 + end.month - start.month
    if add_months(start, months) > end:
        months -= 1
    return months, (end - add_months(start, months)).days
