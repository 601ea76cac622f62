"""A build that dies at any moment leaves the old index or the new one, never half of either."""

import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import pytest

from knowledge.passages import Passage
from knowledge.vector_index import MANIFEST, POINTER, open_index
from tests.lib.embeddings import HashedWords, NeverEmbeds

POINTS = 50
SEED = 20261122
FORK = multiprocessing.get_context("fork")


def _passages(version: str, count: int) -> list[Passage]:
    return [
        Passage(
            passage_id=f"{version}/{at}",
            source_id=version,
            section="Section",
            text=f"{version} passage number {at} about doses and weeks",
            topic="site",
            asks=(f"what is {version} {at}",),
        )
        for at in range(count)
    ]


OLD = _passages("old", 60)
NEW = _passages("new", 300)


def _build(root: Path, passages: list[Passage]) -> None:
    open_index(root, passages, HashedWords(), HashedWords.identity).close()


def _usable(root: Path, passages: list[Passage], outcome) -> None:
    """Put into ``outcome`` whether this index is there, whole, and finds its passages."""
    try:
        index = open_index(root, passages, NeverEmbeds(), NeverEmbeds.identity)
    except AssertionError:
        outcome.value = 0
        return
    found = index.nearest(HashedWords().embed_query(passages[0].text), len(passages))
    outcome.value = int(set(found) == {passage.passage_id for passage in passages})


def _run(target, *arguments) -> int:
    process = FORK.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def _is_usable(root: Path, passages: list[Passage]) -> bool:
    outcome = FORK.Value("i", -1)
    _run(_usable, root, passages, outcome)
    return outcome.value == 1


@pytest.fixture
def root(tmp_path):
    assert _run(_build, tmp_path, OLD) == 0
    return tmp_path


def test_kill_9_at_random_points_leaves_the_old_index_or_the_new_one(root):
    chance = random.Random(SEED)
    started = time.monotonic()
    assert _run(_build, root, NEW) == 0
    duration = time.monotonic() - started
    assert _run(_build, root, OLD) == 0
    outcomes = set()
    for _ in range(POINTS):
        process = FORK.Process(target=_build, args=(root, NEW))
        process.start()
        time.sleep(chance.uniform(0, 1.05 * duration))
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        new = _is_usable(root, NEW)
        assert new or _is_usable(root, OLD)
        outcomes.add(new)
        if new:
            assert _run(_build, root, OLD) == 0
    assert False in outcomes


def test_what_crashed_builds_left_behind_is_swept_away(root):
    (root / "build-left-behind").mkdir()
    assert _run(_build, root, NEW) == 0
    assert not (root / "build-left-behind").exists()


@pytest.mark.parametrize("damage", ["pointer", "manifest", "chroma"])
def test_a_damaged_index_is_built_again(root, damage):
    build = root / (root / POINTER).read_text()
    if damage == "pointer":
        (root / POINTER).write_text("build-nowhere")
    elif damage == "manifest":
        (build / MANIFEST).write_text('{"fingerprint": ')
    else:
        (build / "chroma" / "chroma.sqlite3").write_bytes(b"not a database")
    assert not _is_usable(root, OLD)
    assert _run(_build, root, OLD) == 0
    assert _is_usable(root, OLD)


def test_two_processes_that_need_the_index_build_it_once(tmp_path):
    builders = [FORK.Process(target=_build, args=(tmp_path, NEW)) for _ in range(3)]
    for process in builders:
        process.start()
    for process in builders:
        process.join()
    assert [process.exitcode for process in builders] == [0, 0, 0]
    assert len(list(tmp_path.glob("build-*"))) == 1
