"""The lock files pin everything with hashes, satisfy pyproject.toml and name no index."""

import re
import tomllib
from functools import cache

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.lib.demo import REPOSITORY

LOCKS = {"requirements.lock": ("build",), "requirements-dev.lock": ("build", "dev")}


@cache
def _blocks(lock: str) -> tuple[str, ...]:
    """One text block a pinned package, its hashes included."""
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    return tuple(re.split(r"\n(?=\S)", text.strip()))


def _pins(lock: str) -> dict[str, Version]:
    found = (re.match(r"([A-Za-z0-9._-]+)==(\S+)", block) for block in _blocks(lock))
    return {canonicalize_name(match[1]): Version(match[2]) for match in found if match}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_of_a_lock_pins_one_version(lock: str) -> None:
    assert len(_pins(lock)) == len(_blocks(lock)) > 50


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_carries_a_hash(lock: str) -> None:
    bare = [block.split("==")[0] for block in _blocks(lock) if "--hash=sha256:" not in block]
    assert bare == []


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_address(lock: str) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(
        r"^\s*(-i|-f|--index|--extra-index|--find-links|--trusted)", text, re.MULTILINE
    )
    assert "@ " not in text


@pytest.mark.parametrize(("lock", "extras"), LOCKS.items())
def test_a_lock_satisfies_pyproject(lock: str, extras: tuple[str, ...]) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = list(project["dependencies"])
    for extra in extras:
        wanted += project["optional-dependencies"][extra]
    pins = _pins(lock)
    for requirement in map(Requirement, wanted):
        if requirement.marker and not requirement.marker.evaluate(default_environment()):
            continue
        pinned = pins.get(canonicalize_name(requirement.name))
        assert pinned is not None, f"{requirement.name} is not in {lock}: make lock"
        assert requirement.specifier.contains(pinned), f"{requirement} but {pinned}: make lock"


def test_both_locks_pin_the_same_versions() -> None:
    development = _pins("requirements-dev.lock")
    for name, version in _pins("requirements.lock").items():
        assert development[name] == version
