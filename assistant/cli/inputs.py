"""What the commands share: the record, the moment, the ruleset, the asserted facts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from assistant.cli.exits import CommandError, Exit, known_errors, read_json

if TYPE_CHECKING:
    from assistant.answering.moment import AsOf
    from assistant.staging.record import Assertion
    from assistant.staging.ruleset import Ruleset
    from fhir_adapter.read import PatientRecord


class OutputFormat(StrEnum):
    """How a result is written."""

    TEXT = "text"
    JSON = "json"


def moment(text: str | None) -> "AsOf":
    """The moment of ``--as-of``; today where it is not given.

    Raises:
        CommandError: it is no date (wrong usage).
    """
    from assistant.answering.moment import AsOf  # noqa: PLC0415

    if text is None:
        return AsOf.of(date.today())  # noqa: DTZ011 - the reader's own calendar day
    try:
        return AsOf.parse(text)
    except ValueError as error:
        raise CommandError(Exit.USAGE, f"--as-of: {error}") from None


def ruleset(name: str) -> "Ruleset":
    """The ruleset of this name.

    Raises:
        CommandError: there is none (wrong usage).
    """
    from assistant.staging.ruleset import UnknownRulesetError, load_ruleset  # noqa: PLC0415

    try:
        return load_ruleset(name)
    except UnknownRulesetError as error:
        raise CommandError(Exit.USAGE, f"--ruleset: {error}") from None


def assertions(path: Path | None) -> "tuple[Assertion, ...]":
    """The facts of an ``--assert`` file.

    Raises:
        CommandError: the file or one of its facts cannot be read (wrong usage).
    """
    if path is None:
        return ()
    from assistant.staging.assertions import UnusableAssertionError, check  # noqa: PLC0415
    from assistant.staging.record import Assertion  # noqa: PLC0415

    items = read_json(path, "--assert")
    if not isinstance(items, list):
        raise CommandError(Exit.USAGE, f"--assert {path}: expected a JSON list of facts")
    found = []
    for place, item in enumerate(items):
        try:
            found.append(Assertion.from_json(item))
        except ValueError as error:
            raise CommandError(Exit.USAGE, f"--assert {path}, fact [{place}]: {error}") from None
    try:
        check(found)
    except UnusableAssertionError as error:
        raise CommandError(Exit.USAGE, f"--assert {path}: {error}") from None
    return tuple(found)


def record(paths: Sequence[str], patient: str | None) -> "PatientRecord":
    """Read one patient's record.

    Raises:
        CommandError: nothing of it can be read (3), or the patient is not settled (4).
    """
    from assistant.bootstrap import open_record  # noqa: PLC0415

    with readable(paths):
        return open_record(paths, patient)


@contextmanager
def readable(paths: Sequence[str]) -> Iterator[None]:
    """Turn what makes ``paths`` unreadable into a message and an exit code.

    Raises:
        CommandError: nothing of them can be read (3), or the patient is not settled (4).
    """
    missing = [path for path in paths if not _is_remote(path) and not Path(path).exists()]
    if missing:
        raise CommandError(
            Exit.UNREADABLE,
            f"{missing[0]}: no such file or folder; give a FHIR Bundle, a resource, NDJSON, "
            "a folder of these, - for standard input, or a FHIR base URL",
        )
    with known_errors():
        yield


def _is_remote(path: str) -> bool:
    return path == "-" or path.startswith(("http://", "https://"))


def require_complete(read: "PatientRecord") -> None:
    """Refuse an incomplete read.

    Raises:
        CommandError: something was not read whole (5).
    """
    for part in read.treatment.completeness.incomplete:
        total = "an unknown number" if part.total is None else str(part.total)
        message = (
            f"read {part.read} of {total} {part.type} entries ({part.why}); --strict was given"
        )
        raise CommandError(Exit.INCOMPLETE, message)
