"""Time words of a question as wall-clock bounds.

A time word has the precision of its unit (contract.md): "since 8 months ago"
starts on the first day of that month, "until 2 years ago" ends on the last day
of that year, "until 2180" includes 2180.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from assistant.answering.plan import Window

Span = tuple[datetime, datetime]
"""First and last moment of a stretch of the calendar."""

_UNITS = {
    "hour": "hour", "day": "day", "week": "week", "month": "month", "quarter": "quarter",
    "year": "year",
}  # fmt: skip
_NUMBERS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "eighteen": 18,
    "twenty-four": 24, "couple of": 2, "a couple of": 2, "few": 3, "a few": 3,
}  # fmt: skip
_MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
_MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name}
_MONTHS["sept"] = 9

_NUMBER = r"(?:\d{1,4}|" + "|".join(sorted(_NUMBERS, key=len, reverse=True)) + r")"
_UNIT = r"(?:hour|day|week|month|quarter|year)"
_MONTH = r"(?:" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\.?"

_POINT = (
    rf"(?P<ago>(?P<n>{_NUMBER}) (?P<unit>{_UNIT})s? (?:ago|back|earlier|before (?:now|today)))"
    rf"|(?P<relative>(?:this|last|past|the last|the past|previous|the previous|"
    rf"current|the current|next)"
    rf" (?P<runit>{_UNIT})(?!s))"
    r"|(?P<named>today|yesterday)"
    r"|(?P<iso>\d{4}-\d{2}-\d{2}(?:[t ]\d{2}:\d{2}(?::\d{2})?)?)"
    r"|(?P<isomonth>\d{4}-\d{2})(?![\d-])"
    r"|(?P<dmy>\d{1,2}/\d{1,2}/\d{4})"
    r"|(?P<my>\d{1,2}/\d{4})"
    rf"|(?P<dMy>\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH},? \d{{4}})"
    rf"|(?P<Mdy>{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})"
    rf"|(?P<My>{_MONTH},? (?:of )?\d{{4}})"
    rf"|(?P<Myy>{_MONTH},? '\d{{2}})(?!\d)"
    r"|(?P<year>(?:the year )?[12]\d{3})(?![\d/-]|\.\d)"
)
_POINT_OR_MONTH = (
    rf"{_POINT}|(?P<shortyear>(?:the )?{_MONTH} \d{{1,2}})(?![\d:]|st|nd|rd|th)"
    rf"|(?P<month>{_MONTH})(?! ?\d)"
)
"""A month without a year is understood only behind a word of time: the last one there was."""
_AT = re.compile(_POINT_OR_MONTH)
_FROM = (
    r"(?P<bound>since(?: the)?|starting(?: from| in| on)?|beginning(?: from| in| on)?|from|after"
    r"|until(?: the)?|till|up to(?: and including)?|up until|through|by|before|prior to"
    r"|as of|as early as|ever since|no later than|not later than|later than|earlier than"
    r"|on|in|during|for|within|over|throughout|at)"
)
_EDGE = (
    r"(?:(?:the )?(?:(?:very )?(?P<edge>start|beginning|end) of)\s+(?:the\s+)?"
    r"(?:(?:month|year) (?:of )?)?)?"
)
_BOUND = re.compile(rf"\b{_FROM}\s+(?:the\s+)?{_EDGE}(?:{_POINT_OR_MONTH})\b")
_LASTN = re.compile(
    rf"\b(?:in|over|within|during|for)?\s*(?:the )?(?:last|past|previous|preceding) "
    rf"(?P<n>{_NUMBER}) (?P<unit>{_UNIT})s?\b"
)
_OVER_PAST = re.compile(rf"\b(?:in|over|within|during|for) the past (?P<unit>{_UNIT})\b(?! \d)")
_BETWEEN = re.compile(r"\b(?:between|from)\s+(?P<rest>.+)")
_JOINT = re.compile(r"\s+(?:and|to|until|till|through|-|\u2013|vs\.?|versus)\s+(?:the\s+)?")
_TO_NOW = re.compile(
    r"\s+(?:and|to|until|till|up to|through|-|\u2013|vs\.?|versus)\s+(?:now|today|date)\b"
)
_SIDE_BY_SIDE = re.compile(
    rf"\b(?=(?:{_MONTH}|\d{{4}})(?:\s\d{{4}})?\s+(?:to|until|till|through|vs\.?|versus|-|\u2013)\s)"
)
_BARE = re.compile(rf"\b(?:{_POINT})\b")

_START = {
    "since", "since the", "starting", "starting from", "starting in", "starting on", "beginning",
    "beginning from", "beginning in", "beginning on", "from", "as early as", "ever since",
}  # fmt: skip
_END = {
    "until", "until the", "till", "up to", "up to and including", "up until", "through", "by",
    "as of", "no later than", "not later than",
}  # fmt: skip
_BEFORE = {"before", "prior to", "earlier than"}
_AFTER = {"after", "later than"}


def window_of(text: str, now: datetime) -> Window | None:
    """The stretch of time a question names, or None where it names none."""
    found, _ = split_time(text, now)
    return found


def split_time(text: str, now: datetime) -> tuple[Window | None, str]:
    """The stretch of time a question names, and the question without those words."""
    lower = text.lower()
    window: Window | None = None
    for reader in (_between, _last_n, _bounded, _bare):
        found = reader(lower, now)
        while found is not None:
            span, start, end = found
            window = span if window is None else _both(window, span)
            lower = f"{lower[:start]} {lower[end:]}"
            found = reader(lower, now)
    return window, " ".join(lower.split())


def _both(one: Window, other: Window) -> Window:
    starts = [w.start for w in (one, other) if w.start is not None]
    ends = [w.end for w in (one, other) if w.end is not None]
    return Window(start=max(starts, default=None), end=min(ends, default=None))


Found = tuple[Window, int, int]


def _between(text: str, now: datetime) -> Found | None:
    match = _BETWEEN.search(text)
    start = match.start("rest") if match is not None else -1
    if match is None:
        match = _SIDE_BY_SIDE.search(text)
        start = match.start() if match is not None else -1
    first = _AT.match(text, start) if match is not None else None
    if match is None or first is None:
        return None
    to_now = _TO_NOW.match(text, first.end())
    one = _span(first, now)
    if to_now is not None and one is not None:
        return Window(start=one[0], end=now), match.start(), to_now.end()
    joint = _JOINT.match(text, first.end())
    second = _AT.match(text, joint.end()) if joint else None
    if second is None:
        return None
    two = _span(second, now)
    one = _span(first, now if two is None else min(now, two[1]))
    if one is None or two is None:
        return None
    return Window(start=one[0], end=two[1]), match.start(), second.end()


def _last_n(text: str, now: datetime) -> Found | None:
    match = _LASTN.search(text)
    if match is None:
        match = _OVER_PAST.search(text)
        if match is None:
            return None
        return Window(start=_back(now, 1, match["unit"]), end=now), match.start(), match.end()
    start = _back(now, _count(match["n"]), match["unit"])
    return Window(start=start, end=now), match.start(), match.end()


def _bounded(text: str, now: datetime) -> Found | None:
    for match in _BOUND.finditer(text):
        span = _span(match, now)
        if span is None:
            continue
        word = " ".join(match["bound"].split())
        span = _edge_of(span, match["edge"], word)
        if word in _START:
            window = Window(start=span[0])
        elif word in _END:
            window = Window(end=span[1])
        elif word in _BEFORE:
            window = Window(end=span[0] - timedelta(microseconds=1))
        elif word in _AFTER:
            window = Window(start=span[1] + timedelta(microseconds=1))
        else:
            window = Window(start=span[0], end=span[1])
        taken_in = word == "on" and any(
            match[name] for name in ("ago", "relative", "month", "year")
        )
        return window, match.end("bound") if taken_in else match.start(), match.end()
    return None


def _edge_of(span: Span, edge: str | None, word: str) -> Span:
    """The first or the last day of a stretch, where a bound is set at its start or end."""
    bounds = _START | _END | _BEFORE | _AFTER | {"at", "by", "on"}
    if edge is None or word not in bounds:
        return span
    day = span[1].date() if edge == "end" else span[0].date()
    return _days(day, day)


def _bare(text: str, now: datetime) -> Found | None:
    for match in _BARE.finditer(text):
        if match["year"] is not None:
            continue  # a bare four-digit number may be anything
        span = _span(match, now)
        if span is not None:
            return Window(start=span[0], end=span[1]), match.start(), match.end()
    return None


def _count(text: str) -> int:
    return int(text) if text.isdigit() else _NUMBERS[text]


def _back(now: datetime, count: int, unit: str) -> datetime:
    if unit == "hour":
        return now - timedelta(hours=count)
    if unit in ("day", "week"):
        days = count * (7 if unit == "week" else 1)
        return now - timedelta(days=min(days, (now.date() - date.min).days))
    months = count * {"month": 1, "quarter": 3, "year": 12}[unit]
    total = now.year * 12 + now.month - 1 - months
    if total < 12:  # noqa: PLR2004 - before year 1
        return datetime.combine(date.min, time.min)
    year, month = divmod(total, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return now.replace(year=year, month=month + 1, day=min(now.day, last))


def _span(match: re.Match[str], now: datetime) -> Span | None:
    try:
        said = match.groupdict()
        for name, read in _READERS.items():
            if said.get(name) is not None:
                return read(match, now)
    except (ValueError, OverflowError, KeyError):
        return None
    return None


def _unit_span(moment: datetime, unit: str) -> Span:
    day = moment.date()
    if unit == "hour":
        start = moment.replace(minute=0, second=0, microsecond=0)
        return start, start + timedelta(hours=1) - timedelta(microseconds=1)
    if unit == "week":
        monday = day - timedelta(days=day.weekday())
        return _days(monday, monday + timedelta(days=6))
    if unit == "month":
        return _days(day.replace(day=1), _month_end(day.year, day.month))
    if unit == "quarter":
        first = 3 * ((day.month - 1) // 3) + 1
        return _days(date(day.year, first, 1), _month_end(day.year, first + 2))
    if unit == "year":
        return _days(date(day.year, 1, 1), date(day.year, 12, 31))
    return _days(day, day)


def _days(first: date, last: date) -> Span:
    return datetime.combine(first, time.min), datetime.combine(last, time.max)


def _month_end(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])


def _ago(match: re.Match[str], now: datetime) -> Span:
    return _unit_span(_back(now, _count(match["n"]), match["unit"]), match["unit"])


def _relative(match: re.Match[str], now: datetime) -> Span:
    words, unit = match["relative"], match["runit"]
    if "this" in words or "current" in words:
        return _unit_span(now, unit)
    if words.startswith("next"):
        raise ValueError("the future holds no entries")
    return _unit_span(_back(now, 1, unit), unit)


def _named_day(match: re.Match[str], now: datetime) -> Span:
    day = now.date() - timedelta(days=1 if match["named"] == "yesterday" else 0)
    return _days(day, day)


def _iso(match: re.Match[str], _: datetime) -> Span:
    text = match["iso"].upper().replace(" ", "T")
    if "T" in text:
        moment = datetime.fromisoformat(text)
        return moment, moment + timedelta(seconds=0 if text.count(":") > 1 else 59)
    day = date.fromisoformat(text)
    return _days(day, day)


def _iso_month(match: re.Match[str], _: datetime) -> Span:
    year, month = (int(part) for part in match["isomonth"].split("-"))
    return _days(date(year, month, 1), _month_end(year, month))


def _day_month_year(match: re.Match[str], _: datetime) -> Span:
    first, second, year = (int(part) for part in match["dmy"].split("/"))
    if second > 12:  # noqa: PLR2004 - month first, as the day cannot be a month
        first, second = second, first
    day = date(year, second, first)
    return _days(day, day)


def _month_year(match: re.Match[str], _: datetime) -> Span:
    month, year = (int(part) for part in match["my"].split("/"))
    return _days(date(year, month, 1), _month_end(year, month))


def _written(text: str) -> tuple[int | None, int, int]:
    month = next(
        _MONTHS[w.rstrip(".")] for w in re.findall(r"[a-z]+\.?", text) if w.rstrip(".") in _MONTHS
    )
    numbers = [int(n) for n in re.findall(r"\d+", text)]
    year = numbers[-1]
    return (numbers[0] if len(numbers) > 1 else None), month, year


def _written_day(group: str) -> Callable[[re.Match[str], datetime], Span]:
    def read(match: re.Match[str], _: datetime) -> Span:
        day, month, year = _written(match[group])
        if day is None:
            return _days(date(year, month, 1), _month_end(year, month))
        exact = date(year, month, day)
        return _days(exact, exact)

    return read


def _short_year(group: str) -> Callable[[re.Match[str], datetime], Span]:
    """A month with two digits: a year that has been, else the day of the last such month."""

    def read(match: re.Match[str], now: datetime) -> Span:
        word, number = match[group].removeprefix("the ").replace(",", "").split()
        month, digits = _MONTHS[word.rstrip(".")], int(number.lstrip("'"))
        year = now.year - now.year % 100 + digits
        on_a_day = "bound" in match.groupdict() and match["bound"] in ("on", "at")
        if year <= now.year and len(number.lstrip("'")) > 1 and not on_a_day:
            return _days(date(year, month, 1), _month_end(year, month))
        last = now.year if (month, digits) <= (now.month, now.day) else now.year - 1
        return _days(date(last, month, digits), date(last, month, digits))

    return read


def _month(match: re.Match[str], now: datetime) -> Span:
    month = _MONTHS[match["month"].rstrip(".")]
    year = now.year if month <= now.month else now.year - 1
    return _days(date(year, month, 1), _month_end(year, month))


def _year(match: re.Match[str], _: datetime) -> Span:
    year = int(match["year"][-4:])
    return _days(date(year, 1, 1), date(year, 12, 31))


_READERS: dict[str, Callable[[re.Match[str], datetime], Span]] = {
    "ago": _ago,
    "relative": _relative,
    "named": _named_day,
    "iso": _iso,
    "isomonth": _iso_month,
    "dmy": _day_month_year,
    "my": _month_year,
    "dMy": _written_day("dMy"),
    "Mdy": _written_day("Mdy"),
    "My": _written_day("My"),
    "Myy": _short_year("Myy"),
    "shortyear": _short_year("shortyear"),
    "year": _year,
    "month": _month,
}
