"""The files of cases of a suite, with their records read once."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson

from assistant.answering.case import AsOf
from assistant.staging.engine import stage
from assistant.staging.ruleset import load_ruleset
from evals.cases import CaseFile, Item, read_cases
from evals.records import RecordAbsentError, demo_record, record_of
from evals.suites import Options
from fhir_adapter.read import read_bundle

SUFFIXES = (".yaml", ".yml", ".jsonl")
AS_OF = "2024-06-01"
"""Of questions to the sources, where the date does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """One item with the record it is asked of."""

    item: Item
    case: CaseFile
    record: bytes | None
    as_of: str
    group: str
    """Name of the file, or of the demo patient."""


def placed(paths: list[Path], options: Options) -> Iterator[Placed]:
    """Every item of these files whose record is here."""
    for path in paths:
        for case in read_cases(path):
            try:
                record = record_of(case, path.parent, options.data / "fhir")
            except RecordAbsentError:
                continue
            for item in case.items:
                yield Placed(
                    item=item,
                    case=case,
                    record=record,
                    as_of=str(case.as_of or AS_OF),
                    group=case.patient or (path.stem if len(case.items) > 1 else item.id),
                )


def case_files(folder: Path, options: Options) -> list[Path]:
    """The files of cases: the site's own where it gives any, else those of ``folder``."""
    root = options.cases or folder
    if root.is_file():
        return [root]
    return sorted(path for path in root.rglob("*") if path.suffix in SUFFIXES)


@cache
def rules_report(record: bytes, as_of: str, ruleset: str = "source_text") -> dict[str, Any]:
    """What the shipped rules say of a record: the measure an answer's figures are held to."""
    return stage(
        read_bundle(record).treatment, as_of=AsOf.parse(as_of).day, ruleset=load_ruleset(ruleset)
    ).to_json()


@cache
def marks_of_others(record: bytes | None) -> tuple[str, ...]:
    """Names, identifiers and ids of the demo patients that are not in this record."""
    found: list[str] = []
    own = record or b""
    for name in _demo_names():
        bundle = orjson.loads(demo_record(name))
        patient = next(
            entry["resource"]
            for entry in bundle["entry"]
            if entry["resource"]["resourceType"] == "Patient"
        )
        if str(patient["id"]).encode() in own:
            continue
        # the whole name: our invented family names are words of plain English
        named = [" ".join((*human["given"], human["family"])) for human in patient["name"]]
        known = [f"Patient/{patient['id']}", *named]
        known += [str(one["value"]) for one in patient.get("identifier", ())]
        found += known
    return tuple(found)


@cache
def _demo_names() -> tuple[str, ...]:
    from assistant.service.demo_patients import demo_patients  # noqa: PLC0415

    return tuple(patient.id for patient in demo_patients())
