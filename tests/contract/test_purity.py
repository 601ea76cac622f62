"""The clinical core stands alone: no third-party module, no file, no socket, no process (P2)."""

import json
import pickle

import pytest

from fhir_adapter.read import read_bundle
from tests.lib import demo
from tests.lib.commands import python

_LOADED = """
import json, sys
before = set(sys.modules)  # what the environment itself loads at start
import assistant.staging.engine
ours = [name for name in sys.modules if name.split(".")[0] in ("fhir_adapter", "knowledge", "ui")
        or name.startswith("assistant.") and not name.startswith("assistant.staging")]
third_party = sorted({
    name.split(".")[0] for name, module in sys.modules.items()
    if name not in before and "site-packages" in (getattr(module, "__file__", None) or "")
})
print(json.dumps({"ours": ours, "third_party": third_party}))
"""

_STAGED = """
import json, pickle, sys
from datetime import date
from assistant.staging.engine import stage
record, as_of = pickle.load(sys.stdin.buffer)
stage(record, as_of=as_of)  # the tables are read once
seen = []
watching = True
PREFIXES = ("open", "socket.", "subprocess.", "os.", "shutil.", "import", "exec", "compile")
def watch(event, arguments):
    if watching and event.startswith(PREFIXES):
        seen.append(f"{event} {arguments!r:.120}")
sys.addaudithook(watch)
report = stage(record, as_of=as_of)
watching = False
print(json.dumps({"seen": seen, "trials": len(report.trials)}))
"""


def test_importing_the_core_loads_no_third_party_module_and_none_of_the_other_packages() -> None:
    loaded = python(_LOADED)
    assert loaded.exit == 0, loaded.err
    found = json.loads(loaded.out)
    assert found["ours"] == []
    assert found["third_party"] == []


@pytest.mark.parametrize("patient_id", ["worked-case", "incomplete-record", "advanced"])
def test_staging_opens_no_file_no_socket_and_no_process(patient_id: str) -> None:
    record = read_bundle(demo.bundle(patient_id)).treatment
    staged = python(_STAGED, stdin=pickle.dumps((record, demo.as_of(patient_id))))
    assert staged.exit == 0, staged.err
    found = json.loads(staged.out)
    assert found["seen"] == []
    assert found["trials"] > 0
