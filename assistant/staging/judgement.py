"""Every verdict on one course: dose, duration, adherence, outcome, failure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from assistant.staging import adherence as adherence_rules
from assistant.staging.adherence import Adherence
from assistant.staging.courses import Course, FirstDay, may_be_combined
from assistant.staging.dates import DayRange, add_days, days_inclusive
from assistant.staging.early_change import little_change_early
from assistant.staging.endpoint_windows import next_starts, windows
from assistant.staging.episode_view import EpisodeView
from assistant.staging.exposure_doubt import inducers, low_levels
from assistant.staging.outcome import SUCCESS, Measured, measure
from assistant.staging.record import StopReason
from assistant.staging.record_index import RecordIndex
from assistant.staging.report import Outcome
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import thresholds
from assistant.staging.timeline import AdequateRun, adequate_run
from assistant.staging.verdicts import (
    MET,
    NO,
    NOT_KNOWN,
    NOT_MET,
    OPEN,
    YES,
    Answer,
    Verdict,
    all_met,
    at_or_above,
)


class Criteria(NamedTuple):
    """The verdicts on which the failure of one trial hangs."""

    dose: Verdict
    duration: Verdict
    duration_if_dosed: Verdict
    """The duration were every unknown dose at or above the floor."""
    adherence: Verdict
    short_of_response: Verdict
    own_endpoint: Verdict
    """Whether the outcome is surely this trial's, not shared with a drug of unknown dates."""
    for_depression: Verdict
    apart: Verdict
    """Whether its failure is one of its own, apart from that of the drug it was combined with."""
    counts: bool
    """False for course treatments and for the partner of a combination that failed."""

    def failed(self, *, assume_adherence: bool = False) -> Answer:
        """Whether an adequate trial ended short of response.

        ``assume_adherence`` takes undocumented adherence as adequate and the endpoint as the
        trial's own (the working reading).
        """
        if not self.counts or self.adherence is NOT_MET:
            return NO
        proven = assume_adherence or self.own_endpoint is MET
        others = (
            self.dose,
            self.duration,
            self.short_of_response if proven else NOT_KNOWN,
            self.for_depression,
            self.apart,
        )
        if NOT_MET in others:
            return NO
        if NOT_KNOWN in others:
            return OPEN
        return OPEN if self.adherence is NOT_KNOWN and not assume_adherence else YES


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The criteria of one course, each three-valued, and what follows from them."""

    course: Course
    dose: Verdict
    duration: Verdict
    duration_if_dosed: Verdict
    """The duration were every unknown dose at or above the floor."""
    adherence: Adherence
    short_of_response: Verdict
    for_depression: Verdict
    counts: bool
    """False for course treatments and for the partner of a combination that failed."""
    measured: Measured
    days: DayRange
    adequate_days: DayRange
    run: tuple[date, date] | None
    optimised: Verdict
    discontinuation: str
    remarks: tuple[str, ...]
    may_share: tuple[str, ...] = ()
    """Ids of the courses of unknown dates that the outcome may also belong to."""
    apart: Verdict = Verdict.MET
    """Whether its failure is one of its own, apart from that of the drug it was combined with."""
    asserted: tuple[str, ...] = ()
    criteria: Criteria = field(init=False, repr=False)
    """The verdicts its failure hangs on."""
    _failed: Answer = field(init=False, repr=False)
    _failed_if_taken: Answer = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Tell the failure once; nearly every part of the report asks for it."""
        criteria = Criteria(
            self.dose,
            self.duration,
            self.duration_if_dosed,
            self.adherence.verdict,
            self.short_of_response,
            self.own_endpoint,
            self.for_depression,
            self.apart,
            self.counts,
        )
        failed = assumed = criteria.failed()
        if failed is OPEN:
            assumed = criteria.failed(assume_adherence=True)
        object.__setattr__(self, "criteria", criteria)
        object.__setattr__(self, "_failed", failed)
        object.__setattr__(self, "_failed_if_taken", assumed)

    @property
    def own_endpoint(self) -> Verdict:
        """Whether the outcome is surely this trial's own."""
        return NOT_KNOWN if self.may_share else MET

    @property
    def outcome(self) -> Outcome:
        """The measured (or asserted) outcome."""
        return self.measured.outcome

    @property
    def adequate(self) -> Verdict:
        """Dose, duration and adherence together."""
        return all_met(self.dose, self.duration, self.adherence.verdict)

    def failed(self, *, assume_adherence: bool = False) -> Answer:
        """Whether an adequate trial ended short of response; see :meth:`Criteria.failed`."""
        return self._failed_if_taken if assume_adherence else self._failed


def judge_all(view: EpisodeView) -> tuple[Judgement, ...]:
    """Judge the courses of one episode, in order of their start."""
    found = {c.id: judge(c, view) for c in view.courses if c.role != "augmentation"}
    return tuple([_share_failure(j, found, view) for j in found.values()])


def judge(course: Course, view: EpisodeView) -> Judgement:
    """Judge one course beside the others of its episode."""
    index, courses, as_of, ruleset = view.index, view.courses, view.as_of, view.ruleset
    floor = course.floor
    dose = course.dose
    adequate_days, run, if_dosed = _adequate_days(course, floor, as_of, ruleset)
    duration = at_or_above(adequate_days.low, adequate_days.high, ruleset.min_days)
    if course.drug.is_course:
        duration = at_or_above(*_days(course), ruleset.course_min_days)
    taken = adherence_rules.assess(index, course, as_of, ruleset)
    measured, early = _measure(course, view, floor)
    if ruleset.proxy:
        dose, taken = Verdict.MET, _not_checked()
    short = _short_of_response(measured, early, duration, ruleset)
    if ruleset.proxy:
        short = _proxy_failure(course, view)
    remarks = list(measured.remarks)
    if early is Verdict.NOT_MET and dose is Verdict.MET and measured.endpoint_day is not None:
        remarks.append("early_endpoint")
    remarks += _remarks(course, courses, adequate_days, dose, ruleset)
    if little_change_early(course, measured, view.scores, ruleset):
        remarks.append("little_change_by_week_4")
    discontinuation = _discontinuation(index, course, as_of, ruleset)
    if low_levels(index, course) or inducers(index, course):
        remarks.append("exposure_doubtful")
    return Judgement(
        course=course,
        dose=dose,
        duration=duration,
        duration_if_dosed=if_dosed,
        adherence=taken,
        short_of_response=short,
        may_share=() if ruleset.proxy else _begun_meanwhile(course, measured, view),
        for_depression=_for_depression(course),
        counts=not course.drug.is_course,
        measured=measured,
        days=_days(course),
        adequate_days=adequate_days,
        run=run,
        optimised=_optimised(course, floor, as_of, ruleset),
        discontinuation=discontinuation,
        remarks=tuple(dict.fromkeys(remarks)),
        asserted=course.asserted,
    )


def _not_checked() -> Adherence:
    return Adherence(
        verdict=Verdict.MET, finding=None, proportion=None, reason="not checked by this ruleset"
    )


def _days(course: Course) -> DayRange:
    shortest, longest = course.shortest_span, course.longest_span
    low = days_inclusive(*shortest) if shortest else 0
    if longest is None or longest[0] == date.min:
        return DayRange(low, None)
    return DayRange(low, days_inclusive(*longest))


def runs(
    course: Course, floor: Decimal, until: date, ruleset: Ruleset
) -> tuple[AdequateRun, AdequateRun]:
    """The longest run at or above ``floor`` that is proven, and that is possible."""
    proven = adequate_run(course.shortest, floor, ruleset.bridge_days, proven=True, until=until)
    if course.certain:
        return proven, proven
    return proven, adequate_run(
        course.longest, floor, ruleset.bridge_days, proven=False, until=until
    )


def _adequate_days(
    course: Course, floor: Decimal | None, as_of: date, ruleset: Ruleset
) -> tuple[DayRange, tuple[date, date] | None, Verdict]:
    if floor is None:
        return (
            DayRange(0, None if not course.longest else _days(course).high),
            None,
            Verdict.UNKNOWN,
        )
    proven, possible = runs(course, floor, as_of, ruleset)
    dosed = possible
    if not course.certain:
        dosed = adequate_run(course.shortest, floor, ruleset.bridge_days, proven=False, until=as_of)
    unbounded = not course.longest or possible.start == date.min
    high = None if unbounded else possible.days
    run = (proven.start, proven.end) if proven.start and proven.end else None
    return (
        DayRange(proven.days, high),
        run,
        at_or_above(dosed.days, high, ruleset.min_days),
    )


def _measure(course: Course, view: EpisodeView, floor: Decimal | None) -> tuple[Measured, Verdict]:
    """The outcome, and whether its endpoint came after the minimum duration.

    A combination closes its first drug's window only if that drug had already
    failed when the second began; where that cannot be told, both windows must agree.
    """
    courses, ruleset = view.courses, view.ruleset
    closing = next_starts(course, courses, with_combination=True)
    alone = measure(view.scores, windows(course, closing, view), ruleset)
    early = _late_enough(course, alone, floor, ruleset)
    open_until = closing
    if course.id in [other.partner for other in courses]:
        open_until = next_starts(course, courses, with_combination=False)
    short = alone.outcome.category not in (*SUCCESS, "unknown")
    if open_until == closing or (short and early is Verdict.MET):
        return alone, early
    opened = measure(view.scores, windows(course, open_until, view), ruleset)
    if short and early is Verdict.UNKNOWN and opened.outcome.category != alone.outcome.category:
        outcome = Outcome(category="unknown", scale=opened.outcome.scale)
        return Measured(outcome=outcome, remarks=(), endpoint_day=None), Verdict.UNKNOWN
    return opened, _late_enough(course, opened, floor, ruleset)


def _begun_meanwhile(course: Course, measured: Measured, view: EpisodeView) -> tuple[str, ...]:
    """The courses that may have begun before this one or after it.

    Begun the day after, such a course leaves no day on which an endpoint could be measured.
    """
    own = course.longest_span
    if own is None or measured.outcome.category == "unknown":
        return ()
    return tuple(
        [
            other.id
            for other in view.courses
            if other.starts.earliest <= own[0] < other.starts.latest
            and other.id != course.id
            and other.role != "augmentation"
            and other.partner != course.id
            and not other.drug.is_course
        ]
    )


def _late_enough(
    course: Course, measured: Measured, floor: Decimal | None, ruleset: Ruleset
) -> Verdict:
    """Whether the minimum duration was reached when the endpoint was measured."""
    if measured.endpoint_day is None or floor is None:
        return Verdict.UNKNOWN
    day = measured.endpoint_day
    proven, possible = runs(course, floor, day, ruleset)
    return at_or_above(proven.days, possible.days, ruleset.min_days)


def _short_of_response(
    measured: Measured, late_enough: Verdict, duration: Verdict, ruleset: Ruleset
) -> Verdict:
    outcome = measured.outcome
    if outcome.category == "unknown":
        return NOT_KNOWN
    if outcome.category in SUCCESS:
        return NOT_MET
    fell = outcome.percent_reduction
    if fell is not None and fell >= ruleset.failure_below_percent:
        return NOT_MET
    # An unknown duration already leaves the trial open by itself.
    if late_enough is NOT_MET or (late_enough is NOT_KNOWN and duration is MET):
        return NOT_KNOWN
    return MET


def _proxy_failure(course: Course, view: EpisodeView) -> Verdict:
    """Registers: another antidepressant, an addition or a stimulation begun later is a failure.

    Met where it surely began later; a course told beside it at the same time is none, and
    neither is the same drug taken up again.
    """
    begun = [FirstDay(*found) for found in view.also_begun.get(course.id, ())]
    begun += [other.starts for other in view.courses if other.drug.name != course.drug.name]
    begun += [FirstDay(*found) for found in view.also_begun.get("", ())]
    added = any(other.partner == course.id for other in view.courses)
    followed = added or any(starts.earliest > course.starts.latest for starts in begun)
    return Verdict.MET if followed else Verdict.UNKNOWN


def _for_depression(course: Course) -> Verdict:
    given = course.indication
    if given is None or given.depression:
        return Verdict.MET
    return Verdict.UNKNOWN


def _share_failure(
    judgement: Judgement, found: Mapping[str, Judgement], view: EpisodeView
) -> Judgement:
    """Two drugs of a combination count as one failure, the first one's.

    Where unknown dates leave open whether another drug ran beside this one so, the outcome
    is surely its own only if that drug had surely failed before, or never did.
    """
    course = judgement.course
    partner = found.get(course.partner or "")
    if course.role == "combination" and partner is not None:
        judgement = _combined(judgement, partner, view)
    if judgement.short_of_response is not MET:
        return judgement
    beside = [
        other.course.id
        for other in found.values()
        if may_be_combined(other.course, course, view.ruleset)
        and not _settled_before(other, course, view)
    ]
    if not beside:
        return judgement
    return replace(judgement, may_share=tuple(dict.fromkeys((*judgement.may_share, *beside))))


def _combined(judgement: Judgement, partner: Judgement, view: EpisodeView) -> Judgement:
    known = partner.failed(assume_adherence=True)
    if known is NO:
        return judgement
    before = _failed_before(partner.course, judgement.course, view)
    if before is NOT_MET:
        return replace(judgement, counts=False)
    return replace(
        judgement,
        apart=before if known is YES else NOT_KNOWN,
        may_share=tuple(dict.fromkeys((*judgement.may_share, *partner.may_share))),
    )


def _settled_before(other: Judgement, added: Course, view: EpisodeView) -> bool:
    """Whether ``other`` surely failed before ``added`` was begun, or surely did not fail."""
    known = other.failed(assume_adherence=True)
    if known is not YES or other.own_endpoint is not MET:
        return known is NO
    return _failed_before(other.course, added, view) is MET


def _failed_before(course: Course, added: Course, view: EpisodeView) -> Verdict:
    """Whether ``course`` was adequate and had failed when ``added`` was begun."""
    ruleset, begun = view.ruleset, added.starts
    floor, window = course.floor, ruleset.endpoint_next_trial_days
    measured = measure(view.scores, windows(course, begun, view), ruleset)
    late_enough = _late_enough(course, measured, floor, ruleset)
    short = _short_of_response(measured, late_enough, Verdict.MET, ruleset)
    if floor is None:
        return all_met(short, NOT_KNOWN)
    low, high = (
        adequate_run(
            parts, floor, ruleset.bridge_days, proven=proven, until=add_days(day, window)
        ).days
        for parts, day, proven in (
            (course.shortest, begun.earliest, True),
            (course.longest, begun.latest, False),
        )
    )
    held = at_or_above(low, high, ruleset.min_days)
    return held if ruleset.proxy else all_met(held, short)


def _remarks(
    course: Course,
    courses: Sequence[Course],
    adequate_days: DayRange,
    dose: Verdict,
    ruleset: Ruleset,
) -> list[str]:
    remarks = []
    proven, possible = adequate_days
    if (
        not ruleset.proxy
        and possible is not None
        and ruleset.remark_from_days <= proven
        and possible < ruleset.remark_below_days
    ):
        remarks.append("adequate_at_6_not_8")
    related = course.drug.related_to
    if related and related in [other.drug.name for other in courses]:
        remarks.append("related_molecule")
    highest = course.highest_dose
    if highest is not None and len(course.drug.floors_reached(highest)) > 1:
        remarks.append("dose_floor_differs")
    if course.drug.remark:
        remarks.append("class_contested")
    if course.floor is None and not course.drug.is_course and dose is Verdict.UNKNOWN:
        remarks.append("no_floor_in_table")
    return remarks


def _optimised(course: Course, floor: Decimal | None, as_of: date, ruleset: Ruleset) -> Verdict:
    """MGH-S: above the floor, at twice the floor or the label maximum, held long enough."""
    if floor is None or floor == 0:
        return Verdict.UNKNOWN
    release = next((x.release for x in course.exposures if x.release), None)
    label = course.drug.label_max.get(release or "") or course.drug.label_max[""]
    double = floor * ruleset.optimised_factor
    goal = double if label is None or label <= floor else min(double, label)
    held, possible = runs(course, goal, as_of, ruleset)
    return at_or_above(held.days, possible.days, ruleset.optimised_days)


_STOP_REASONS = (StopReason.INTOLERANCE, StopReason.INEFFICACY, StopReason.OTHER)
"""Of several stated, the first of these is told."""


def _discontinuation(index: RecordIndex, course: Course, as_of: date, ruleset: Ruleset) -> str:
    if course.ongoing:
        return "ongoing"
    stated = [x.stop_reason for x in course.exposures if x.stop_reason is not None]
    if stated:
        return next(reason.value for reason in _STOP_REASONS if reason in stated)
    return "intolerance" if reactions_to(index, course, as_of, ruleset) else "unknown"


def reactions_to(index: RecordIndex, course: Course, as_of: date, ruleset: Ruleset) -> list[str]:
    """References that show intolerance: a reaction to the drug, or hyponatremia.

    A reaction counts when dated in the exposure or within the ruleset's window
    after it; sodium, when low in the exposure and the drug stopped in that window.
    """
    inside = course.longest_span
    if inside is None:
        return []
    reactions, sodium = index.reactions.get(course.drug.name, ()), index.labs.get("sodium", ())
    if not reactions and not sodium:
        return []
    last = min(add_days(inside[1], ruleset.intolerance_window_days), as_of)
    found = [
        reaction.evidence[0].reference
        for reaction in reactions
        if reaction.evidence
        and reaction.date is not None
        and inside[0] <= reaction.date.earliest <= last
    ]
    limit = thresholds()["sodium_low"].value
    found.extend(
        lab.evidence[0].reference
        for lab in sodium
        if lab.is_below(limit)
        and lab.date is not None
        and lab.evidence
        and not course.ongoing
        and inside[0] <= lab.date.earliest <= inside[1]
        and inside[1] <= add_days(lab.date.latest, ruleset.intolerance_window_days)
    )
    return found
