r"""An append-only file of lines, each chained to the one before it by its SHA-256.

A line is ``{"hash":"…","previous":"…","seq":n,"event":{…}}``. The hash covers every
byte after itself, the previous hash among them; so an edited byte, a line taken
out or put in breaks the chain at that line. What a chain cannot show of itself is
that its last lines were cut off: note the head (`seq` and hash) elsewhere.
"""

import errno
import fcntl
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

START = "0" * 64
_LINE = re.compile(
    rb'\{"hash":"(?P<hash>[0-9a-f]{64})",'
    rb'(?P<rest>"previous":"(?P<previous>[0-9a-f]{64})","seq":(?P<seq>[1-9]\d*),'
    rb'"event":(?P<event>\{.*\})\})\n'
)
_BLOCK = 65_536
_ONLY_OWNER = 0o600


@dataclass(frozen=True, slots=True)
class Head:
    """The last line of a chain: its number and its hash."""

    seq: int = 0
    hash: str = START

    def __str__(self) -> str:
        """``seq:hash``, the form to note elsewhere."""
        return f"{self.seq}:{self.hash}"


class BrokenChainError(Exception):
    """The chain does not hold; says at which line and why."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line


class Chain:
    """Appends to one chain; safe for several threads and processes of one machine."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = Head()
        self._size = 0

    def append(self, event: bytes) -> Head:
        """Add one JSON object; it is on the disk when this returns.

        Raises:
            OSError: it could not be written; the file is as it was.
            BrokenChainError: the last line of the file is not of this form.
        """
        with self._opened() as file:
            head = self._catch_up(file)
            rest = b'"previous":"%s","seq":%d,"event":%s}' % (
                head.hash.encode(), head.seq + 1, event,
            )  # fmt: skip
            digest = hashlib.sha256(rest).hexdigest()
            line = b'{"hash":"%s",%s\n' % (digest.encode(), rest)
            if _LINE.fullmatch(line) is None:
                raise ValueError("an event must be one JSON object on one line")
            self._write(file, line)
            self._head, self._size = Head(head.seq + 1, digest), self._size + len(line)
            return self._head

    @contextmanager
    def _opened(self) -> Iterator[int]:
        """The file, for this thread and process alone."""
        if not self._path.parent.is_dir():
            self._path.parent.mkdir(parents=True)
        is_new = not self._path.exists()
        file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT, _ONLY_OWNER)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            if is_new:
                _sync_folder(self._path.parent)
            yield file
        finally:
            os.close(file)  # which also unlocks

    def _catch_up(self, file: int) -> Head:
        """The head of the file as it is now; what a crash left of a line is taken off.

        Such a rest was never acknowledged to anybody.
        """
        size = os.fstat(file).st_size
        if size != self._size or size == 0:
            last, end = _last_line(file, size)
            if end != size:
                os.ftruncate(file, end)
            self._head, self._size = _head_of(last), end
        return self._head

    def _write(self, file: int, line: bytes) -> None:
        whole = False
        try:
            whole = os.write(file, line) == len(line)
            if whole:
                os.fsync(file)
        except OSError:
            os.ftruncate(file, self._size)
            raise
        if not whole:
            os.ftruncate(file, self._size)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _last_line(file: int, size: int) -> tuple[bytes, int]:
    """The last whole line, and where it ends."""
    tail, start = b"", size
    while start > 0 and tail.count(b"\n") < 2:  # noqa: PLR2004 - its end and the end before it
        step = min(_BLOCK, start)
        start -= step
        tail = os.pread(file, step, start) + tail
    end = tail.rfind(b"\n") + 1
    begin = tail.rfind(b"\n", 0, max(end - 1, 0)) + 1
    return tail[begin:end], start + end


def _head_of(line: bytes) -> Head:
    if not line:
        return Head()
    found = _LINE.fullmatch(line)
    if found is None:
        raise BrokenChainError(0, "the last line of the file is not an audit line")
    return Head(int(found["seq"]), found["hash"].decode())


def verify(path: Path, *, expected: Head | None = None) -> Head:
    """Read the whole chain and return its head.

    ``expected`` is a head noted earlier, which must still be in the chain.

    Raises:
        BrokenChainError: a line was changed, removed, added or torn.
        OSError: the file cannot be read.
    """
    head, seen = Head(), expected is None
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            head = _next_head(number, line, head)
            seen = seen or head == expected
    if not seen:
        raise BrokenChainError(head.seq, f"the chain does not hold the noted head {expected}")
    return head


def _next_head(number: int, line: bytes, head: Head) -> Head:
    found = _LINE.fullmatch(line)
    if found is None:
        raise BrokenChainError(number, "not a whole audit line")
    if hashlib.sha256(found["rest"]).hexdigest() != found["hash"].decode():
        raise BrokenChainError(number, "its content does not fit its hash")
    if found["previous"].decode() != head.hash or int(found["seq"]) != head.seq + 1:
        raise BrokenChainError(number, "it does not follow the line before it")
    return Head(head.seq + 1, found["hash"].decode())
