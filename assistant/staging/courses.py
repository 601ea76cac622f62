"""From recorded exposures to courses: which uses of one drug are one trial.

A course is a trial before it is judged: the exposures of one antidepressant
joined under the gap rule, with its part beside other antidepressants (switch,
combination, augmentation) and the uses that are no trial set apart.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from assistant.staging.dates import PartialDate, days_inclusive
from assistant.staging.doses import Dose
from assistant.staging.record import (
    EndBasis,
    Exposure,
    ExposureSource,
    Indication,
    Issue,
    TreatmentRecord,
)
from assistant.staging.record_index import NEVER_TAKEN
from assistant.staging.report import ExcludedExposure
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import Drug, drugs
from assistant.staging.timeline import (
    Reading,
    Segment,
    conflicting_ends,
    first_date,
    is_exact,
    last_date,
    segments,
    span,
)
from assistant.staging.verdicts import MET, NOT_KNOWN, NOT_MET, Verdict

_STRENGTH = {source: rank for rank, source in enumerate(ExposureSource)}


class FirstDay(NamedTuple):
    """The earliest and the latest day on which a course can have begun."""

    earliest: date
    latest: date


class Course(NamedTuple):
    """One drug's exposures joined: a trial before it is judged."""

    id: str
    drug: Drug
    exposures: tuple[Exposure, ...]
    shortest: tuple[Segment, ...]
    longest: tuple[Segment, ...]
    start: PartialDate | None
    end: PartialDate | None
    end_basis: str
    ongoing: bool
    certain: bool
    """Whether every day and every dose is known: both readings are the same."""
    shortest_span: tuple[date, date] | None
    """First and last day under the shortest reading; None where nothing dates the course."""
    longest_span: tuple[date, date] | None
    """First and last day under the longest reading."""
    starts: FirstDay
    """The days on which it can have begun."""
    highest_dose: Decimal | None
    """Highest known daily dose in mg, comparable with the floor."""
    highest_labelled_dose: Decimal | None
    """Highest known daily dose in mg, as the label states it."""
    floor: Decimal | None
    """Minimum adequate dose in mg/day; None where the ruleset's table gives none."""
    floor_source: str
    """Source key of the floor."""
    dose: Verdict
    """Whether the floor was reached on any day."""
    role: str = "monotherapy"
    partner: str | None = None
    """Id of the course this one was combined with or added to."""
    asserted: tuple[str, ...] = ()

    @property
    def indication(self) -> Indication | None:
        """What it was given for: depression where any entry says so."""
        stated = [x.indication for x in self.exposures if x.indication is not None]
        if not stated:
            return None
        return next((i for i in stated if i.depression), stated[0])


class Courses(NamedTuple):
    """All courses in order of their start, without number and role, and what was set apart."""

    courses: tuple[Course, ...]
    excluded: tuple[ExcludedExposure, ...]
    issues: tuple[Issue, ...]


def build(record: TreatmentRecord, as_of: date, ruleset: Ruleset) -> Courses:
    """The antidepressant courses of a record, in order of their start."""
    usable, excluded = _sort_out(record.exposures)
    issues: list[Issue] = []
    found: list[Course] = []
    by_drug = {name: _dated(exposures, issues) for name, exposures in sorted(usable.items())}
    timelines = {
        name: segments(exposures, Reading.LONGEST, as_of, ruleset)
        for name, exposures in by_drug.items()
    }
    paused = any(_pause(p, q) > 0 for parts in timelines.values() for p, q in pairwise(parts))
    periods = {
        name: _trial_periods(drugs()[name], by_drug[name], parts, as_of, ruleset)
        for name, parts in timelines.items()
        if paused
    }
    for name, exposures in by_drug.items():
        others = [p for other, listed in periods.items() if other != name for p in listed]
        groups = _split(timelines[name], others, ruleset) or [()]
        for group in groups:
            if len(group) == len(timelines[name]):
                course = assemble(drugs()[name], exposures, as_of, ruleset, timelines[name])
            else:
                members = _members(exposures, group, as_of)
                course = assemble(drugs()[name], members, as_of, ruleset)
            reason = _no_trial(course)
            if reason:
                excluded.append(_excluded(name, reason, course.exposures))
            else:
                found.append(course)
                issues.extend(_conflicts(course, as_of))
    ordered = sorted(found, key=_chronological)
    excluded.sort(key=lambda x: (x.drug, x.reason, [str(e) for e in x.evidence]))
    return Courses(tuple(ordered), tuple(excluded), tuple(issues))


def assemble(
    drug: Drug,
    exposures: Sequence[Exposure],
    as_of: date,
    ruleset: Ruleset,
    longest: tuple[Segment, ...] | None = None,
) -> Course:
    """One course of the given exposures, its dates as precise as the entries.

    ``longest`` is the longest reading of just these exposures, where it is at hand.
    """
    if longest is None:
        longest = segments(exposures, Reading.LONGEST, as_of, ruleset)
    shortest = longest
    if not all([is_exact(exposure) for exposure in exposures]) or conflicting_ends(
        exposures, as_of
    ):
        shortest = segments(exposures, Reading.SHORTEST, as_of, ruleset)
    start = first_date(longest[0]) if longest and longest[0].start > date.min else None
    starts = _ANY_DAY
    if longest and shortest:
        starts = FirstDay(longest[0].start, shortest[0].start)
    end, basis, ongoing = _end(exposures, longest, as_of)
    floor, floor_source = _floor(drug, ruleset)
    doses = [part.dose for part in longest] or [x.dose for x in exposures]
    known = [dose for dose in doses if dose is not None]
    certain = shortest is longest and all([_is_exact(part.dose) for part in longest])
    if shortest is not longest:
        doses += [part.dose for part in shortest]
    return Course(
        id="",
        drug=drug,
        exposures=tuple(exposures),
        shortest=shortest,
        longest=longest,
        start=start,
        end=end,
        end_basis=basis,
        ongoing=ongoing,
        certain=certain,
        shortest_span=_span_of(shortest),
        longest_span=_span_of(longest),
        starts=starts,
        highest_dose=max([dose.high for dose in known]) if known else None,
        highest_labelled_dose=max([dose.labelled_high for dose in known]) if known else None,
        floor=floor,
        floor_source=floor_source,
        dose=_reached(doses, floor, ruleset),
    )


_ANY_DAY = FirstDay(date.min, date.max)


def _span_of(parts: Sequence[Segment]) -> tuple[date, date] | None:
    return (parts[0].start, parts[-1].end) if parts else None


def _floor(drug: Drug, ruleset: Ruleset) -> tuple[Decimal | None, str]:
    """The minimum adequate dose of the ruleset's dose set, else of the first, and its source."""
    if ruleset.dose_set == "none":
        return Decimal(0), drug.floor_sources["atrq"]
    given = ruleset.dose_set if drug.floors.get(ruleset.dose_set) else "atrq"
    return drug.floors[given], drug.floor_sources[given]


def _reached(doses: Sequence[Dose | None], floor: Decimal | None, ruleset: Ruleset) -> Verdict:
    if ruleset.dose_set == "none":
        return Verdict.MET
    if floor is None:
        return Verdict.UNKNOWN
    if any([dose is not None and dose.low >= floor for dose in doses]):
        return MET
    if any([dose is None or dose.high >= floor for dose in doses]):
        return NOT_KNOWN
    return NOT_MET


def _is_exact(dose: Dose | None) -> bool:
    return dose is not None and dose.low == dose.high


def assign_roles(courses: Sequence[Course], ruleset: Ruleset) -> tuple[Course, ...]:
    """Tell a switch from a combination, and a trial from a low-dose addition."""
    assigned: list[Course] = []
    for course in courses:
        role, partner = "monotherapy", None
        for earlier in assigned:
            if course.drug.is_course or earlier.drug.is_course or earlier.role == "augmentation":
                continue
            shared = _shared(earlier, course)
            if not shared:
                continue
            is_switch = _days(shared) <= ruleset.cross_taper_days
            if course.dose is Verdict.NOT_MET:
                if not is_switch or _lies_beside(course, shared):
                    role, partner = "augmentation", earlier.id
            elif not is_switch and all(
                _may_reach_floor(c, c.shortest, shared) for c in (earlier, course)
            ):
                role, partner = "combination", earlier.id
        unchanged = (course.role, course.partner) == (role, partner)
        assigned.append(course if unchanged else course._replace(role=role, partner=partner))
    return tuple(assigned)


def may_be_combined(one: Course, added: Course, ruleset: Ruleset) -> bool:
    """Whether ``added`` may have run beside ``one`` as in a combination, though nothing shows it.

    So it is where unknown dates allow an overlap longer than a cross-taper at both floors,
    and ``one`` may have been begun first. A drug without any date may have run at any time.
    """
    if one.id in (added.id, added.partner) or added.id == one.partner:
        return False
    if one.drug.is_course or added.drug.is_course or one.starts.earliest >= added.starts.latest:
        return False
    if not one.longest:
        return True
    if one.shortest_span == one.longest_span and added.shortest_span == added.longest_span:
        return False
    shared = _overlap(one.longest, added.longest)
    return _days(shared) > ruleset.cross_taper_days and all(
        [_may_reach_floor(course, course.longest, shared) for course in (one, added)]
    )


def _sort_out(
    exposures: Iterable[Exposure],
) -> tuple[dict[str, list[Exposure]], list[ExcludedExposure]]:
    usable: dict[str, list[Exposure]] = defaultdict(list)
    apart: dict[tuple[str, str], list[Exposure]] = defaultdict(list)
    known = drugs()
    about = [x for x in exposures if x.drug in known or x.set_aside]
    for exposure in sorted(about, key=_stable):
        drug = known.get(exposure.drug)
        reason = _never_a_trial(exposure, drug)
        if reason:
            apart[(exposure.drug, reason)].append(exposure)
        else:
            usable[exposure.drug].append(exposure)
    excluded = [_excluded(drug, reason, found) for (drug, reason), found in apart.items()]
    return usable, excluded


def _never_a_trial(exposure: Exposure, drug: Drug | None) -> str:
    if exposure.status in NEVER_TAKEN:
        return NEVER_TAKEN[exposure.status]
    if exposure.set_aside or drug is None:
        return exposure.set_aside
    if drug.not_counted:
        return drug.not_counted
    if not exposure.trial_default:
        if drug.hypnotic_max is not None and _within(exposure, drug.hypnotic_max):
            return "hypnotic dose"
        return "not an antidepressant product"
    given = exposure.indication
    if drug.is_course and drug.name == "ketamine" and not (given and given.depression):
        return "no depression course documented"
    return ""


def _no_trial(course: Course) -> str:
    """Why a whole course is no trial: a hypnotic dose, or low for another indication."""
    limit = course.drug.hypnotic_max
    if limit is not None and course.exposures and all(_within(x, limit) for x in course.exposures):
        return "hypnotic dose"
    given = course.indication
    if given is not None and not given.depression:
        below = course.dose is Verdict.NOT_MET
        return f"other indication below the floor: {given.label}" if below else ""
    return ""


def _within(exposure: Exposure, limit: Decimal) -> bool:
    return exposure.dose is not None and exposure.dose.high <= limit


def _excluded(drug: str, reason: str, exposures: Iterable[Exposure]) -> ExcludedExposure:
    evidence = [e for x in exposures for e in x.evidence]
    chosen = [e for e in evidence if e.attribute in ("drug", "dose", "status", "indication")]
    unique = dict.fromkeys(chosen or evidence)
    return ExcludedExposure(drug=drug, reason=reason, evidence=tuple(unique))


def _dated(exposures: list[Exposure], issues: list[Issue]) -> list[Exposure]:
    """Leave undated entries of a drug that has dated ones out of the timeline."""
    dated = [e for e in exposures if e.start is not None or e.end is not None]
    if not dated or len(dated) == len(exposures):
        return exposures
    issues.extend(
        Issue(
            severity="warning",
            resource=exposure.evidence[0].reference,
            path="",
            problem=f"undated use of {exposure.drug}, which has dated entries: "
            "taken as the same use, it adds no days",
        )
        for exposure in exposures
        if exposure not in dated and exposure.evidence
    )
    return dated


def _trial_periods(
    drug: Drug,
    exposures: Sequence[Exposure],
    parts: Sequence[Segment],
    as_of: date,
    ruleset: Ruleset,
) -> list[tuple[date, date]]:
    """First and last days of the uses of a drug that are trials, joined by pauses alone."""
    if drug.is_course:
        return []
    return [
        (group[0].start, group[-1].end)
        for group in _split(parts, (), ruleset)
        if not _no_trial(assemble(drug, _members(exposures, group, as_of), as_of, ruleset))
    ]


def _split(
    parts: Sequence[Segment], others: Sequence[tuple[date, date]], ruleset: Ruleset
) -> list[tuple[Segment, ...]]:
    groups: list[list[Segment]] = []
    for part in parts:
        if groups and _continues(groups[-1][-1], part, others, ruleset):
            groups[-1].append(part)
        else:
            groups.append([part])
    return [tuple(group) for group in groups]


def _members(
    exposures: Sequence[Exposure], group: Sequence[Segment], as_of: date
) -> list[Exposure]:
    first, last = group[0].start, group[-1].end
    return [
        exposure
        for exposure in exposures
        if (found := span(exposure, Reading.LONGEST, as_of)) is not None
        and found[0] <= last
        and found[1] >= first
    ]


def _continues(
    before: Segment, after: Segment, others: Sequence[tuple[date, date]], ruleset: Ruleset
) -> bool:
    """Whether a pause is short enough, with no other drug's trial wholly inside it."""
    if _pause(before, after) > ruleset.join_gap_days:
        return False
    return not any(before.end < first and last < after.start for first, last in others)


def _pause(before: Segment, after: Segment) -> int:
    """Days without the drug between two segments."""
    return days_inclusive(before.end, after.start) - 2


def _end(
    exposures: Sequence[Exposure], longest: Sequence[Segment], as_of: date
) -> tuple[PartialDate | None, str, bool]:
    if not longest:
        return None, EndBasis.UNKNOWN.value, False
    if conflicting_ends(exposures, as_of) is not None:
        return None, "statement and order disagree", False
    last = longest[-1]
    basis = last.latest.end_basis
    if basis is EndBasis.OPEN and last.end == as_of:
        return None, basis.value, True
    if basis in (EndBasis.UNKNOWN, EndBasis.OPEN) and last.latest.end is None:
        return None, EndBasis.UNKNOWN.value, False
    return last_date(last), basis.value, False


def _conflicts(course: Course, as_of: date) -> list[Issue]:
    conflict = conflicting_ends(course.exposures, as_of)
    if conflict is None or not conflict[0].evidence or not conflict[1].evidence:
        return []
    ended, active = conflict
    return [
        Issue(
            severity="warning",
            resource=ended.evidence[0].reference,
            path="status",
            problem=f"says that {course.drug.name} ended while "
            f"{active.evidence[0].reference} runs on: the end is unknown between the two",
        )
    ]


def _shared(earlier: Course, later: Course) -> list[tuple[date, date]]:
    """The periods in which both were surely taken: not the pauses of either."""
    one_taken, two_taken = earlier.shortest_span, later.shortest_span
    if not one_taken or not two_taken or one_taken[1] < two_taken[0]:
        return []
    return _overlap(earlier.shortest, later.shortest)


def _overlap(earlier: Iterable[Segment], later: Sequence[Segment]) -> list[tuple[date, date]]:
    both = [(max(one.start, two.start), min(one.end, two.end)) for one in earlier for two in later]
    return [(first, last) for first, last in both if first <= last]


def _days(periods: Iterable[tuple[date, date]]) -> int:
    return sum(days_inclusive(first, last) for first, last in periods)


def _lies_beside(course: Course, shared: Sequence[tuple[date, date]]) -> bool:
    """Whether every day the course may have lies within the overlap."""
    whole = _days((part.start, part.end) for part in course.longest)
    return bool(shared) and whole == _days(shared)


def _may_reach_floor(
    course: Course, parts: Sequence[Segment], periods: Iterable[tuple[date, date]]
) -> bool:
    """Whether one of ``parts`` within ``periods`` may have been at the floor of ``course``."""
    floor = course.floor
    return floor is None or any(
        part.dose is None or part.dose.high >= floor
        for first, last in periods
        for part in parts
        if part.start <= last and part.end >= first
    )


def _chronological(course: Course) -> tuple[date, bool, str]:
    """By start; of two begun together, the one below its floor is the addition."""
    begins = course.start.earliest if course.start else date.max
    return begins, course.dose is Verdict.NOT_MET, course.drug.name


def _stable(exposure: Exposure) -> tuple[str, int, date, str]:
    """By drug, the strongest kind of entry first: its elements are cited first."""
    begins = exposure.start.earliest if exposure.start else date.max
    first = str(exposure.evidence[0]) if exposure.evidence else ""
    return exposure.drug, _STRENGTH[exposure.source], begins, first
