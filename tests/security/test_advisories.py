"""No dependency below the floor that a known advisory sets, no use that one forbids (P23)."""

import tomllib
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from tests.lib.demo import REPOSITORY

_PACKAGES = ("assistant", "fhir_adapter", "knowledge", "ui", "evals")


@cache
def advisories() -> dict[str, Any]:
    return tomllib.loads(
        (Path(__file__).parent / "advisory_floors.toml").read_text(encoding="utf-8")
    )


@pytest.mark.parametrize("floor", advisories()["floor"], ids=lambda floor: floor["package"])
def test_what_is_installed_stands_at_or_above_the_floor(floor: dict[str, Any]) -> None:
    assert Version(version(floor["package"])) >= Version(floor["version"])


@pytest.mark.parametrize("floor", advisories()["floor"], ids=lambda floor: floor["package"])
def test_what_is_locked_stands_at_or_above_the_floor(floor: dict[str, Any]) -> None:
    for lock in ("requirements.lock", "requirements-dev.lock"):
        lines = (REPOSITORY / lock).read_text(encoding="utf-8").splitlines()
        pins = [
            line.split("==")[1].split()[0]
            for line in lines
            if line.startswith(f"{floor['package']}==")
        ]
        assert [Version(pin) >= Version(floor["version"]) for pin in pins] == [True]


@pytest.mark.parametrize(
    "use", advisories()["forbidden_use"], ids=lambda use: f"{use['package']}: {use['what'][:40]}"
)
def test_no_module_uses_what_an_advisory_forbids(use: dict[str, Any]) -> None:
    found = [
        f"{path.relative_to(REPOSITORY)}: {name}"
        for package in _PACKAGES
        for path in (REPOSITORY / package).rglob("*.py")
        for name in use["names"]
        if name in path.read_text(encoding="utf-8")
    ]
    assert found == [], f"instead: {use['instead']}"
