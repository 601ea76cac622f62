"""The demo patients, as the tests read them."""

import json
import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDER = REPOSITORY / "assistant" / "demo_patients"


@cache
def index() -> dict[str, dict[str, Any]]:
    """Title, story and ``as_of`` of each demo patient, by id."""
    entries = tomllib.loads((FOLDER / "index.toml").read_text(encoding="utf-8"))["patients"]
    return {entry["id"]: entry for entry in entries}


IDS = tuple(index())


def path(patient_id: str) -> Path:
    """The file of one demo patient."""
    return FOLDER / f"{patient_id}.json"


def as_of(patient_id: str) -> date:
    """The date that the story of this patient is told at."""
    return index()[patient_id]["as_of"]


def bundle(patient_id: str) -> dict[str, Any]:
    """The Bundle of one demo patient, a fresh copy each time."""
    return json.loads(path(patient_id).read_text(encoding="utf-8"))
