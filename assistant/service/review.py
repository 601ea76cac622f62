"""Clinicians' blind reading: pairs of answers to one question, and what reviewers say of them.

The pairs are made by ``trd-assistant evals pairs``. Which side came from which run stands
in their file and is never told here; what the reviewers say is one JSON line each.
"""

import json
import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from assistant.service.errors import ReviewUnavailableError, UnknownPairError

SCHEMA = "evals-pairs/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class BlindPair:
    """Two answers to one question, in an order that says nothing."""

    id: str
    question: str
    left: str
    right: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """What one reviewer says of one pair."""

    pair: str
    reviewer: str
    preference: str
    """``left``, ``equal`` or ``right``."""
    wrong_left: bool
    """Whether the left answer says something clinically wrong."""
    wrong_right: bool
    at: str


class Review:
    """The pairs of a file, and the judgments beside it; safe to share between threads."""

    def __init__(self, pairs: Path, judgments: Path) -> None:
        self._pairs = {pair.id: pair for pair in _pairs_of(pairs)}
        self._judgments = judgments
        self._lock = threading.Lock()

    def pairs(self) -> Sequence[BlindPair]:
        """Every pair, in the order of the file."""
        return tuple(self._pairs.values())

    def judge(self, judgment: Judgment) -> None:
        """Keep a judgment; a later one of the same reviewer on the same pair replaces it.

        Raises:
            UnknownPairError: there is no such pair.
            ReviewUnavailableError: it cannot be kept.
        """
        if judgment.pair not in self._pairs:
            raise UnknownPairError
        line = json.dumps(asdict(judgment), ensure_ascii=False) + "\n"
        try:
            with self._lock:
                self._judgments.parent.mkdir(parents=True, exist_ok=True)
                with self._judgments.open("a", encoding="utf-8") as kept:
                    kept.write(line)
                    kept.flush()
                    os.fsync(kept.fileno())
        except OSError:
            told = "The judgment cannot be kept; tell who runs this."
            raise ReviewUnavailableError(told) from None

    def judgments(self) -> Sequence[Mapping[str, Any]]:
        """The last judgment of each reviewer on each pair."""
        with self._lock:
            text = self._judgments.read_text("utf-8") if self._judgments.exists() else ""
        last = {}
        for row in map(json.loads, text.splitlines()):
            if row["pair"] in self._pairs:
                last[row["pair"], row["reviewer"]] = row
        return tuple(last.values())


@lru_cache(maxsize=4)
def open_review(pairs: Path, judgments: Path) -> Review:
    """The review of these files.

    Raises:
        ReviewUnavailableError: the pairs cannot be read.
    """
    return Review(pairs, judgments)


def _pairs_of(path: Path) -> list[BlindPair]:
    fields = ("id", "question", "left", "right")
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["schema"] != SCHEMA:
            raise ReviewUnavailableError(f"The pairs file must be {SCHEMA}.")
        return [BlindPair(**{name: str(row[name]) for name in fields}) for row in told["pairs"]]
    except (OSError, ValueError, KeyError, TypeError):
        raise ReviewUnavailableError(
            "The pairs file of the settings cannot be read; make it with trd-assistant evals pairs."
        ) from None
