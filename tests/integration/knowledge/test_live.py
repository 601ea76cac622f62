"""A running service sees added and removed documents without a restart; old or new, never half."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time

import httpx
import pytest

from knowledge.library import add, remove
from knowledge.live import LiveKnowledge
from tests.lib.commands import trd_assistant
from tests.lib.demo import REPOSITORY

QUERY = "zebrafish clinic opening hours"
PATIENCE = 120
POLICY = """# Local policy

## Zebrafish clinic hours

The zebrafish clinic for resistant depression is open on {day} from nine to twelve, in building
seven, and takes referrals from every ward of the hospital by telephone or by letter.

## Zebrafish clinic referral

Every ward refers to the zebrafish clinic by a letter that names each trial; the visit takes place
on a {day} within ten working days of the letter, and a nurse telephones the patient beforehand.
"""


@pytest.fixture
def data(knowledge, knowledge_folder, tmp_path):
    """A data folder with the built index, so that only what is added has to be embedded."""
    shutil.copytree(knowledge_folder / "index", tmp_path / "data" / "knowledge" / "index")
    return tmp_path / "data"


@pytest.fixture
def policy(tmp_path):
    path = tmp_path / "policy.md"
    path.write_text(POLICY.format(day="Tuesday"), encoding="utf-8")
    return path


def _days(texts) -> set[str]:
    """The weekdays that the added passages speak of, one for each passage."""
    return {day for text in texts for day in re.findall(r"Tuesday|Friday", text)}


def _wait_for(found, wanted) -> None:
    end = time.monotonic() + PATIENCE
    while found() != wanted:
        assert time.monotonic() < end, f"expected {wanted}, found {found()}"
        time.sleep(0.1)


def test_a_knowledge_base_in_use_follows_what_is_added_and_removed(data, policy):
    folder = data / "knowledge"
    live = LiveKnowledge(folder, look_every=0)

    def found() -> set[str]:
        hits = live.current().search(QUERY, source_id="added-policy")
        return _days(hit.passage.text for hit in hits)

    assert found() == set()
    add([policy], folder=folder)
    _wait_for(found, {"Tuesday"})
    remove("added-policy", folder=folder)
    _wait_for(found, set())


def test_while_a_document_is_replaced_every_answer_has_one_state_of_it(data, policy):
    folder = data / "knowledge"
    add([policy], folder=folder)
    live = LiveKnowledge(folder, look_every=0)
    seen, stop = [], threading.Event()

    def ask() -> None:
        while not stop.wait(0.01):
            hits = live.current().search(QUERY, source_id="added-policy")
            seen.append((len(hits), tuple(sorted(_days(hit.passage.text for hit in hits)))))

    asking = threading.Thread(target=ask)
    asking.start()
    for day in ("Friday", "Tuesday"):
        policy.write_text(POLICY.format(day=day), encoding="utf-8")
        add([policy], folder=folder)
        _wait_for(lambda day=day: seen[-1] == (2, (day,)), True)
    stop.set()
    asking.join()
    assert set(seen) == {(2, ("Tuesday",)), (2, ("Friday",))}


def test_what_was_handed_out_stays_as_it_was(data, policy):
    folder = data / "knowledge"
    live = LiveKnowledge(folder, look_every=0)
    kept = live.current()
    add([policy], folder=folder)
    _wait_for(lambda: live.current() is kept, False)
    assert kept.search(QUERY, source_id="added-policy") == []
    assert kept.find("Which scores define remission?").answered
    assert kept.health()["search"] == "dense and lexical"


def test_a_change_that_cannot_be_opened_leaves_the_old_state_and_is_said(data, policy, monkeypatch):
    folder = data / "knowledge"
    live = LiveKnowledge(folder, look_every=0)
    before = live.current()

    def fails(*_args, **_options):
        raise PermissionError

    monkeypatch.setattr("knowledge.live.open_knowledge", fails)
    add([policy], folder=folder)
    _wait_for(lambda: live.health()["notes"] != [], True)
    assert live.current() is before
    assert "(PermissionError)" in live.health()["notes"][0]
    monkeypatch.undo()
    _wait_for(lambda: live.current() is before, False)
    assert live.health()["notes"] == []


def test_a_running_service_answers_from_a_document_added_by_another_process(data, policy):
    environment = {"TRD_ASSISTANT_DATA": str(data)}
    command = [sys.executable, "-c", "from assistant.cli import main; main()", "demo", "--port=0"]
    with subprocess.Popen(
        command,
        cwd=REPOSITORY,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = re.search(r"http://127\.0\.0\.1:\d+", process.stdout.readline())
            assert address
            url = f"{address[0]}/api/knowledge/search"

            def found() -> set[str]:
                answer = httpx.get(url, params={"q": QUERY}, timeout=PATIENCE).raise_for_status()
                rows = answer.json()["passages"]
                return {row["source_id"] for row in rows} & {"added-policy"}

            assert found() == set()
            assert trd_assistant("knowledge", "add", policy, environment=environment).exit == 0
            _wait_for(found, {"added-policy"})
            removed = trd_assistant("knowledge", "remove", "added-policy", environment=environment)
            assert removed.exit == 0
            _wait_for(found, set())
        finally:
            process.terminate()
