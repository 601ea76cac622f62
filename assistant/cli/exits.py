"""Exit codes of the contract, and the one way an error leaves the command line."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import typer


class Exit(IntEnum):
    """What the caller learns from the exit code (contract.md)."""

    DONE = 0
    THRESHOLD_MISSED = 1
    USAGE = 2
    UNREADABLE = 3
    CHOOSE_PATIENT = 4
    INCOMPLETE = 5


class CommandError(Exception):
    """An error with its exit code; the message is safe to show."""

    def __init__(self, code: Exit, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def fail(error: CommandError) -> NoReturn:
    """Leave with the error's code, its message on stderr."""
    sys.stderr.write(f"error: {error.message}\n")
    raise typer.Exit(int(error.code))


@contextmanager
def known_errors() -> Iterator[None]:
    """Turn an error that names its exit code, of whatever layer, into a ``CommandError``."""
    try:
        yield
    except Exception as error:
        code = getattr(error, "exit_code", None)
        if code is None:
            raise
        raise CommandError(Exit(code), getattr(error, "message", str(error))) from error


@contextmanager
def exit_codes() -> Iterator[None]:
    """Turn the errors of the layers below into messages and exit codes."""
    try:
        yield
    except CommandError as error:
        fail(error)


def print_json(value: Any, *, indent: bool = True) -> None:
    """Write JSON to stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2 if indent else None) + "\n")
    sys.stdout.flush()


def read_json(path: Path, what: str) -> Any:
    """Read a JSON file given as an option.

    Raises:
        CommandError: it is missing or is not JSON (wrong usage).
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_constant=_no_constant)
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{what} {path}: {error.strerror}") from None
    except (ValueError, RecursionError):
        raise CommandError(Exit.USAGE, f"{what} {path}: expected a JSON file in UTF-8") from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def read_json_lines(path: Path, what: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON-lines file with their line numbers.

    Raises:
        CommandError: the file is missing, or a line is no JSON object (wrong usage).
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(Exit.USAGE, f"{what} {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CommandError(Exit.USAGE, f"{what} {path}: expected UTF-8 text") from None
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        try:
            item = json.loads(line, parse_constant=_no_constant)
        except (ValueError, RecursionError):
            item = None
        if not isinstance(item, dict):
            message = f"{what} {path}, line {number}: expected one JSON object"
            raise CommandError(Exit.USAGE, message)
        yield number, item
