"""What is committed says nothing about the machine it was written on."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.lib.demo import REPOSITORY

# Spelled in pieces, so that this file passes its own test.
_REGISTRY_HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "registry.npm" + "js",
    "deb.debian" + ".org",
)
_MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me/\w+|opt/py" + r"pi)/")
_MAX_LINES = 700
_NO_LENGTH_LIMIT = {".json", ".lock", ".csv", ".toml", ".md"}


def _tracked() -> tuple[Path, ...]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True, check=False
    )
    if listed.returncode:
        pytest.skip("not a git checkout")
    paths = (REPOSITORY / name.decode() for name in listed.stdout.split(b"\0") if name)
    return tuple(path for path in paths if path.is_file())


def _texts() -> list[tuple[str, str]]:
    found = []
    for path in _tracked():
        try:
            found.append((str(path.relative_to(REPOSITORY)), path.read_text(encoding="utf-8")))
        except UnicodeDecodeError:
            continue
    return found


def test_no_tracked_file_names_a_package_registry() -> None:
    named = [(name, host) for name, text in _texts() for host in _REGISTRY_HOSTS if host in text]
    assert named == []


def test_no_tracked_file_holds_a_path_of_a_machine() -> None:
    named = [(name, match[0]) for name, text in _texts() for match in _MACHINE_PATH.finditer(text)]
    assert named == []


def test_no_code_is_left_for_later() -> None:
    later = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|NotImplemented" + r"Error)\b")
    named = [
        (name, match[0])
        for name, text in _texts()
        if name.endswith(".py")
        for match in later.finditer(text)
    ]
    assert named == []


def test_no_module_outgrows_one_idea() -> None:
    long = [
        (name, text.count("\n"))
        for name, text in _texts()
        if Path(name).suffix not in _NO_LENGTH_LIMIT and text.count("\n") > _MAX_LINES
    ]
    assert long == []
