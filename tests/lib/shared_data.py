"""Third-party FHIR data beside the repository, where there is any."""

from pathlib import Path

import pytest

from tests.lib.demo import REPOSITORY

SHARED = REPOSITORY.parent / "shared"
FHIR = SHARED / "data" / "fhir"


def need(path: Path) -> Path:
    """``path``, or skip the test by name where the shared data is absent."""
    if not path.exists():
        pytest.skip(f"shared data is not here: {path.relative_to(SHARED.parent)}")
    return path


def fhir_files() -> tuple[Path, ...]:
    """Every FHIR file of the shared data that holds one Bundle, resource or NDJSON."""
    if not FHIR.exists():
        return ()
    found = [
        path
        for path in FHIR.rglob("*")
        if path.suffix in {".json", ".ndjson"} and path.name != "expected.json"
    ]
    return tuple(sorted(found))
