"""On which days a trial may be measured: from its start until it or the next trial closes them."""

from collections.abc import Iterable, Sequence
from datetime import date

from assistant.staging.courses import Course, FirstDay
from assistant.staging.dates import add_days
from assistant.staging.episode_view import EpisodeView
from assistant.staging.outcome import Window

_NO_NEXT = FirstDay(date.max, date.max)


def windows(course: Course, next_starts: FirstDay, view: EpisodeView) -> list[Window]:
    """A window for every start and end that reads the scores differently.

    Partial dates allow a range of each; between two scores a day more or less
    changes nothing, so the days on which a score moves in or out are enough.
    """
    ruleset = view.ruleset
    shortest, longest = course.shortest_span, course.longest_span
    if shortest is None or longest is None or longest[0] == date.min:
        return []

    def closing(end: date, next_start: date) -> date:
        return min(
            add_days(end, ruleset.endpoint_after_days),
            view.as_of,
            add_days(next_start, ruleset.endpoint_next_trial_days),
        )

    first_closes = last_closes = closing(shortest[1], next_starts.earliest)
    if shortest != longest or next_starts.earliest != next_starts.latest:
        ends = [closing(i[1], start) for i in (shortest, longest) for start in next_starts]
        first_closes, last_closes = min(ends), max(ends)
    starts, closes = [shortest[0]], [first_closes]
    if shortest[0] != longest[0] or first_closes != last_closes:
        scored = {d for s in view.scores.ordered for d in (s.date.earliest, s.date.latest)}
        moving = {
            add_days(day, -lead - before)
            for day in scored
            for lead in (0, ruleset.baseline_after_days, ruleset.endpoint_min_days)
            for before in (-1, 0, 1)
        }
        starts = _turning_points(shortest[0], longest[0], moving)
        closes = _turning_points(first_closes, last_closes, scored)
    return [
        Window(
            start,
            view.baseline_from,
            add_days(start, ruleset.baseline_after_days),
            add_days(start, ruleset.endpoint_min_days),
            until,
        )
        for start in starts
        for until in closes
    ]


def _turning_points(one: date, other: date, within: Iterable[date]) -> list[date]:
    """Both ends of a range, and the days of ``within`` that lie between them."""
    low, high = min(one, other), max(one, other)
    return sorted({one, other} | {day for day in within if low < day < high})


def next_starts(course: Course, courses: Sequence[Course], *, with_combination: bool) -> FirstDay:
    """Earliest and latest first day of the next trial; additions do not close a window."""
    own = course.longest_span
    if own is None:
        return _NO_NEXT
    later = [
        starts
        for other in courses
        if (starts := other.starts).earliest > own[0]
        and other.role != "augmentation"
        and not other.drug.is_course
        and (with_combination or not (other.role == "combination" and other.partner == course.id))
    ]
    if not later:
        return _NO_NEXT
    if len(later) == 1:
        return later[0]
    return FirstDay(min([s.earliest for s in later]), min([s.latest for s in later]))
