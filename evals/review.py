"""Blind pairs of two runs for clinicians, and how far their judgments agree."""

import json
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from evals.results import ItemResult, RunResult, interval

SCHEMA = "evals-pairs/1"
_SIDES = ("left", "right")
_TWO = 2


class ReviewError(Exception):
    """The pairs or the judgments cannot be used; the message says why."""


def pairs_of(old: RunResult, new: RunResult, *, limit: int | None, seed: int) -> dict[str, Any]:
    """The items that both runs answered with different texts, their sides drawn by the seed.

    Raises:
        ReviewError: there is no such item.
    """
    before = dict(_answers(old))
    found = [
        (name, before[name], item)
        for name, item in _answers(new)
        if name in before and before[name].reply["answer"] != item.reply["answer"]
    ]
    if not found:
        raise ReviewError("the two runs have no answer that differs")
    draw = random.Random(seed)  # noqa: S311 - not a secret
    chosen = found if limit is None else draw.sample(found, min(limit, len(found)))
    pairs = []
    for name, earlier, later in chosen:
        texts = {"old": earlier.reply["answer"], "new": later.reply["answer"]}
        left, right = draw.sample(("old", "new"), 2)
        pairs.append({
            "id": name,
            "question": later.asked,
            "left": texts[left],
            "right": texts[right],
            "left_is": left,
        })  # fmt: skip
    return {"schema": SCHEMA, "seed": seed, "pairs": pairs}


def _answers(run: RunResult) -> list[tuple[str, ItemResult]]:
    return [
        (f"{suite.name}/{item.id}", item)
        for suite in run.suites
        for item in suite.items
        if item.reply.get("answer") and item.asked
    ]


class Agreement(NamedTuple):
    """What the reviewers said, and how far they agree."""

    reviewers: Sequence[str]
    pairs: int
    """Pairs that at least two reviewers judged."""
    alpha_preference: float | None
    """Krippendorff's alpha, ordinal: old better, no difference, new better."""
    alpha_wrong: float | None
    """Krippendorff's alpha, nominal: whether an answer says something wrong."""
    preferred: Mapping[str, int]
    """Judgments for ``old``, ``equal``, ``new``."""
    new_preferred: tuple[float, float] | None
    """95 % Wilson interval of the new run's share among those that prefer one."""
    wrong: Mapping[str, int]
    """Judgments that an answer of ``old`` or ``new`` is wrong."""

    def to_json(self) -> dict[str, Any]:
        """The agreement as plain JSON values."""
        return {"schema": "evals-agreement/1", **self._asdict()}


def agreement(pairs: Mapping[str, Any], judgments: Sequence[Mapping[str, Any]]) -> Agreement:
    """How far the reviewers agree, the sides told apart again.

    Raises:
        ReviewError: a judgment is of no pair of the file.
    """
    left_is = {row["id"]: row["left_is"] for row in pairs["pairs"]}
    unknown = [row["pair"] for row in judgments if row["pair"] not in left_is]
    if unknown:
        raise ReviewError(f"{unknown[0]}: judged, but not a pair of the file")
    reviewers = sorted({str(row["reviewer"]) for row in judgments})
    preferences: dict[tuple[str, str], int] = {}
    wrongs: dict[tuple[str, str], int] = {}
    for row in judgments:
        sides = dict(zip(_SIDES, _runs(left_is[row["pair"]]), strict=True))
        better = sides.get(row["preference"], "equal")
        preferences[row["reviewer"], row["pair"]] = {"old": -1, "equal": 0, "new": 1}[better]
        for side in _SIDES:
            key = row["reviewer"], f"{row['pair']} {sides[side]}"
            wrongs[key] = int(bool(row[f"wrong_{side}"]))
    counts = {
        name: sum(value == code for value in preferences.values())
        for name, code in (("old", -1), ("equal", 0), ("new", 1))
    }
    decided = counts["old"] + counts["new"]
    units = [unit for _, unit in preferences]
    return Agreement(
        reviewers=reviewers,
        pairs=sum(units.count(unit) >= _TWO for unit in set(units)),
        alpha_preference=_alpha(preferences, reviewers, "ordinal"),
        alpha_wrong=_alpha(wrongs, reviewers, "nominal"),
        preferred=counts,
        new_preferred=interval(counts["new"], decided) if decided else None,
        wrong={
            run: sum(value for (_, unit), value in wrongs.items() if unit.endswith(f" {run}"))
            for run in ("old", "new")
        },
    )


def _runs(left: str) -> tuple[str, str]:
    return ("old", "new") if left == "old" else ("new", "old")


def _alpha(
    values: Mapping[tuple[str, str], int],
    reviewers: Sequence[str],
    level: Literal["ordinal", "nominal"],
) -> float | None:
    """Krippendorff's alpha; None with one reviewer, or where all say the same of everything."""
    import krippendorff  # noqa: PLC0415 - only this needs it

    units = sorted({unit for _, unit in values})
    table = [[values.get((name, unit), float("nan")) for unit in units] for name in reviewers]
    shared = [unit for unit in units if sum((name, unit) in values for name in reviewers) >= _TWO]
    if len(reviewers) < _TWO or not shared or len(set(values.values())) < _TWO:
        return None
    found = krippendorff.alpha(reliability_data=table, level_of_measurement=level)
    return round(float(found), 4)


def read_pairs(path: Path) -> dict[str, Any]:
    """A file of pairs.

    Raises:
        ReviewError: it is none.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
        if value["schema"] == SCHEMA and isinstance(value["pairs"], list):
            found: dict[str, Any] = value
            return found
    except (OSError, ValueError, KeyError, TypeError):
        pass
    raise ReviewError(f"{path}: expected {SCHEMA}, made by evals pairs")


def read_judgments(path: Path) -> list[dict[str, Any]]:
    """The last judgment of each reviewer on each pair of an export.

    Raises:
        ReviewError: it is no export of the review.
    """
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        last = {(row["reviewer"], row["pair"]): row for row in rows}
    except (OSError, ValueError, KeyError, TypeError):
        raise ReviewError(f"{path}: expected the JSON lines of a review") from None
    return list(last.values())
