"""Runs ``trd-assistant`` as a user would: its own process, its own streams."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.lib.demo import REPOSITORY

_ENTRY = "from assistant.cli import main; main()"


@dataclass(frozen=True, kw_only=True)
class Result:
    """How a command ended and what it wrote."""

    exit: int
    out: str
    err: str


def trd_assistant(
    *arguments: str | Path,
    stdin: bytes = b"",
    timeout: float = 300,
    environment: Mapping[str, str] | None = None,
) -> Result:
    """Run the command with ``arguments`` from the repository's folder."""
    done = subprocess.run(
        [sys.executable, "-c", _ENTRY, *map(str, arguments)],
        cwd=REPOSITORY,
        env={**os.environ, "COLUMNS": "100", "NO_COLOR": "1", **(environment or {})},
        input=stdin,
        capture_output=True,
        timeout=timeout,
        check=False,
    )
    return Result(
        exit=done.returncode,
        out=done.stdout.decode("utf-8"),
        err=done.stderr.decode("utf-8", "replace"),
    )


def python(program: str, *arguments: str, stdin: bytes = b"") -> Result:
    """Run ``program`` in a fresh interpreter."""
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=REPOSITORY,
        input=stdin,
        capture_output=True,
        timeout=300,
        check=False,
    )
    return Result(exit=done.returncode, out=done.stdout.decode(), err=done.stderr.decode())
