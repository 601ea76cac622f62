"""The suites: what each asks of the subject, and how the reply is judged."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.scorers import Score
from evals.subjects import Subject

FOLDER = Path(__file__).parents[1] / "datasets"
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


class SuiteSkippedError(Exception):
    """The suite cannot run here; the message names what it lacks. Skipped is not passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What a run may set for every suite."""

    data: Path = SHARED
    """Folder of the third-party data that some suites read."""
    seed: int = 0
    cases: Path | None = None
    """A site's own file or folder of cases, in place of the shipped ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EvalItem:
    """One thing asked of the subject, and how its reply is judged."""

    id: str
    family: str
    """What the item is reported under."""
    asked: str
    """The question or the task, in words."""
    expected: Any
    """What the scoreboard shows beside a miss."""
    perform: Callable[[Subject], dict[str, Any]]
    judge: Callable[[Subject, dict[str, Any]], Iterable[Score]]
    beside_record: bool = True
    """Whether it is asked beside a record; the public API asks nothing else."""
    half: str = ""
    """``tuned``, ``held out`` or another part that is reported apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """A named set of items."""

    name: str
    title: str
    items: Callable[[Options], Iterable[EvalItem]]
    offline: bool = True
    """Whether it runs without data of others."""
    needs_built_in: bool = False
    """Whether it measures what only this installation can be asked."""
    pooled: bool = True
    """Whether a figure over all its families means anything."""
    datasets: tuple[str, ...] = field(default=())
    """Folders and files under ``datasets`` that its header hashes."""
