"""A second, independent reading of the staging rules (see ``by_day.py``).

Adequacy, outcome and failure of each trial, then every stage with its three
bounds. Where dates are partial, each day they can mean is tried in turn.
"""

import calendar
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

from assistant.staging.dates import PartialDate
from assistant.staging.record import (
    Diagnosis,
    ExposureSource,
    TreatmentRecord,
    TreatmentSession,
    Verification,
)
from assistant.staging.verdicts import Verdict
from tests.property.by_day import (
    Trial,
    covered_days,
    drugs,
    floor_of,
    longest_run,
    micrograms,
    numbers,
    scales,
    trials_of,
)

LEVELS = ("at_least", "working", "at_most")
_BLOCKING = {"bipolar", "mania", "psychotic_disorder"}
_SUCCESS = {"remission", "response"}
_NOT_STANDING = {Verification.REFUTED, Verification.ENTERED_IN_ERROR}
_NEVER = date.max.toordinal()


@dataclass
class Point:
    """One usable score."""

    day: int
    scale: str
    value: Fraction

    @property
    def in_remission(self) -> bool:
        return bool(self.value <= scales()[self.scale]["remission_max"])


@dataclass
class Course:
    """One course of electroconvulsive therapy."""

    laterality: str
    failed: str


@dataclass
class Scene:
    """What every rule looks at."""

    record: TreatmentRecord
    as_of: date
    ruleset: str
    points: list[Point]
    remitted: int | None = None
    """The day on which the remission before this episode began."""
    stimulated: Sequence[int] = ()
    """The days on which its courses of brain stimulation began."""

    @property
    def rules(self) -> dict[str, Any]:
        return numbers(self.ruleset)

    @property
    def episode_after(self) -> int:
        """The last day of the two months of remission before this episode."""
        return -1 if self.remitted is None else self.remitted + self.rules["remission_days"]

    @property
    def depression(self) -> list[Diagnosis]:
        return [
            d
            for d in self.record.diagnoses
            if d.category == "depression" and d.verification not in _NOT_STANDING
        ]


@dataclass
class Opinion:
    """What the second reading says about a record."""

    trials: list[Trial]
    earlier: list[Trial]
    staging: dict[str, dict[str, Any]]


def second_opinion(record: TreatmentRecord, as_of: date, ruleset: str) -> Opinion:
    """The trials, and every stage with its three bounds."""
    today = as_of.toordinal()
    points = [
        Point(s.date.earliest.toordinal(), s.scale, Fraction(s.value))
        for s in record.scores
        if s.scale in scales() and s.date.earliest <= as_of
    ]
    points.sort(key=lambda p: (p.day, -scales()[p.scale]["rank"]))
    scene = Scene(record, as_of, ruleset, points)
    everything = trials_of(record, today, ruleset)
    scene.remitted = _last_remission(scene, everything)
    scene.stimulated = [
        _day(group[0]) for modality in ("ECT", "rTMS") for group in _sittings(modality, scene)
    ]
    trials = [t for t in everything if t.first > scene.episode_after]
    earlier = [t for t in everything if t not in trials]
    _judge_all(trials, scene)
    _judge_all(earlier, Scene(record, as_of, ruleset, points))
    return Opinion(
        [t for t in trials if t.role != "augmentation"],
        [t for t in earlier if t.role != "augmentation"],
        _stages(trials, scene),
    )


def _last_remission(scene: Scene, trials: Sequence[Trial]) -> int | None:
    """The last two months of remission that depression or treatment followed."""
    found = None
    for point in scene.points:
        until = point.day + scene.rules["remission_days"]
        broken = any(not p.in_remission and point.day < p.day <= until for p in scene.points)
        if not point.in_remission or broken or until > scene.as_of.toordinal():
            continue
        later = [p.day for p in scene.points if not p.in_remission] + [t.first for t in trials]
        later += [
            when.earliest.toordinal() for d in scene.depression if (when := d.onset or d.recorded)
        ]
        if max(later, default=0) > until:
            found = point.day
    return found


# --- adequacy ------------------------------------------------------------------------------


def _judge_all(trials: Sequence[Trial], scene: Scene) -> None:
    wanted = scene.rules["min_days"]
    for trial in trials:
        trial.adherence = _adherence(trial, scene)
        trial.duration = (
            "met"
            if trial.run_low >= wanted
            else "not_met"
            if trial.run_high < wanted
            else "unknown"
        )
        trial.overall = _all_of(trial.dose, trial.duration, trial.adherence)
    _pair_up(trials, scene)
    for trial in trials:
        _judge_outcome(trial, trials, scene)
    for trial in trials if scene.rules["proxy"] else ():
        _judge_by_proxy(trial, trials, scene)
    told = [(t, _apart(t, scene), _may_be_shared(t, trials, scene)) for t in trials]
    for trial, apart, shared in told:
        if apart == "not_met":
            trial.failed = trial.failed_working = "no"
            continue
        assumed = scene.rules["assume_adherence"]
        if apart == "unknown" or shared:
            trial.failed = "unknown" if trial.failed == "yes" else trial.failed
        if apart == "unknown" or (shared and not assumed):
            trial.failed_working = (
                "unknown" if trial.failed_working == "yes" else trial.failed_working
            )


def _all_of(*verdicts: str) -> str:
    if "not_met" in verdicts:
        return "not_met"
    return "unknown" if "unknown" in verdicts else "met"


def _adherence(trial: Trial, scene: Scene) -> str:
    rules = scene.rules
    if rules["proxy"]:
        return "met"
    said = {
        str(use.exposure.adherence)
        for use in (*trial.uses, *trial.fills)
        if use.exposure.adherence in (Verdict.MET, Verdict.NOT_MET)
    }
    if len({fill.first for fill in trial.fills}) >= rules["min_fills"]:
        covered = covered_days(
            trial.fills, carry_forward=rules["coverage_policy"] == "carry_forward"
        )
        period = set(trial.possibly)
        if trial.uses[0].exposure.source is ExposureSource.DISPENSE:
            period = set(range(trial.first, max(fill.last for fill in trial.fills) + 1))
        share = Fraction(len(period & covered), len(period))
        said.add("met" if share >= Fraction(str(rules["min_adherence"])) else "not_met")
    for diagnosis in scene.record.diagnoses:
        when = diagnosis.onset or diagnosis.recorded
        if diagnosis.category in {"nonadherence", "underdosing_antidepressant"} and when:
            inside = when.earliest.toordinal() in trial.surely
            said = {"not_met"} if inside else said
    return said.pop() if len(said) == 1 else "unknown"


# --- outcome -------------------------------------------------------------------------------


def category_of(
    scale: str, baseline: Fraction | None, endpoint: Fraction, rules: dict[str, Any]
) -> str:
    """Remission, response, partial response, non-response, or unknown."""
    limit = scales()[scale]["remission_max"]
    if endpoint <= limit:
        return "remission"
    if baseline is None or baseline <= max(0, limit):
        return "unknown"
    percent = (baseline - endpoint) / baseline * 100
    if percent >= rules["response_percent"]:
        return "response"
    return "partial_response" if percent >= rules["partial_percent"] else "non_response"


def _baseline(points: Sequence[Point], start: int, rules: dict[str, Any]) -> Fraction | None:
    recent = [p for p in points if start - rules["baseline_before_days"] <= p.day <= start]
    older = [p for p in points if p.day < start]
    late = [p for p in points if start < p.day <= start + rules["baseline_after_days"]]
    if recent or older:
        return (recent or older)[-1].value
    return late[0].value if late else None


def _outcomes(start: int, untils: Iterable[int], scene: Scene) -> set[tuple[str, int]]:
    """Category and endpoint day of a trial begun on ``start``, for each end of its window."""
    rules = scene.rules
    by_scale = []
    for scale in scales():
        # Scores up to the remission before belong to the earlier episode.
        listed = [
            p
            for p in scene.points
            if p.scale == scale and (scene.remitted is None or p.day > scene.remitted)
        ]
        base = _baseline(listed, start, rules)
        later = [p for p in listed if p.day >= start + rules["endpoint_min_days"]]
        by_scale.append([(p.day, category_of(scale, base, p.value, rules)) for p in later])
    found = set()
    for until in untils:
        answer = ("unknown", _NEVER)
        for told in by_scale:
            inside = [(category, day) for day, category in told if day <= until]
            if inside and inside[-1][0] != "unknown":
                answer = inside[-1]
                break
        found.add(answer)
    return found


def _outcome(trial: Trial, closings: Iterable[int], scene: Scene) -> tuple[str, int]:
    """The category on which all readings of the dates agree, and its earliest endpoint."""
    window = scene.rules["endpoint_after_days"]
    untils = {min(end + window, closing) for closing in closings for end in trial.ends}
    # Between two scores a day more or less changes nothing.
    days = [p.day for p in scene.points]
    untils = {max((d for d in days if d <= until), default=0) for until in untils}
    answers = {a for start in trial.starts for a in _outcomes(start, untils, scene)}
    categories = {category for category, _ in answers}
    if len(categories) > 1:
        return "unknown", _NEVER
    return categories.pop(), min(day for _, day in answers)


def _judge_outcome(trial: Trial, trials: Sequence[Trial], scene: Scene) -> None:
    after = scene.rules["endpoint_next_trial_days"]
    later = [
        t for t in trials if t is not trial and t.role != "augmentation" and t.first > trial.first
    ]
    if any(t.partner is trial for t in later):
        alone = _outcome(trial, _closings(later, after), scene)
        if _short(alone, trial, scene) == "met":
            _conclude(trial, alone, trials, scene)
            return
        later = [t for t in later if t.partner is not trial]
        opened = _outcome(trial, _closings(later, after), scene)
        held = trial.reached_possibly is not None and trial.reached_possibly <= alone[1]
        short = alone[0] in {"partial_response", "non_response"}
        # It may have failed before the second drug came: then both readings must agree.
        _conclude(
            trial,
            ("unknown", _NEVER) if short and held and opened[0] != alone[0] else opened,
            trials,
            scene,
        )
        return
    _conclude(trial, _outcome(trial, _closings(later, after), scene), trials, scene)


def _closings(later: Sequence[Trial], after: int) -> Iterable[int]:
    """The last day for an endpoint, for every day the next trial can have begun on."""
    if not later:
        return [_NEVER]
    first, last = min(t.starts[0] for t in later), min(t.starts[-1] for t in later)
    return range(first + after, last + after + 1)


def _short(outcome: tuple[str, int], trial: Trial, scene: Scene) -> str:
    """Whether the outcome proves that the trial ended short of response."""
    category, day = outcome
    if category in _SUCCESS:
        return "not_met"
    if category == "unknown":
        return "unknown"
    if category == "partial_response" and scene.rules["failure_below_percent"] == 25:
        return "not_met"
    reached = trial.reached_surely
    return "met" if reached is not None and day >= reached else "unknown"


def _is_its_own(trial: Trial, trials: Sequence[Trial], scene: Scene) -> bool:
    """Whether the outcome stands wherever a trial of uncertain order began."""
    after = scene.rules["endpoint_next_trial_days"]
    others = [t for t in trials if t is not trial and t.role != "augmentation"]
    uncertain = [
        t for t in others if t.partner is not trial and t.starts[0] <= trial.first < t.starts[-1]
    ]
    if trial.category == "unknown" or not uncertain:
        return True
    surely = [t for t in others if t.first > trial.first]
    first = min(max(t.starts[0], trial.first + 1) for t in uncertain)
    first = min([first, *(t.starts[0] for t in surely)])
    last = min((t.starts[-1] for t in surely), default=_NEVER)
    closings = {min(day, last) + after for day in range(first, scene.as_of.toordinal() + 1)} | {
        last
    }
    return _outcome(trial, closings, scene)[0] == trial.category


def _conclude(
    trial: Trial, outcome: tuple[str, int], trials: Sequence[Trial], scene: Scene
) -> None:
    trial.category = outcome[0]
    short = _short(outcome, trial, scene)
    named = {"met": "yes", "not_met": "no", "unknown": "unknown"}
    trial.own = _is_its_own(trial, trials, scene)
    proven = short if trial.own else "unknown"
    trial.failed = named[_all_of(trial.overall, proven)]
    assumed = trial.adherence
    if not scene.rules["assume_adherence"]:
        short = proven
    if assumed == "unknown" and scene.rules["assume_adherence"]:
        assumed = "met"
    trial.failed_working = named[_all_of(trial.dose, trial.duration, assumed, short)]


def _judge_by_proxy(trial: Trial, trials: Sequence[Trial], scene: Scene) -> None:
    """A register sees what came next: another drug, or brain stimulation, begun later for sure."""
    begun = [t.first for t in trials if t.drug != trial.drug] + list(scene.stimulated)
    joined = any(t.partner is trial for t in trials)
    followed = joined or any(day > trial.starts[-1] for day in begun)
    trial.own = True  # no score tells it
    told = _all_of(trial.dose, trial.duration, "met" if followed else "unknown")
    trial.failed = trial.failed_working = {"met": "yes", "not_met": "no"}.get(told, "unknown")


# --- two drugs at once ---------------------------------------------------------------------


def _pair_up(trials: Sequence[Trial], scene: Scene) -> None:
    """Tell a cross-taper from a combination, and a trial from a low-dose addition."""
    for i, later in enumerate(trials):
        for earlier in trials[:i]:
            shared = set(earlier.sure_dose) & set(later.sure_dose)
            switch = len(shared) <= scene.rules["cross_taper_days"]
            if earlier.role == "augmentation":
                continue
            if later.dose == "not_met":
                if not switch or (shared and set(later.possible_dose) <= shared):
                    later.role, later.partner = "augmentation", earlier
            elif not switch and all(_at_floor(t, shared, scene) for t in (earlier, later)):
                later.role, later.partner = "combination", earlier


def _at_floor(trial: Trial, days: set[int], scene: Scene) -> bool:
    floor = floor_of(trial.drug, scene.ruleset)
    return any(trial.possible_dose.get(day, 0) >= floor for day in days)


def _apart(later: Trial, scene: Scene) -> str:
    """Whether the failure of ``later`` is one of its own, not its partner's told again."""
    earlier = later.partner
    if later.role != "combination" or earlier is None or earlier.failed_working == "no":
        return "met"
    had_failed = _had_failed(earlier, later, scene)
    if had_failed == "met" and earlier.failed_working != "yes":
        return "unknown"
    return had_failed


def _may_be_shared(later: Trial, trials: Sequence[Trial], scene: Scene) -> bool:
    """Whether its outcome may also be that of a drug whose dates, or whose score, are not sure."""
    earlier = later.partner if later.role == "combination" else None
    if earlier is not None and earlier.failed_working != "no" and not earlier.own:
        return True
    for one in trials:
        if one.failed_working == "no" or not _may_run_beside(one, later, scene):
            continue
        if not one.own or one.failed_working != "yes" or _had_failed(one, later, scene) != "met":
            return True
    return False


def _may_run_beside(one: Trial, later: Trial, scene: Scene) -> bool:
    """Whether unsure dates allow a combination that the sure days do not show."""
    if one is later or one.partner is later or later.partner is one:
        return False
    if "augmentation" in (one.role, later.role) or one.starts[0] >= later.starts[-1]:
        return False
    if all(t.surely == t.possibly for t in (one, later)):
        return False
    days = set(one.possible_dose) & set(later.possible_dose)
    longer = len(days) > scene.rules["cross_taper_days"]
    return longer and all(_at_floor(t, days, scene) for t in (one, later))


def _had_failed(earlier: Trial, later: Trial, scene: Scene) -> str:
    """Whether ``earlier`` had failed by the day ``later`` was begun."""
    told = {
        _failed_by(earlier, start, begun, dosed, scene)
        for start in earlier.starts
        for begun in later.starts
        for dosed in (earlier.sure_dose, earlier.possible_dose)
    }
    if told == {"no"}:
        return "not_met"
    return "met" if told == {"yes"} else "unknown"


def _failed_by(trial: Trial, start: int, begun: int, dosed: dict[int, int], scene: Scene) -> str:
    """Whether ``trial`` had failed when another was begun, were its days and doses just these.

    One world at a time: its first day, the day the other began and the dose of every day
    are taken as known, so only a missing score leaves the answer open.
    """
    rules = scene.rules
    until = begun + rules["endpoint_next_trial_days"]
    floor = floor_of(trial.drug, scene.ruleset)
    treated = [day for day, dose in dosed.items() if dose >= floor and day <= until]
    days, reached = longest_run(treated, rules["bridge_days"], rules["min_days"])
    if days < rules["min_days"] or reached is None:
        return "no"
    if rules["proxy"]:
        return "yes"
    ((category, day),) = _outcomes(start, [until], scene)
    fell_enough = rules["failure_below_percent"] == 25 and category == "partial_response"
    if category in _SUCCESS or fell_enough:
        return "no"
    return "yes" if category != "unknown" and day >= reached else "open"


# --- stages --------------------------------------------------------------------------------


def _stages(trials: Sequence[Trial], scene: Scene) -> dict[str, dict[str, Any]]:
    courses = _ect_courses(scene)
    staging: dict[str, dict[str, Any]] = defaultdict(dict)
    for level in LEVELS:
        failed = [t for t in trials if t.role != "augmentation" and _counts(t, level)]
        two = len(failed) >= 2
        classes = _classes(failed)
        staging["trd_without_class_rule"][level] = "yes" if two else "no"
        distinct = len(classes) >= 2 or not scene.rules["class_rule"]
        staging["trd"][level] = "yes" if two and distinct else "no"
        staging["source_stage"][level] = _source_stage(failed)
        staging["thase_rush"][level] = _thase_rush(failed, courses, level)
        staging["gsrd"][level] = ("none", "non_responder", "trd")[min(2, len(failed))]
        staging["european"][level] = _european(failed, level, scene)
        staging["mgh_s"][level] = _mgh_s(trials, failed, courses, level, scene)
        staging["maudsley"][level] = _maudsley(trials, failed, courses, level, scene)
    _gate(staging, scene)
    return dict(staging)


def _counts(trial: Trial, level: str) -> bool:
    if level == "at_most":
        return trial.failed != "no"
    return (trial.failed_working if level == "working" else trial.failed) == "yes"


def _gate(staging: dict[str, dict[str, Any]], scene: Scene) -> None:
    """What a blocking diagnosis and undocumented depression do to every method."""
    blocked = any(
        d.category in _BLOCKING and d.verification not in _NOT_STANDING
        for d in scene.record.diagnoses
    )
    documented = bool(scene.depression) or any(
        p.value >= scales()[p.scale]["bands"].get("moderate", _NEVER) for p in scene.points
    )
    shut = LEVELS if blocked else () if documented else ("at_least", "working")
    for method, bounds in staging.items():
        for level in shut:
            bounds[level] = "no" if method.startswith("trd") else None


def _classes(trials: Iterable[Trial]) -> set[str]:
    return {drugs()[t.drug]["drug_class"] for t in trials}


def _source_stage(failed: Sequence[Trial]) -> str:
    return "II" if len(_classes(failed)) >= 2 else "I" if failed else "0"


def _thase_rush(failed: Sequence[Trial], courses: Sequence[Course], level: str) -> str:
    steps = {drugs()[t.drug]["thase_rush"] for t in failed}
    stage = _source_stage(failed)
    if stage == "II" and "TCA" in steps:
        stage = "III"
    if stage == "III" and "MAOI" in steps:
        stage = "IV"
    sides = {"bilateral", "unknown"} if level == "at_most" else {"bilateral"}
    if stage == "IV" and any(_ect_failed(c, level) and c.laterality in sides for c in courses):
        stage = "V"
    return stage


def _ect_failed(course: Course, level: str) -> bool:
    return course.failed == "yes" or (level == "at_most" and course.failed == "unknown")


def _european(failed: Sequence[Trial], level: str, scene: Scene) -> str:
    if len(_classes(failed)) < 2:
        return "A" if failed else "0"
    days = sum(len(t.possibly) if level == "at_most" else max(1, len(t.surely)) for t in failed)
    if days > scene.rules["european_crd_days"]:
        return "CRD"
    return f"TRD{min(5, len(failed) - 1)}"


def _mgh_s(
    trials: Sequence[Trial],
    failed: Sequence[Trial],
    courses: Sequence[Course],
    level: str,
    scene: Scene,
) -> Fraction:
    halves = 0
    for trial in failed:
        halves += 2
        halves += _optimised(trial, level, scene)
        halves += sum(1 for t in trials if t.role == "combination" and t.partner is trial)
    return Fraction(halves, 2) + 3 * sum(_ect_failed(c, level) for c in courses)


def _optimised(trial: Trial, level: str, scene: Scene) -> bool:
    rules, row = scene.rules, drugs()[trial.drug]
    floor = floor_of(trial.drug, scene.ruleset)
    if not floor:
        return level == "at_most"  # without a floor nobody can tell
    goal = floor * rules["optimised_factor"]
    if row["label_max_mg_day"]:
        goal = min(goal, micrograms(row["label_max_mg_day"]))
    doses = trial.possible_dose if level == "at_most" else trial.sure_dose
    days = [day for day, dose in doses.items() if dose > floor and dose >= goal]
    held, _ = longest_run(days, rules["bridge_days"], rules["optimised_days"])
    return held >= rules["optimised_days"]


def _maudsley(
    trials: Sequence[Trial],
    failed: Sequence[Trial],
    courses: Sequence[Course],
    level: str,
    scene: Scene,
) -> int | None:
    severity, duration = _severity(scene), _duration(trials, level, scene)
    if not failed or (level == "working" and (severity is None or duration is None)):
        return None
    count = len({t.drug for t in failed})
    points = next((i for i, most in enumerate((2, 4, 6, 10), start=1) if count <= most), 5)
    if severity is None:
        severity = 5 if level == "at_most" else 1
    return (duration or 0) + severity + points + (1 if courses else 0)


def _severity(scene: Scene) -> int | None:
    """Points of the last score of the episode, else of the coded severity."""
    if any(d.psychotic_features and _of_this_episode(d, scene) for d in scene.depression):
        return 5
    for point in reversed(scene.points):
        bands = scales()[point.scale]["bands"]
        if bands and point.day > scene.episode_after:
            return sum(1 for lowest in bands.values() if point.value >= lowest)
    coded = [d for d in scene.depression if d.severity and _of_this_episode(d, scene)]
    return ["mild", "moderate", "severe"].index(str(coded[-1].severity)) + 2 if coded else None


def _of_this_episode(diagnosis: Diagnosis, scene: Scene) -> bool:
    told = [when.latest.toordinal() for when in (diagnosis.onset, diagnosis.recorded) if when]
    return not told or max(told) > scene.episode_after


def _duration(trials: Sequence[Trial], level: str, scene: Scene) -> int | None:
    """Points of the time since the onset; None where the working reading cannot tell."""
    onset, only_latest = _onset(trials, scene)
    lowest, highest = (_lasted(day, scene) for day in (onset.latest, onset.earliest))
    if only_latest:
        # Only its first evidence is known; it began after the remission before it, if any.
        day_after = date.fromordinal(max(1, scene.episode_after + 1))
        highest = 3 if scene.remitted is None else _lasted(day_after, scene)
    if level == "at_most":
        return highest
    return None if level == "working" and not only_latest and lowest != highest else lowest


def _lasted(since: date, scene: Scene) -> int:
    lasted = _months(since, scene.as_of)
    if lasted <= (scene.rules["maudsley_acute_months"], 0):
        return 1
    return 2 if lasted <= (scene.rules["maudsley_subacute_months"], 0) else 3


def _onset(trials: Sequence[Trial], scene: Scene) -> tuple[PartialDate, bool]:
    """The start of the episode, and whether it is only its first evidence."""
    for attribute in ("onset", "recorded"):
        dates = [getattr(d, attribute) for d in scene.depression]
        known = [d for d in dates if d and d.earliest.toordinal() > scene.episode_after]
        if known:
            return min(known, key=lambda when: when.earliest), False
    days = [
        PartialDate.of(date.fromordinal(p.day))
        for p in scene.points
        if not p.in_remission and p.day > scene.episode_after
    ]
    days += [t.start for t in trials]
    return min(days, key=lambda d: d.earliest, default=PartialDate.of(scene.as_of)), True


def _months(start: date, end: date) -> tuple[int, int]:
    """Whole months and the days beyond them, counted month by month."""
    months, at = 0, start
    while True:
        year, month = divmod(start.year * 12 + start.month + months, 12)
        last = calendar.monthrange(year, month + 1)[1]
        following = date(year, month + 1, min(start.day, last))
        if following > end:
            return months, (end - at).days
        months, at = months + 1, following


# --- ECT -----------------------------------------------------------------------------------


def _ect_courses(scene: Scene) -> list[Course]:
    return [_course(group, scene) for group in _sittings("ECT", scene)]


def _sittings(modality: str, scene: Scene) -> list[list[TreatmentSession]]:
    """The sessions of each course of this episode."""
    sessions = [
        s
        for s in scene.record.sessions
        if s.modality == modality and s.date and s.date.earliest <= scene.as_of
    ]
    groups: list[list[TreatmentSession]] = []
    for session in sorted(sessions, key=_day):
        if groups and _day(session) - _day(groups[-1][-1]) <= scene.rules["course_gap_days"]:
            groups[-1].append(session)
        else:
            groups.append([session])
    return [group for group in groups if _day(group[-1]) > scene.episode_after]


def _day(session: TreatmentSession) -> int:
    assert session.date is not None
    return session.date.earliest.toordinal()


def _course(group: Sequence[TreatmentSession], scene: Scene) -> Course:
    rules, first, last = scene.rules, _day(group[0]), _day(group[-1])
    sides = {s.laterality for s in group} - {"unknown"}
    laterality = sides.pop() if len(sides) == 1 else "unknown"
    if sum(s.sessions for s in group) < rules["ect_min_sessions"]:
        return Course(laterality, "no")
    for scale in scales():
        listed = [p for p in scene.points if p.scale == scale]
        before = [p for p in listed if 0 <= first - p.day <= rules["ect_baseline_before_days"]]
        after = [p for p in listed if 0 <= p.day - last <= rules["ect_endpoint_after_days"]]
        if after:
            base = before[-1].value if before else None
            found = category_of(scale, base, after[-1].value, rules)
            if found != "unknown":
                partial = found == "partial_response" and rules["failure_below_percent"] == 25
                return Course(laterality, "no" if found in _SUCCESS or partial else "yes")
    return Course(laterality, "unknown")
