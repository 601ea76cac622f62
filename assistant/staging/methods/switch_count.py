"""Treatment resistance as registers and claims studies count it: drugs changed, not drugs failed.

Neither dose nor outcome is in such data, so a treatment that lasted long enough and was followed
by another antidepressant stands for a failure. Beside the staging methods it shows what the
check of adequacy changes; it is a proxy and never a stage of ours.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from assistant.staging.procedures import STIMULATION
from assistant.staging.report import Procedure, Trial
from assistant.staging.tables import read_toml
from assistant.staging.verdicts import Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchDefinition:
    """One definition of the table."""

    name: str
    title: str
    min_days: int
    """A treatment shorter than this does not count."""
    failures: int
    """So many treatments followed by another one are resistance."""
    counts_stimulation: bool
    """Whether a course of ECT or rTMS is a treatment of its own."""
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SwitchCount:
    """Treatments followed by another, and the label that follows."""

    low: int
    """Proven by the dates of the record."""
    high: int
    """Not excluded by them."""
    at_least: Answer
    at_most: Answer


@cache
def definitions() -> tuple[SwitchDefinition, ...]:
    """The definitions of ``tables/switch_counts.toml``."""
    read: dict[str, Any] = read_toml("switch_counts.toml")
    return tuple(SwitchDefinition(name=name, **entry) for name, entry in read.items())


def switch_count(
    trials: Sequence[Trial], procedures: Sequence[Procedure], definition: SwitchDefinition
) -> SwitchCount:
    """How many treatments another one followed, under ``definition``.

    A switch and an addition count alike. The last treatment has no successor and never counts.
    """
    starts = [trial.start for trial in trials]
    low = high = 0
    for trial, start in zip(trials, starts, strict=True):
        others = [
            (other.start, other.drug)
            for other in trials
            if other is not trial and other.drug != trial.drug and other.start is not None
        ]
        later = [begun for begun, _ in others if start is None or begun.latest > start.earliest]
        surely = [
            begun for begun, _ in others if start is not None and begun.earliest > start.latest
        ]
        if definition.counts_stimulation:
            courses = [p.start for p in procedures if p.modality in STIMULATION and p.start]
            later += [one for one in courses if start is None or one.latest > start.earliest]
            surely += [one for one in courses if start is not None and one.earliest > start.latest]
        low += bool(surely) and trial.days.low >= definition.min_days
        longest = trial.days.high
        high += bool(later) and (longest is None or longest >= definition.min_days)
    return SwitchCount(
        low=low,
        high=high,
        at_least=Answer.YES if low >= definition.failures else Answer.NO,
        at_most=Answer.YES if high >= definition.failures else Answer.NO,
    )
