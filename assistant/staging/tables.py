"""The clinical tables, read once: drugs, scales, agents, limits, rules, sources.

Every number the core compares with comes from here or from a ruleset. A row
without a source is a broken table and stops the program when it is loaded.
"""

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

_FOLDER = files("assistant.staging") / "tables"

RECALLED = "recalled"
"""Confidence of a row that was written from memory and is shown as such."""


class BrokenTableError(Exception):
    """A table of the project contradicts itself; names the table and the row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """An antidepressant: its class and the doses that judge a trial of it."""

    name: str
    drug_class: str
    floors: Mapping[str, Decimal | None]
    """Minimum adequate dose in mg/day by dose set (``atrq``, ``canmat``)."""
    floor_sources: Mapping[str, str]
    label_max: Mapping[str, Decimal | None]
    """Label maximum in mg/day by release (``ER``, ``IR``), ``""`` for the higher one."""
    hypnotic_max: Decimal | None
    """Highest daily dose that is hypnotic use, mg/day."""
    not_counted: str
    """Why uses of this drug are no antidepressant trials; empty where they are."""
    is_course: bool
    """Given in sessions, with a course rule of its own; never counted in a stage."""
    thase_rush: str
    """``TCA`` or ``MAOI`` where the drug satisfies that Thase-Rush stage."""
    related_to: str
    remark: str
    confidence: str

    def floors_reached(self, dose: Decimal) -> frozenset[bool]:
        """What the dose sets say of a dose: that it reaches their floor, that it does not."""
        return frozenset([dose >= floor for floor in self.floors.values() if floor is not None])


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """An agent that augments an antidepressant."""

    name: str
    group: str
    min_dose: Decimal | None
    """mg/day."""
    min_level: Decimal | None
    """Serum level in mmol/L that decides adequacy in place of the dose."""
    min_days: int | None
    counts: str
    """``yes``, ``no`` or ``conditional`` for the Maudsley augmentation point."""
    other_indications: tuple[str, ...]
    hypnotic_max: Decimal | None
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A depression rating scale."""

    name: str
    rank: int
    minimum: Decimal
    maximum: Decimal
    remission_max: Decimal | None
    establishes_outcome: bool
    bands: tuple[tuple[str, Decimal], ...]
    """``(severity, lowest total)``, mildest first; empty where none is sourced."""
    source: str
    confidence: str

    def band(self, value: Decimal) -> str | None:
        """Severity of a total in Maudsley's words; None where the scale has no bands."""
        for severity, lowest in reversed(self.bands):
            if value >= lowest:
                return severity
        return None

    def in_remission(self, value: Decimal) -> bool | None:
        """Whether a total is in the remission range; None where none is defined."""
        return None if self.remission_max is None else value <= self.remission_max


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """One limit with its unit and source."""

    value: Decimal
    unit: str
    source: str
    use: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule the core applies."""

    id: str
    title: str
    section: str | None
    """Heading of the source text under which it stands."""
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One item of the pseudo-resistance checklist."""

    name: str
    group: str
    rule: str
    label: str
    categories: frozenset[str]
    possible_categories: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlasmaRange:
    """Therapeutic reference range of a drug."""

    drug: str
    low: Decimal
    high: Decimal
    unit: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """A drug that induces enzymes, or that is associated with depression."""

    drug: str
    kind: str
    affects: frozenset[str]
    """Antidepressants, or ``class:TCA``."""
    source: str
    confidence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A citation."""

    key: str
    citation: str
    identifier: str
    how_seen: str


def _csv(name: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader((_FOLDER / name).read_text(encoding="utf-8").splitlines())


def read_toml(name: str) -> dict[str, Any]:
    """A TOML table of the core; decimal fractions are exact."""
    return tomllib.loads((_FOLDER / name).read_text(encoding="utf-8"), parse_float=Decimal)


def _decimal(text: str) -> Decimal | None:
    return Decimal(text) if text else None


@lru_cache(maxsize=1)
def drugs() -> Mapping[str, Drug]:
    """The antidepressants by ingredient."""
    found = {}
    for row in _csv("antidepressants.csv"):
        if (row["floor_atrq_mg_day"] and not row["floor_source"]) or (
            row["floor_canmat_mg_day"] and not row["canmat_source"]
        ):
            raise BrokenTableError(f"antidepressants.csv: {row['ingredient']} has no source")
        found[row["ingredient"]] = Drug(
            name=row["ingredient"],
            drug_class=row["drug_class"],
            floors={
                "atrq": _decimal(row["floor_atrq_mg_day"]),
                "canmat": _decimal(row["floor_canmat_mg_day"]),
            },
            floor_sources={"atrq": row["floor_source"], "canmat": row["canmat_source"]},
            label_max={
                "": _decimal(row["label_max_mg_day"]),
                "ER": _decimal(row["label_max_er_mg_day"]),
                "IR": _decimal(row["label_max_ir_mg_day"]),
            },
            hypnotic_max=_decimal(row["hypnotic_max_mg_day"]),
            not_counted=row["not_counted"],
            is_course=row["course"] == "yes",
            thase_rush=row["thase_rush"],
            related_to=row["related_to"],
            remark=row["remark"],
            confidence=row["confidence"],
        )
    return found


@lru_cache(maxsize=1)
def agents() -> Mapping[str, Agent]:
    """The augmenting agents by name."""
    return {
        row["agent"]: Agent(
            name=row["agent"],
            group=row["group"],
            min_dose=_decimal(row["min_dose_mg_day"]),
            min_level=_decimal(row["min_level_mmol_l"]),
            min_days=int(row["min_days"]) if row["min_days"] else None,
            counts=row["counts"],
            other_indications=tuple(filter(None, row["other_indications"].split("|"))),
            hypnotic_max=_decimal(row["hypnotic_max_mg_day"]),
            source=row["source"],
            confidence=row["confidence"],
        )
        for row in _csv("augmentation_agents.csv")
    }


@lru_cache(maxsize=1)
def scales() -> Mapping[str, Scale]:
    """The rating scales by name, in order of rank."""
    read = read_toml("scales.toml")
    return {
        name: Scale(
            name=name,
            rank=entry["rank"],
            minimum=Decimal(entry["minimum"]),
            maximum=Decimal(entry["maximum"]),
            remission_max=Decimal(entry["remission_max"]) if "remission_max" in entry else None,
            establishes_outcome=entry["establishes_outcome"],
            bands=tuple((severity, Decimal(low)) for severity, low in entry["bands"].items()),
            source=entry.get("remission_source", entry["bands_source"]),
            confidence=entry["confidence"],
        )
        for name, entry in sorted(read.items(), key=lambda item: item[1]["rank"])
    }


@lru_cache(maxsize=1)
def thresholds() -> Mapping[str, Threshold]:
    """The limits that belong to no ruleset."""
    return {
        name: Threshold(
            value=Decimal(entry["value"]),
            unit=entry["unit"],
            source=entry["source"],
            use=entry["use"],
        )
        for name, entry in read_toml("thresholds.toml").items()
    }


@lru_cache(maxsize=1)
def methods() -> Mapping[str, Any]:
    """Points and steps of the published staging methods."""
    return read_toml("methods.toml")


@lru_cache(maxsize=1)
def rules() -> Mapping[str, Rule]:
    """Every rule by id."""
    return {
        f"{group}.{name}": Rule(
            id=f"{group}.{name}",
            title=entry["title"],
            section=entry.get("section"),
            sources=tuple(entry["sources"]),
        )
        for group, entries in read_toml("rules.toml").items()
        for name, entry in entries.items()
    }


@lru_cache(maxsize=1)
def checks() -> Mapping[str, Check]:
    """The pseudo-resistance checklist, in the order shown."""
    return {
        name: Check(
            name=name,
            group=entry["group"],
            rule=entry["rule"],
            label=entry["label"],
            categories=frozenset(entry["categories"]),
            possible_categories=frozenset(entry.get("possible_categories", ())),
        )
        for name, entry in read_toml("checks.toml").items()
    }


@lru_cache(maxsize=1)
def plasma_ranges() -> Mapping[str, PlasmaRange]:
    """Therapeutic reference ranges by drug."""
    return {
        row["drug"]: PlasmaRange(
            drug=row["drug"],
            low=Decimal(row["low"]),
            high=Decimal(row["high"]),
            unit=row["unit"],
            source=row["source"],
        )
        for row in _csv("plasma_levels.csv")
    }


@lru_cache(maxsize=1)
def interactions() -> Mapping[str, Mapping[str, Interaction]]:
    """Interacting drugs: ``{"inducer": {drug: …}, "depressogenic": {drug: …}}``."""
    found: dict[str, dict[str, Interaction]] = {"inducer": {}, "depressogenic": {}}
    for row in _csv("interacting_drugs.csv"):
        found[row["kind"]][row["drug"]] = Interaction(
            drug=row["drug"],
            kind=row["kind"],
            affects=frozenset(filter(None, row["affects"].split("|"))),
            source=row["source"],
            confidence=row["confidence"],
        )
    return found


@lru_cache(maxsize=1)
def sources() -> Mapping[str, Source]:
    """Every citation by key."""
    return {
        row["key"]: Source(
            key=row["key"],
            citation=row["citation"],
            identifier=row["identifier"],
            how_seen=row["how_seen"],
        )
        for row in _csv("sources.csv")
    }
