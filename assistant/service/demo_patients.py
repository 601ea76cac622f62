"""The demo patients: synthetic FHIR Bundles of ours, packaged with the product."""

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from assistant.service.errors import UnknownDemoPatientError


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoPatient:
    """One demo patient and the story their record tells."""

    id: str
    title: str
    story: str
    as_of: date | None
    """The date the story is told at; None is today."""
    file: Traversable

    def bundle(self) -> bytes:
        """The FHIR Bundle."""
        return self.file.read_bytes()


@cache
def demo_patients() -> tuple[DemoPatient, ...]:
    """Every demo patient, in the order of ``index.toml``."""
    folder = files("assistant").joinpath("demo_patients")
    index = tomllib.loads(folder.joinpath("index.toml").read_text(encoding="utf-8"))
    return tuple(_patient(folder, entry) for entry in index.get("patients", ()))


def demo_patient(patient_id: str) -> DemoPatient:
    """The demo patient of this id.

    Raises:
        UnknownDemoPatientError: there is none.
    """
    for patient in demo_patients():
        if patient.id == patient_id:
            return patient
    raise UnknownDemoPatientError


def _patient(folder: Traversable, entry: dict[str, object]) -> DemoPatient:
    as_of = entry.get("as_of")
    file = str(entry.get("file") or f"{entry['id']}.json")
    return DemoPatient(
        id=str(entry["id"]),
        title=str(entry["title"]),
        story=str(entry["story"]),
        as_of=date.fromisoformat(str(as_of)) if as_of else None,
        file=folder.joinpath(file),
    )
