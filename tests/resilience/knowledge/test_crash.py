"""A build that dies at any moment leaves the old index or the new one, never half of either."""

import multiprocessing
import random
import shutil
import time
from pathlib import Path

import chromadb  # noqa: F401  loaded once here, so that a forked build starts at once
import pytest

from knowledge import vector_index
from knowledge.passages import Passage
from knowledge.vector_index import MANIFEST, POINTER, fingerprint, open_index
from tests.lib.embeddings import HashedWords, NeverEmbeds

POINTS = 50
SEED = 20261122
# Children come from a clean server process: forking pytest itself, once another test has used
# Chroma, leaves a child waiting for threads that it does not have.
FORK = multiprocessing.get_context("forkserver")
FORK.set_forkserver_preload(["knowledge.vector_index", "tests.lib.embeddings"])


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


OLD = _passages("old", 20)
NEW = _passages("new", 130)


def _build(root: Path, passages: list[Passage]) -> None:
    open_index(root, passages, HashedWords(), HashedWords.identity).close()


def _look(root: Path, outcome) -> None:
    """Say which index is there, whole, and finds all its passages: 1 the old, 2 the new, 0 none."""
    embedder = NeverEmbeds()
    for number, passages in enumerate((OLD, NEW), start=1):
        index = vector_index._current(root, fingerprint(passages, embedder.identity), embedder)
        if index is not None:
            found = index.nearest(embedder.embed_query(passages[0].text), len(passages))
            if set(found) == {passage.passage_id for passage in passages}:
                outcome.value = number
                return
    outcome.value = 0


def _run(target, *arguments) -> int:
    process = FORK.Process(target=target, args=arguments)
    process.start()
    process.join()
    return process.exitcode


def _which(root: Path) -> int:
    outcome = FORK.Value("i", -1)
    _run(_look, root, outcome)
    return outcome.value


@pytest.fixture
def root(tmp_path):
    folder = tmp_path / "index"
    assert _run(_build, folder, OLD) == 0
    return folder


def test_kill_9_at_random_points_leaves_the_old_index_or_the_new_one(root, tmp_path_factory):
    chance = random.Random(SEED)
    kept = tmp_path_factory.mktemp("kept") / "index"
    shutil.copytree(root, kept)
    started = time.monotonic()
    assert _run(_build, root, NEW) == 0
    duration = time.monotonic() - started
    assert _which(root) == 2
    outcomes = []
    for _ in range(POINTS):
        shutil.rmtree(root)
        shutil.copytree(kept, root)
        process = FORK.Process(target=_build, args=(root, NEW))
        process.start()
        time.sleep(chance.uniform(0, 1.05 * duration))
        process.kill()
        process.join()
        outcomes.append(_which(root))
    assert set(outcomes) <= {1, 2}
    assert 1 in outcomes


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
    assert _which(root) == 0
    assert _run(_build, root, OLD) == 0
    assert _which(root) == 1


def test_two_processes_that_need_the_index_build_it_once(tmp_path):
    builders = [FORK.Process(target=_build, args=(tmp_path, NEW)) for _ in range(3)]
    for process in builders:
        process.start()
    for process in builders:
        process.join()
    assert [process.exitcode for process in builders] == [0, 0, 0]
    assert len(list(tmp_path.glob("build-*"))) == 1
