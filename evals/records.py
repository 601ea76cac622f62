"""Where a case's record comes from, as the bytes of a FHIR Bundle."""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path

from evals.cases import CaseError, CaseFile
from evals.charts import bundle_of


class RecordAbsentError(Exception):
    """The record is third-party data that is not here; the case is skipped by name."""


def record_of(case: CaseFile, beside: Path, shared: Path | None) -> bytes | None:
    """The Bundle of a case; None where it asks the sources alone.

    Raises:
        RecordAbsentError: a shared record is not here.
        CaseError: the demo patient or the file does not exist.
    """
    if case.bundle is not None:
        return _bytes(case.bundle)
    if case.chart is not None:
        return _bytes(bundle_of(case.chart))
    if case.record is not None:
        return _file(case.record, beside, shared)
    return None if case.patient is None else demo_record(case.patient)


def _file(name: str, beside: Path, shared: Path | None) -> bytes:
    for folder in (beside, *([shared] if shared is not None else [])):
        if (folder / name).is_file():
            return (folder / name).read_bytes()
    if Path(name).is_absolute():
        raise CaseError(f"{name}: no such file")
    raise RecordAbsentError(name)


@cache
def demo_record(patient: str) -> bytes:
    """A demo patient's Bundle.

    Raises:
        CaseError: there is none of this id.
    """
    found = files("assistant").joinpath("demo_patients", f"{patient}.json")
    if not found.is_file():
        raise CaseError(f"{patient}: no demo patient of this id")
    return found.read_bytes()


def _bytes(bundle: object) -> bytes:
    return json.dumps(bundle, ensure_ascii=False, sort_keys=True).encode()
