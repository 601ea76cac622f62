"""Which answers of FHIRPath-QA the published record contradicts, read from its raw resources.

A question is set apart where its stated answer cannot be right for the files there are. Three
checks, none of which uses our chart reader or any answer of ours (the time words alone are read
by our parser):

* ``absent``: the answer is a name or a time, and stands nowhere in any resource of the patient;
* ``denied``: the answer is "no", and an entry of the kind asked about lies in the time asked about;
* ``not_extreme``: the answer is the time of the first or last procedure or intake, and an earlier
  or later one lies in the time asked about.
"""

import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from assistant.answering.plan import Window
from assistant.answering.timewords import window_of

_EXTREME = {
    "time-procedure": ("MimicProcedure", "MimicProcedureICU", "MimicProcedureED"),
    "time-intake": ("MimicMedicationAdministrationICU",),
}
_DENIED = {
    "has-emergency-room-visit": ("MimicEncounterED",),
    "has-micro-test-any": ("MimicObservationMicroTest",),
    "has-micro-test-specific": ("MimicObservationMicroTest",),
}
_TIMES = ("effectiveDateTime", "performedDateTime", "effectivePeriod", "performedPeriod", "period")
_NAMED = frozenset({
    "admission-type", "careunit", "diagnosis-name", "drug-name", "drug-name-route", "output-name",
    "micro-test-name", "organism-name", "procedure-name", "specimen-name",
})  # fmt: skip


class RawRecords:
    """Every resource of the files as text and by file, patient by patient."""

    def __init__(self, folder: Path) -> None:
        self._by_file: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._names: dict[str, str] = {}
        self._shared: list[str] = []
        for path in sorted(folder.rglob("*.ndjson.gz")):
            self._read(path)

    def _read(self, path: Path) -> None:
        kind = path.name.partition(".")[0]
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                resource = json.loads(line)
                if kind == "MimicPatient":
                    self._names[resource["id"]] = resource["identifier"][0]["value"]
                subject = resource.get("subject") or resource.get("patient") or {}
                owner = str(subject.get("reference", "")).partition("/")[2]
                if owner:
                    self._by_file[kind][owner].append(resource)
                else:
                    self._shared.append(line)

    def of(self, patient: str, kinds: Iterable[str] = ()) -> list[dict[str, Any]]:
        """The patient's resources of these files; of all where none is named."""
        wanted = list(kinds) or list(self._by_file)
        owners = [owner for owner, name in self._names.items() if name == patient]
        return [item for kind in wanted for own in owners for item in self._by_file[kind][own]]

    def shared_text(self) -> str:
        """The resources of no patient: medications, locations, organizations."""
        return "\n".join(self._shared)


def contradiction(row: dict[str, Any], raw: RawRecords) -> str | None:
    """The check that the stated answer fails, or None."""
    gold, template = json.loads(row["answer"]), row["question_template_id"]
    now = datetime.fromisoformat(row["now"])
    window = window_of(row["question"], now) or Window(end=now)
    if template in _DENIED and gold == [False]:
        found = _in_time(raw.of(row["patient_id"], _DENIED[template]), window, now)
        asked = [item for item in found if _is_named(item, row, raw)]
        return "denied" if asked else None
    if template in _EXTREME and gold:
        return _extreme(row, gold, _in_time(raw.of(row["patient_id"], _EXTREME[template]),
                                            window, now))  # fmt: skip
    if template in _NAMED and gold and isinstance(gold[0], str):
        whole = json.dumps(raw.of(row["patient_id"]), ensure_ascii=False) + raw.shared_text()
        plain = " ".join(whole.split()).lower()
        told = (json.dumps(text, ensure_ascii=False)[1:-1].lower() for text in gold)
        return None if any(" ".join(text.split()) in plain for text in told) else "absent"
    return None


def _start(resource: dict[str, Any]) -> str:
    for key in _TIMES:
        value = resource.get(key)
        if isinstance(value, dict):
            value = value.get("start")
        if isinstance(value, str):
            return value
    return ""


def _in_time(
    resources: list[dict[str, Any]], window: Window, now: datetime
) -> list[dict[str, Any]]:
    kept = []
    for resource in resources:
        text = _start(resource)
        if not text:
            continue
        moment = datetime.fromisoformat(text).replace(tzinfo=None)
        if moment <= now and window.contains(moment):
            kept.append(resource)
    return kept


def _is_named(resource: dict[str, Any], row: dict[str, Any], raw: RawRecords) -> bool:
    """Whether the entry is one of the test asked about: its name, or its specimen's."""
    if row["question_template_id"] != "has-micro-test-specific":
        return True
    specimen = str((resource.get("specimen") or {}).get("reference", "")).partition("/")[2]
    held = [item for item in raw.of(row["patient_id"], ("MimicSpecimen",))
            if item["id"] == specimen]  # fmt: skip
    names = re.findall(r'"display": "([^"]+)"', json.dumps([resource.get("code"), *held]))
    return any(name.lower() in row["question"].lower() for name in names)


def _extreme(row: dict[str, Any], gold: list[Any], found: list[dict[str, Any]]) -> str | None:
    told = gold[0].get("start") if isinstance(gold[0], dict) else gold[0]
    if not found or not isinstance(told, str):
        return None
    times = sorted(datetime.fromisoformat(_start(item)).replace(tzinfo=None) for item in found)
    said = datetime.fromisoformat(told).replace(tzinfo=None)
    last = re.search(r"\blast\b|\bmost recent\b|\blatest\b", row["question"].lower())
    return None if said == (times[-1] if last else times[0]) else "not_extreme"
