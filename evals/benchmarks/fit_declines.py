"""Fits assistant/answering/tables/declines_weights.csv on the labelled wordings of declines.toml.

Run: ``python -m evals.benchmarks.fit_declines [--check]``. The tuned questions of the own suites,
which are all to be answered, are learnt beside the labelled ones. With ``--check`` the weights
are not written: each sixth of the groups is judged by weights fitted on the rest, so that what is
printed holds for things asked in a way that was not learnt.
"""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from assistant.answering.declining import (
    KINDS,
    MEANING_WEIGHT,
    ORDINARY,
    WORDS_WEIGHT,
    Wording,
    judged,
    plain,
    wordings,
    words_of,
)
from evals.questions import HERE, SUITE
from knowledge.embedder import MiniLmEmbeddings

TABLE = HERE.parent / "assistant" / "answering" / "tables" / "declines_weights.csv"
RETRIEVAL = HERE / "datasets" / "retrieval"
UNSEALED = ("questions.jsonl", "lay.jsonl")
RIDGE = 0.1
STEPS = 300
SEEN_AT_LEAST = 3
"""A word says something from this many wordings on."""
PARTS = 6


def main() -> None:
    """Write the fitted table, or print what it achieves on groups left out."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--check", action="store_true", help="cross-validate, write nothing")
    given = parser.parse_args()
    labelled = [*wordings(), *answered_questions()]
    embedder = MiniLmEmbeddings()
    vectors = np.array(embedder.embed_documents([plain(one.text) for one in labelled]))
    if given.check:
        _check(labelled, vectors)
        return
    vocabulary = _vocabulary(labelled)
    fitted = _fit(_inputs(labelled, vectors, vocabulary), labelled)
    _write(TABLE, fitted, vocabulary, embedder.identity)


def answered_questions() -> Iterator[Wording]:
    """The questions of the own suites that are answered or abstained from, none of a sealed set."""
    for path in sorted(SUITE.glob("*.yaml")):
        for item in yaml.safe_load(path.read_text(encoding="utf-8"))["items"]:
            if not item.get("held_out") and item["status"] in ("answered", "abstained"):
                yield from (Wording(text, ORDINARY, item["id"]) for text in item["ask"])
    for name in UNSEALED:
        for line in (RETRIEVAL / name).read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            texts = row["questions"].values()
            yield from (Wording(text, ORDINARY, row["family"]) for text in texts)


def _vocabulary(labelled: Sequence[Wording]) -> list[str]:
    counted = Counter(word for one in labelled for word in words_of(plain(one.text)))
    return sorted(word for word, count in counted.items() if count >= SEEN_AT_LEAST)


def _inputs(labelled: Sequence[Wording], vectors: Any, vocabulary: Sequence[str]) -> Any:
    place = {word: at for at, word in enumerate(vocabulary)}
    said = np.zeros((len(labelled), len(vocabulary)))
    for row, one in enumerate(labelled):
        known = [place[word] for word in words_of(plain(one.text)) if word in place]
        said[row, known] = WORDS_WEIGHT / np.sqrt(max(len(known), 1))
    joined = np.c_[MEANING_WEIGHT * vectors, said, np.ones(len(labelled))]
    return joined.astype(np.float32)


def _fit(inputs: Any, labelled: Sequence[Wording]) -> Any:
    """Weights of a ridge softmax regression; rarer kinds weigh more, by the root of their share."""
    truth = np.array([KINDS.index(one.kind) for one in labelled])
    share = (1 / np.sqrt(np.bincount(truth, minlength=len(KINDS))))[truth]
    share = (share / share.mean()).astype(np.float32)[:, None]
    wanted = np.eye(len(KINDS), dtype=np.float32)[truth]
    steepest = 0.5 * np.linalg.norm(inputs * np.sqrt(share), 2) ** 2 + RIDGE
    weights = ahead = np.zeros((inputs.shape[1], len(KINDS)), dtype=np.float32)
    pace = 1.0
    for _ in range(STEPS):
        slope = inputs.T @ ((_likely(inputs, ahead) - wanted) * share) + RIDGE * ahead
        moved = ahead - slope / steepest
        faster = (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead, weights, pace = moved + (pace - 1) / faster * (moved - weights), moved, faster
    return weights


def _likely(inputs: Any, weights: Any) -> Any:
    scores = inputs @ weights
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return raised / raised.sum(axis=1, keepdims=True)


def _check(labelled: Sequence[Wording], vectors: Any) -> None:
    groups = sorted({(one.kind, one.group) for one in labelled})
    order = np.random.default_rng(0).permutation(len(groups))
    part_of = {groups[at]: place % PARTS for place, at in enumerate(order)}
    parts = np.array([part_of[one.kind, one.group] for one in labelled])
    found: list[tuple[Wording, Any]] = []
    for part in range(PARTS):
        learnt = [one for one, own in zip(labelled, parts, strict=True) if own != part]
        left_out = [one for one, own in zip(labelled, parts, strict=True) if own == part]
        vocabulary = _vocabulary(learnt)
        weights = _fit(_inputs(learnt, vectors[parts != part], vocabulary), learnt)
        likely = _likely(_inputs(left_out, vectors[parts == part], vocabulary), weights)
        found += zip(left_out, likely.tolist(), strict=True)
    _tell(found, set(wordings()))


def _tell(found: Sequence[tuple[Wording, Any]], own: set[Wording]) -> None:
    for kind in (*KINDS, "ordinary, suites"):
        name = kind.partition(",")[0]
        here = [
            judged(likely)
            for one, likely in found
            if one.kind == name and (one in own) == (kind == name)
        ]
        declined = sum(one.kind is not None for one in here)
        right = sum(one.kind == (None if name == ORDINARY else name) for one in here)
        warned = sum(one.danger for one in here)
        print(f"{kind:18} {len(here):5} right {right / len(here):.3f} "
              f"declined {declined / len(here):.3f} danger {warned / len(here):.3f}")  # fmt: skip


def _write(path: Path, fitted: Any, vocabulary: Sequence[str], identity: str) -> None:
    dimensions = len(fitted) - len(vocabulary) - 1
    names = [
        *(("meaning", str(at)) for at in range(dimensions)),
        *(("word", word) for word in vocabulary),
        ("intercept", ""),
    ]
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["fitted with", identity])
        writer.writerow(["part", "name", *KINDS])
        for name, row in zip(names, fitted, strict=True):
            writer.writerow([*name, *(f"{value:.3f}" for value in row)])
    print(f"{path.name}: {len(names)} rows")


if __name__ == "__main__":
    main()
