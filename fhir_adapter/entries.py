"""From files to entries: Bundles of every type, single resources, NDJSON, folders.

Nothing is dropped in silence: each entry met is counted, and one that is no
resource leaves an issue with its place.
"""

import gzip
import io
import sys
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from assistant.staging.record import IncompleteRead
from fhir_adapter import jsontext
from fhir_adapter.errors import UnreadableInput
from fhir_adapter.issues import IssueLog

_GZIP = b"\x1f\x8b"
FHIR_SUFFIXES = (".json", ".ndjson", ".jsonl", ".json.gz", ".ndjson.gz", ".jsonl.gz")
LINE_SUFFIXES = (".ndjson", ".jsonl", ".ndjson.gz", ".jsonl.gz")
MAX_BYTES = 1 << 30
"""An input larger than this, unpacked, is refused: no record of one patient is."""


class Entry(NamedTuple):
    """One resource as it was met."""

    resource: dict[str, Any]
    key: str
    """``Type/id``, else ``entry[i]`` or ``line n``."""
    full_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """Resources of one patient that nothing is read of, told apart before they were gathered."""

    count: int = 0
    listed: Callable[[], Iterable[str]] = tuple
    """Their keys, listed only where one is asked for."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """``Type/id`` of each."""
        return frozenset(self.listed())


NOTHING_LEFT_OUT = LeftOut()


@dataclass(slots=True, kw_only=True)
class Gathered:
    """Everything the inputs hold, before a patient is chosen."""

    log: IssueLog = field(default_factory=IssueLog)
    entries: list[Entry] = field(default_factory=list)
    total: int = 0
    """Entries met, rejected ones included."""
    incomplete: list[IncompleteRead] = field(default_factory=list)
    inputs: int = 0
    """Files and answers taken in so far."""
    left_out: LeftOut = NOTHING_LEFT_OUT
    """Counted in ``total``, in no entry."""

    def place(self, name: str) -> str:
        """``entry[3]``, or ``input[1].entry[3]`` in an input after the first."""
        return name if self.inputs <= 1 else f"input[{self.inputs - 1}].{name}"

    def add(self, resource: object, place: str, full_url: str | None = None) -> None:
        """Take one resource in, or note why not."""
        self.total += 1
        if not isinstance(resource, dict):
            self.log.error(place, "", "expected a FHIR resource (an object): the entry is not read")
            return
        kind = resource.get("resourceType")
        if not isinstance(kind, str) or not kind.isalpha():
            self.log.error(
                place, "resourceType", "a resource must name its type: the entry is not read"
            )
            return
        if kind == "Bundle":
            self.total -= 1
            self.add_bundle(resource, place)
            return
        identifier = resource.get("id")
        key = f"{kind}/{identifier}" if isinstance(identifier, str) and identifier else place
        self.entries.append(Entry(resource=resource, key=key, full_url=full_url))

    def add_bundle(self, bundle: dict[str, Any], place: str = "") -> None:
        """Take in the entries of a Bundle of any type."""
        entries = bundle.get("entry")
        if entries is None:
            entries = []
        if not isinstance(entries, list):
            self.log.error(place or "Bundle", "entry", "expected an array: no entry is read")
            entries = []
        prefix = f"{place}." if place else ""
        for index, item in enumerate(entries):
            where = f"{prefix}entry[{index}]"
            self._add_entry(item, where if place else self.place(where))
        self._check_whole(bundle, entries)

    def _add_entry(self, item: object, place: str) -> None:
        if not isinstance(item, dict):
            self.total += 1
            self.log.error(place, "", "expected a Bundle entry (an object): it is not read")
            return
        resource = item.get("resource")
        if isinstance(resource, dict) and resource.get("resourceType") == "OperationOutcome":
            self._note_outcome(resource, place)
            return
        if resource is None:
            if "response" in item or "request" in item or "search" in item:
                return
            self.total += 1
            self.log.error(place, "resource", "the entry holds no resource")
            return
        url = item.get("fullUrl")
        self.add(resource, place, url if isinstance(url, str) else None)

    def _note_outcome(self, outcome: dict[str, Any], place: str) -> None:
        """A server's remark among the results: shown, never read as data."""
        issues = outcome.get("issue")
        for issue in issues if isinstance(issues, list) else []:
            if isinstance(issue, dict) and issue.get("severity") in ("fatal", "error", "warning"):
                code = issue.get("code")
                shown = code if isinstance(code, str) and code.isascii() else "unknown"
                self.log.warning(
                    place,
                    "issue",
                    f"the source reports a problem with this read (OperationOutcome, {shown})",
                )

    def _check_whole(self, bundle: dict[str, Any], entries: list[Any]) -> None:
        if bundle.get("type") != "searchset":
            return
        total = bundle.get("total")
        read = sum(1 for item in entries if _is_match(item))
        links = bundle.get("link")
        more = any(
            isinstance(link, dict) and link.get("relation") == "next"
            for link in (links if isinstance(links, list) else [])
        )
        known = total if isinstance(total, int) and not isinstance(total, bool) else None
        if (known is None or known <= read) and not more:
            return
        # A page of several types says nothing of the types of the others.
        kinds = {str(item["resource"].get("resourceType")) for item in entries if _is_match(item)}
        kind = kinds.pop() if len(kinds) == 1 else "Bundle"
        self.incomplete.append(
            IncompleteRead(
                type=kind,
                read=read,
                total=known,
                why="the search result has further pages" if more else "the search found more",
            )
        )
        if known is not None:
            self.total += known - read


def _is_match(item: object) -> bool:
    if not isinstance(item, dict) or not isinstance(item.get("resource"), dict):
        return False
    if item["resource"].get("resourceType") == "OperationOutcome":
        return False
    search = item.get("search")
    return not isinstance(search, dict) or search.get("mode", "match") == "match"


def gather(path: str | Path, gathered: Gathered) -> None:
    """Take in one INPUT: ``-``, a file or a folder.

    Raises:
        UnreadableInput: there is no such file, or it is not FHIR JSON.
    """
    if str(path) == "-":
        gather_bytes(sys.stdin.buffer.read(MAX_BYTES + 1), "standard input", gathered)
        return
    path = Path(path)
    if path.is_dir():
        _gather_folder(path, gathered)
        return
    gather_bytes(_content(path), path.name, gathered)


def _gather_folder(folder: Path, gathered: Gathered) -> None:
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.name.lower().endswith(FHIR_SUFFIXES) and not file.name.startswith(".")
    )
    refused: list[str] = []
    for file in files:
        if not file.is_file():
            continue
        try:
            gather_bytes(_content(file), file.name, gathered)
        except UnreadableInput as problem:
            refused.append(problem.message)
            gathered.total += 1
            gathered.log.error(  # noqa: TRY400 - an issue log, not a logger
                file.name, "", f"the file is not read: {problem.message}"
            )
    if len(refused) == len(files):
        reason = refused[0] if refused else "it holds no .json or .ndjson file"
        raise UnreadableInput(f"The folder {folder.name} gives no FHIR resource: {reason}")


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UnreadableInput(f"{path.name} is larger than {MAX_BYTES >> 20} MiB: split it.")
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableInput(
            f"{path.name} cannot be read ({fault.strerror}): give a FHIR JSON file, NDJSON or "
            "a folder of these."
        ) from None


def gather_bytes(data: bytes, name: str, gathered: Gathered) -> None:
    """Take in the content of one file; gzip is recognised by its first bytes.

    Raises:
        UnreadableInput: the content is not FHIR JSON.
    """
    if data[:2] == _GZIP:
        data = _unpacked(data, name)
    if len(data) > MAX_BYTES:
        raise UnreadableInput(f"{name} is larger than {MAX_BYTES >> 20} MiB: split it.")
    if name.lower().endswith(LINE_SUFFIXES):
        _gather_lines(data, name, gathered)
        return
    try:
        content = jsontext.parse(data)
    except jsontext.NotJsonError as fault:
        if _looks_like_lines(data):
            _gather_lines(data, name, gathered)
            return
        raise UnreadableInput(
            f"{name} is not JSON: {fault}. Expected a FHIR Bundle, a resource or NDJSON."
        ) from None
    gather_value(content, name, gathered)


def gather_value(content: object, name: str, gathered: Gathered) -> None:
    """Take in a parsed Bundle or resource.

    Raises:
        UnreadableInput: it is neither.
    """
    if not isinstance(content, dict):
        found = "an array" if isinstance(content, list) else "a single value"
        raise UnreadableInput(
            f"{name} is not FHIR: found {found}, expected an object with resourceType."
        )
    kind = content.get("resourceType")
    if not isinstance(kind, str) or not kind.isalpha():
        raise UnreadableInput(f"{name} is not FHIR: the object names no resourceType.")
    gathered.inputs += 1
    if kind == "Bundle":
        gathered.add_bundle(content)
    else:
        gathered.add(content, gathered.place("entry[0]"))


def _unpacked(data: bytes, name: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            return packed.read(MAX_BYTES + 1)
    except (OSError, EOFError, zlib.error):
        raise UnreadableInput(f"{name} is a broken gzip file: pack it again.") from None


def _looks_like_lines(data: bytes) -> bool:
    lines = [line for line in data.split(b"\n", 3)[:3] if line.strip()]
    if len(lines) < 2:  # noqa: PLR2004 - one line is a JSON text of its own
        return False
    try:
        return isinstance(jsontext.parse(lines[0]), dict)
    except jsontext.NotJsonError:
        return False


def _gather_lines(data: bytes, name: str, gathered: Gathered) -> None:
    """NDJSON: a bad line costs the line."""
    gathered.inputs += 1
    good = 0
    met = 0
    for number, line in _lines(data):
        met += 1
        place = gathered.place(f"line {number}")
        try:
            value = jsontext.parse(line)
        except jsontext.NotJsonError as fault:
            gathered.total += 1
            gathered.log.error(  # noqa: TRY400 - an issue log, not a logger
                place, "", f"the line of {name} is not JSON ({fault})"
            )
            continue
        before = len(gathered.entries)
        gathered.add(value, place)
        good += len(gathered.entries) > before
    if not good:
        what = "no line of it is a FHIR resource" if met else "it is empty"
        raise UnreadableInput(f"{name} gives no FHIR resource: {what}.")


def _lines(data: bytes) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            yield number, line
