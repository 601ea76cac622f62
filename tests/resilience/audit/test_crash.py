"""A process killed while it audits loses no acknowledged line and leaves none torn (P13)."""

import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from assistant.audit import AuditedAction, AuditedEvent, FileAuditTrail
from assistant.audit.chain import verify
from tests.lib.demo import REPOSITORY

_KILLS = 12
_WRITER = """
import sys
from pathlib import Path
from assistant.audit import AuditedAction, AuditedEvent, FileAuditTrail
trail = FileAuditTrail(Path(sys.argv[1]), observer="x")
while True:
    trail.record(AuditedEvent(action=AuditedAction.READ, what="Observation/" + "x" * 900))
    sys.stdout.write(f"{trail.head.seq}\\n")
    sys.stdout.flush()
"""


def test_no_acknowledged_line_is_lost_or_torn_by_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    chance = random.Random(13)
    for _ in range(_KILLS):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(path)],
            cwd=REPOSITORY,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert writer.stdout is not None
        first = writer.stdout.readline()
        time.sleep(chance.uniform(0, 0.05))
        writer.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in (first + writer.stdout.read()).split()]
        writer.wait()
        writer.stdout.close()
        kept = path.read_bytes().count(b"\n")
        assert kept >= acknowledged[-1]
        FileAuditTrail(path, observer="x").record(AuditedEvent(action=AuditedAction.LOGOUT))
        assert verify(path).seq == kept + 1
    numbers = [json.loads(line)["seq"] for line in path.read_text("utf-8").splitlines()]
    assert numbers == list(range(1, len(numbers) + 1))
