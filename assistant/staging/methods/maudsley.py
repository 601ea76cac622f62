"""Maudsley Staging Method (Fekadu 2009, 2018): the published score, 3 to 15.

The third dimension is symptom severity, as published; the source text names
functional impairment (CLARIFICATIONS.md). With no failed drug it is undefined.
"""

from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods


@cache
def failure_points(drugs_failed: int) -> int:
    """Points for the number of different drugs that failed, at least one."""
    table = methods()["maudsley"]
    for step in table["failure_points"]:
        if drugs_failed <= step["drugs"]:
            return int(step["points"])
    return int(table["failure_points_above"])


def severity_points(severity: str) -> int:
    """Points of a severity level: ``subsyndromal`` … ``severe_with_psychosis``."""
    return int(methods()["maudsley"]["severity_points"][severity])


class Beside(NamedTuple):
    """Points of the four items that do not count failures."""

    duration: int
    severity: int
    augmentation: int
    ect: int


def beside(*, duration: int, severity: int, augmentation: bool, ect: bool) -> Beside:
    """The items beside the failures. ``duration``: 1 to 3 points; ``severity``: 1 to 5."""
    table = methods()["maudsley"]
    return Beside(
        duration=duration,
        severity=severity,
        augmentation=int(table["augmentation_points"]) * augmentation,
        ect=int(table["ect_points"]) * ect,
    )


def items(failures: Failures, others: Beside) -> dict[str, int] | None:
    """The five items, or None while no drug has failed."""
    if not failures.drugs:
        return None
    return {
        "duration": others.duration,
        "severity": others.severity,
        "failures": failure_points(len(failures.drugs)),
        "augmentation": others.augmentation,
        "ect": others.ect,
    }


def total(of_items: Mapping[str, int] | None) -> int | None:
    """The sum of the items, 3 to 15."""
    return None if of_items is None else sum(of_items.values())


def band(score: int | None) -> str | None:
    """``mild``, ``moderate`` or ``severe``."""
    if score is None:
        return None
    steps = methods()["maudsley"]["bands"]
    return next(str(step["band"]) for step in steps if score <= step["maximum"])
