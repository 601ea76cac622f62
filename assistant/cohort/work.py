"""The work folder of a run: what is done stays done when the run is killed.

A step writes its files beside their places, moves them in, and only then leaves a mark; a step
without a mark is done again and overwrites what it had moved. So a run that was killed anywhere
and started again gives each patient once.
"""

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

MANIFEST = "manifest.json"
_FOLDER = ".work"


class CohortError(Exception):
    """Why a run cannot start or go on; the message is safe to show."""

    def __init__(self, message: str, exit_code: int = 2) -> None:
        super().__init__(message)
        self.message = message
        self.exit_code = exit_code


class Work:
    """The output folder and the work folder in it."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out / _FOLDER

    def finished(self, fingerprint: str) -> dict[str, Any] | None:
        """The manifest of this very run, where it is already complete.

        Raises:
            CohortError: the folder holds something else.
        """
        path = self.out / MANIFEST
        if not path.exists():
            return None
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if manifest.get("fingerprint") != fingerprint:
            raise self._other()
        shutil.rmtree(self.folder, ignore_errors=True)
        return manifest

    @contextmanager
    def opened(self, fingerprint: str) -> Iterator[None]:
        """Hold the folder for this run, new or half done.

        Raises:
            CohortError: it holds another run, something else, or a run under way.
        """
        plan = self.folder / "plan"
        if plan.exists():
            if plan.read_text(encoding="utf-8") != fingerprint:
                raise self._other()
        elif self.out.exists() and any(p.name != _FOLDER for p in self.out.iterdir()):
            raise CohortError(f"--out {self.out} is not empty: give a new folder.")
        for name in ("rows", "input_issues", "done", "spill"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise CohortError(f"--out {self.out}: a run is under way in it.") from None
            for half in self.out.rglob("*.part"):
                half.unlink()  # what a killed run was writing
            write_text(plan, fingerprint)
            yield

    def _other(self) -> CohortError:
        return CohortError(
            f"--out {self.out} holds a run over other inputs or with other options: give the same "
            "ones to go on with it, or a new folder."
        )

    def for_export(self, name: str) -> Path:
        """The folder to fetch a server's export into.

        Raises:
            CohortError: the output folder is in use already.
        """
        new = not self.out.exists() or self.folder.exists()
        if not new and any(self.out.iterdir()):
            raise CohortError(f"--out {self.out} is not empty: give a new folder.")
        return self.folder / "exports" / name

    def key(self) -> bytes:
        """The secret of a de-identified run; gone when the run is done."""
        path = self.folder / "key"
        if not path.exists():
            write_text(path, os.urandom(32).hex())
        return bytes.fromhex(path.read_text(encoding="utf-8"))

    def mark(self, step: str, said: Mapping[str, Any]) -> None:
        """Note that a step is done."""
        write_text(self.folder / "done" / f"{step}.json", json.dumps(said))

    def marked(self, step: str) -> dict[str, Any] | None:
        """What a step noted when it was done; None where it is not."""
        path = self.folder / "done" / f"{step}.json"
        if not path.exists():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    def close(self) -> None:
        """Throw the work folder away."""
        shutil.rmtree(self.folder, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Write a file that is there whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def write_table(path: Path, table: "pa.Table") -> None:
    """Write a Parquet file that is there whole or not at all."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - an extra

    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    pq.write_table(table, beside, compression="zstd", compression_level=1)
    beside.replace(path)
