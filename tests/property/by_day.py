"""The second reading of drug treatment: every drug, a dose on every calendar day.

It shares no code with ``assistant.staging``: only the record's types, and the
numbers of rulesets and tables, which it reads from the files by itself. Each date
becomes the days it can mean; what is sure holds on the days every reading has,
what is possible on the days any reading has. Slow and obvious on purpose.
Rules: reference/decisions.md. Domain: ``generate.py``.
"""

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from assistant.staging.dates import PartialDate
from assistant.staging.record import (
    EndBasis,
    Exposure,
    ExposureSource,
    ExposureStatus,
    TreatmentRecord,
)

_TABLES = Path(__file__).parents[2] / "assistant" / "staging" / "tables"
_NEVER_TAKEN = {
    ExposureStatus.DRAFT,
    ExposureStatus.CANCELLED,
    ExposureStatus.NOT_TAKEN,
    ExposureStatus.DECLINED,
    ExposureStatus.DO_NOT_PERFORM,
    ExposureStatus.ENTERED_IN_ERROR,
}
_ANY_DOSE = 10**9
_BY_WEIGHT = (ExposureSource.STATEMENT, ExposureSource.REQUEST, ExposureSource.DISPENSE)


# --- tables --------------------------------------------------------------------------------


@cache
def numbers(ruleset: str) -> dict[str, Any]:
    """Every entry of a ruleset by its name, its base ruleset underneath."""
    text = tomllib.loads((_TABLES / "rulesets" / f"{ruleset}.toml").read_text())
    found = dict(numbers(text["extends"])) if "extends" in text else {}
    for section in text.values():
        if isinstance(section, dict):
            found.update({name: entry["value"] for name, entry in section.items()})
    return found


@cache
def drugs() -> dict[str, dict[str, str]]:
    """The antidepressants table by ingredient."""
    with (_TABLES / "antidepressants.csv").open(newline="") as file:
        return {row["ingredient"]: row for row in csv.DictReader(file)}


@cache
def scales() -> dict[str, dict[str, Any]]:
    """The scales that establish an outcome, the best rank first."""
    table = tomllib.loads((_TABLES / "scales.toml").read_text())
    usable = {name: row for name, row in table.items() if row["establishes_outcome"]}
    return dict(sorted(usable.items(), key=lambda item: item[1]["rank"]))


def micrograms(mg: object) -> int:
    """A dose as a whole number, exactly."""
    found = Fraction(str(mg)) * 1000
    assert found.denominator == 1, "outside the domain: a dose finer than a microgram"
    return found.numerator


@cache
def floor_of(drug: str, ruleset: str) -> int:
    """The adequacy floor in micrograms a day."""
    row, dose_set = drugs()[drug], numbers(ruleset)["dose_set"]
    if dose_set == "none":
        return 0
    return micrograms(row[f"floor_{dose_set}_mg_day"] or row["floor_atrq_mg_day"])


# --- one exposure --------------------------------------------------------------------------


@dataclass(eq=False)
class Use:
    """One exposure: the days it surely covers, those it may cover, its dose."""

    exposure: Exposure
    sure: range
    possible: range
    low: int
    """Micrograms a day."""
    high: int

    @property
    def first(self) -> int:
        return self.possible[0]

    @property
    def last(self) -> int:
        return self.possible[-1]

    @property
    def last_surely(self) -> int:
        """The earliest day it can have ended on."""
        return self.sure[-1] if self.sure else self.first


def use_of(exposure: Exposure, today: int) -> Use:
    """The days of one exposure, none after ``today``."""
    start, end = exposure.start, exposure.end
    assert start is not None, "outside the domain: an exposure without a start"
    if end is not None and end.earliest.toordinal() <= today:
        last_surely, last = end.earliest.toordinal(), end.latest.toordinal()
    elif end is not None or exposure.end_basis is EndBasis.OPEN:
        last_surely = last = today
    else:
        last_surely, last = start.latest.toordinal(), today
    # It began before it ended, and lasted a day at least.
    first, last = start.earliest.toordinal(), min(last, today)
    first_surely = min(start.latest.toordinal(), last)
    last_surely = min(max(last_surely, first_surely), today)
    return Use(
        exposure=exposure,
        sure=range(first_surely, last_surely + 1),
        possible=range(first, last + 1),
        low=micrograms(exposure.dose.low) if exposure.dose else 0,
        high=micrograms(exposure.dose.high) if exposure.dose else _ANY_DOSE,
    )


def longest_run(days: Iterable[int], bridge: int, wanted: int) -> tuple[int, int | None]:
    """Days of the longest run, and the day on which a run first counts ``wanted`` days."""
    best = count = 0
    previous: int | None = None
    reached: int | None = None
    for day in sorted(days):
        if previous is not None and day - previous - 1 > bridge:
            count = 0
        count += 1
        if count == wanted and reached is None:
            reached = day
        best = max(best, count)
        previous = day
    return best, reached


def covered_days(fills: Sequence[Use], *, carry_forward: bool) -> set[int]:
    """Days with supply in hand; what is left over is taken later where it is carried forward."""
    if not carry_forward:
        return {day for fill in fills for day in fill.possible}
    arriving: dict[int, int] = defaultdict(int)
    for fill in fills:
        # What is handed out on one day is taken together.
        arriving[fill.first] = max(arriving[fill.first], len(fill.possible))
    stock = 0
    covered = set()
    for day in range(min(arriving), max(arriving) + sum(arriving.values()) + 1):
        stock += arriving.get(day, 0)
        if stock:
            covered.add(day)
            stock -= 1
    return covered


# --- trials --------------------------------------------------------------------------------


@dataclass(eq=False)
class Trial:
    """One trial, worked out day by day."""

    drug: str
    uses: list[Use]
    fills: list[Use]
    disputed_from: int | None = None
    """The last day before a statement and an order part; None where they agree."""
    sure_dose: dict[int, int] = field(default_factory=dict)
    possible_dose: dict[int, int] = field(default_factory=dict)
    run_low: int = 0
    run_high: int = 0
    reached_surely: int | None = None
    reached_possibly: int | None = None
    dose: str = ""
    duration: str = ""
    adherence: str = ""
    overall: str = ""
    role: str = "monotherapy"
    partner: "Trial | None" = None
    category: str = "unknown"
    failed: str = "unknown"
    failed_working: str = "unknown"
    own: bool = True
    """Whether its outcome is surely not that of another trial."""

    @property
    def start(self) -> PartialDate:
        first = min(self.uses, key=lambda use: use.first)
        found = first.exposure.start
        assert found is not None
        return found

    @property
    def first(self) -> int:
        return self.start.earliest.toordinal()

    @property
    def last(self) -> int:
        return max(use.last for use in self.uses)

    @property
    def starts(self) -> range:
        """Every day it can have begun on."""
        return range(self.first, min(self.start.latest.toordinal(), self.last) + 1)

    @property
    def ends(self) -> range:
        """Every day it can have ended on."""
        earliest = max(use.last_surely for use in self.uses)
        if self.disputed_from is not None:
            earliest = self.disputed_from
        return range(max(earliest, self.first), self.last + 1)

    @property
    def surely(self) -> range:
        """The days it surely lasted."""
        return range(self.starts[-1], self.ends[0] + 1)

    @property
    def possibly(self) -> range:
        """The days it may have lasted."""
        return range(self.first, self.last + 1)


def trials_of(record: TreatmentRecord, today: int, ruleset: str) -> list[Trial]:
    """The trials with their doses and adequate days, in order of their start."""
    rules = numbers(ruleset)
    by_drug: dict[str, list[Use]] = defaultdict(list)
    for exposure in record.exposures:
        if exposure.status in _NEVER_TAKEN or exposure.drug not in drugs():
            continue
        if exposure.start and exposure.start.earliest.toordinal() <= today:
            by_drug[exposure.drug].append(use_of(exposure, today))
    told = {drug: _told(_once(uses), today) for drug, uses in by_drug.items()}
    alone = {drug: _joined(uses, (), rules) for drug, (uses, _) in told.items()}
    found: list[Trial] = []
    for drug, (uses, fills) in told.items():
        others = [
            range(min(u.first for u in group), max(u.last for u in group) + 1)
            for other, groups in alone.items()
            for group in groups
            if other != drug and not _hypnotic(other, group)
        ]
        found += [
            _trial(drug, group, fills, ruleset)
            for group in _joined(uses, others, rules)
            if not _hypnotic(drug, group)
        ]
    # Of two begun together, the one below its floor is the addition.
    return sorted(found, key=lambda trial: (trial.first, trial.dose == "not_met", trial.drug))


def _once(uses: Sequence[Use]) -> list[Use]:
    """Entries of one kind with the same dose and days are the same entry told twice."""
    unique = {(u.exposure.source, u.sure, u.possible, u.exposure.dose): u for u in uses}
    return list(unique.values())


def _told(uses: Sequence[Use], today: int) -> tuple[list[Use], list[Use]]:
    """What says that the drug was taken, and its fills; fills alone say it as well."""
    fills = [use for use in uses if use.exposure.source is ExposureSource.DISPENSE]
    told = [use for use in uses if use.exposure.source is not ExposureSource.DISPENSE]
    return (told, fills) if told else (_taken_in_turn(fills, today), fills)


def _taken_in_turn(fills: Sequence[Use], today: int) -> list[Use]:
    """An early fill is taken after the supply before it."""
    shifted: list[Use] = []
    for fill in sorted(fills, key=lambda use: use.first):
        late = max(0, shifted[-1].last + 1 - fill.first) if shifted else 0
        days = range(fill.first + late, min(fill.last + late, today) + 1)
        if days:
            shifted.append(replace(fill, sure=days, possible=days))
    return shifted


def _joined(uses: Sequence[Use], others: Sequence[range], rules: dict[str, Any]) -> list[list[Use]]:
    """Uses of one drug, joined across short gaps that hold no trial of another drug."""
    groups: list[list[Use]] = []
    for use in sorted(uses, key=lambda item: (item.first, item.last)):
        if groups:
            gap = range(max(member.last for member in groups[-1]) + 1, use.first)
            taken_over = any(other[0] in gap and other[-1] in gap for other in others)
            if len(gap) <= rules["join_gap_days"] and not taken_over:
                groups[-1].append(use)
                continue
        groups.append([use])
    return groups


def _hypnotic(drug: str, uses: Sequence[Use]) -> bool:
    limit = drugs()[drug]["hypnotic_max_mg_day"]
    return bool(limit) and all(use.high <= micrograms(limit) for use in uses)


def _trial(drug: str, uses: list[Use], fills: Sequence[Use], ruleset: str) -> Trial:
    rules, floor = numbers(ruleset), floor_of(drug, ruleset)
    trial = Trial(drug, uses, [])
    trial.fills = [fill for fill in fills if fill.first in trial.possibly]
    trial.disputed_from = _disputed_from(uses)
    lowest, highest = cache(_lowest), cache(lambda here: _highest(here, rules))
    for day in trial.possibly:
        possible = tuple(use for use in uses if day in use.possible)
        if possible:
            trial.possible_dose[day] = highest(possible)
        sure = tuple(use for use in uses if day in use.sure)
        if sure and (trial.disputed_from is None or day <= trial.disputed_from):
            trial.sure_dose[day] = lowest(sure)
    surely = [day for day, dose in trial.sure_dose.items() if dose >= floor]
    possibly = [day for day, dose in trial.possible_dose.items() if dose >= floor]
    trial.dose = "met" if surely else "unknown" if possibly else "not_met"
    bridge, wanted = rules["bridge_days"], rules["min_days"]
    trial.run_low, trial.reached_surely = longest_run(surely, bridge, wanted)
    trial.run_high, trial.reached_possibly = longest_run(possibly, bridge, wanted)
    return trial


def _disputed_from(uses: Sequence[Use]) -> int | None:
    """The stop that one kind of entry tells while the other kind runs on."""
    for teller in (ExposureSource.STATEMENT, ExposureSource.REQUEST):
        told = [u for u in uses if u.exposure.source is teller]
        rest = [u for u in uses if u.exposure.source is not teller]
        if not told or not rest or any(u.exposure.end is None for u in told):
            continue
        last = max(told, key=lambda use: use.last)
        said = {ExposureStatus.STOPPED}
        if teller is ExposureSource.STATEMENT:
            said.add(ExposureStatus.COMPLETED)
        runs_on = any(
            u.exposure.status is ExposureStatus.ACTIVE and u.last_surely > last.last for u in rest
        )
        if last.exposure.status in said and runs_on:
            return last.last_surely
    return None


def _together(a: Use, b: Use) -> bool:
    grouped = bool(a.exposure.group) and a.exposure.group == b.exposure.group
    return a.first == b.first or grouped


def _newest_and_older(here: Sequence[Use]) -> tuple[list[Use], list[Use]]:
    newest = max(here, key=lambda use: use.first)
    added = [use for use in here if _together(use, newest)]
    return added, [use for use in here if use not in added]


def _lowest(here: Sequence[Use]) -> int:
    """The dose that a day surely had: what a statement says, else the order, else the fill."""
    for source in _BY_WEIGHT:
        told = [u for u in here if u.exposure.source is source]
        if told:
            added, _ = _newest_and_older(told)
            if all(use.exposure.dose for use in added):
                return sum(use.low for use in added)
    return 0


def _highest(here: Sequence[Use], rules: dict[str, Any]) -> int:
    """The dose that a day may have had; an older strength long beside may add to it."""
    for source in _BY_WEIGHT:
        told = [u for u in here if u.exposure.source is source]
        if told:
            added, older = _newest_and_older(told)
            beside = [u for u in older if _not_replaced(u, added[0], rules)]
            high = sum(use.high for use in (*added, *beside))
            if high < _ANY_DOSE:
                return high
    return _ANY_DOSE


def _not_replaced(older: Use, newer: Use, rules: dict[str, Any]) -> bool:
    overlap = older.last - newer.first + 1
    return overlap > rules["replace_overlap_days"] or older.last >= newer.last
