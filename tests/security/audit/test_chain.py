"""One edited byte of the audit trail is found (promise P21)."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from assistant.audit import AuditedAction, AuditedEvent, AuditUnavailableError, FileAuditTrail
from assistant.audit.chain import BrokenChainError, Chain, Head, verify

LINES = 8


@pytest.fixture
def trail(tmp_path: Path) -> FileAuditTrail:
    found = FileAuditTrail(tmp_path / "audit" / "audit.jsonl", observer="https://trd.example")
    for number in range(LINES):
        found.record(AuditedEvent(action=AuditedAction.READ, patient=f"Patient/p{number}"))
    return found


def test_an_untouched_trail_verifies_to_its_head(trail: FileAuditTrail) -> None:
    assert verify(trail.path) == trail.head
    assert trail.head.seq == LINES
    events = [json.loads(line)["event"] for line in trail.path.read_bytes().splitlines()]
    assert [event["entity"][0]["what"]["reference"] for event in events] == [
        f"Patient/p{number}" for number in range(LINES)
    ]


def test_every_edited_byte_is_found(trail: FileAuditTrail) -> None:
    whole = trail.path.read_bytes()
    chance = random.Random(7)
    places = {0, 9, 80, len(whole) - 1, len(whole) - 2, *chance.sample(range(len(whole)), 600)}
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        trail.path.write_bytes(changed)
        with pytest.raises(BrokenChainError) as found:
            verify(trail.path)
        line = whole.count(b"\n", 0, place) + 1
        assert found.value.line in (line, line + 1)


@pytest.mark.parametrize("removed", range(LINES - 1))
def test_a_removed_line_is_found(trail: FileAuditTrail, removed: int) -> None:
    lines = trail.path.read_bytes().splitlines(keepends=True)
    del lines[removed]
    trail.path.write_bytes(b"".join(lines))
    with pytest.raises(BrokenChainError, match=f"line {removed + 1}: it does not follow"):
        verify(trail.path)


def test_two_lines_in_the_wrong_order_are_found(trail: FileAuditTrail) -> None:
    lines = trail.path.read_bytes().splitlines(keepends=True)
    lines[2], lines[3] = lines[3], lines[2]
    trail.path.write_bytes(b"".join(lines))
    with pytest.raises(BrokenChainError, match="line 3"):
        verify(trail.path)


def test_lines_cut_off_at_the_end_are_found_by_the_head_noted_elsewhere(
    trail: FileAuditTrail,
) -> None:
    lines = trail.path.read_bytes().splitlines(keepends=True)
    trail.path.write_bytes(b"".join(lines[:-1]))
    assert verify(trail.path).seq == LINES - 1
    with pytest.raises(BrokenChainError, match="noted head"):
        verify(trail.path, expected=trail.head)


def test_a_torn_last_line_is_found_and_the_next_event_takes_its_place(
    trail: FileAuditTrail,
) -> None:
    with trail.path.open("ab") as file:
        file.write(b'{"hash":"12')
    with pytest.raises(BrokenChainError, match="not a whole audit line"):
        verify(trail.path)
    again = FileAuditTrail(trail.path, observer="x")
    again.record(AuditedEvent(action=AuditedAction.READ))
    assert verify(trail.path, expected=trail.head).seq == LINES + 1


def test_threads_and_several_writers_keep_one_chain(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    chains = [Chain(path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: chains[n % 4].append(b'{"n":%d}' % n), range(200)))
    assert verify(path).seq == 200
    lines = path.read_text("utf-8").splitlines()
    assert {json.loads(line)["event"]["n"] for line in lines} == set(range(200))


def test_an_event_that_cannot_be_kept_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    failures: list[Exception] = []
    trail = FileAuditTrail(
        tmp_path / "file" / "audit.jsonl", observer="x", on_failure=failures.append
    )
    with pytest.raises(AuditUnavailableError):
        trail.record(AuditedEvent(action=AuditedAction.READ))
    assert len(failures) == 1


def test_a_full_disk_leaves_no_piece_of_a_line() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this machine has no /dev/full")
    with pytest.raises(AuditUnavailableError):
        FileAuditTrail(full, observer="x").record(AuditedEvent(action=AuditedAction.READ))


def test_an_empty_trail_verifies(tmp_path: Path) -> None:
    (tmp_path / "audit.jsonl").touch()
    assert verify(tmp_path / "audit.jsonl") == Head()


def test_only_its_owner_may_read_the_trail(trail: FileAuditTrail) -> None:
    assert trail.path.stat().st_mode & 0o077 == 0
