"""Coverage-guided fuzzing of the FHIR adapter: bundles, dose instructions, dates.

Needs atheris, which is no dependency of ours: ``python -m venv fuzz; fuzz/bin/pip
install atheris orjson``, then from the repository ``fuzz/bin/python -m
tests.property.fuzz_adapter --seconds 3600 --out FOLDER``. Every input must end in a record or
in a refusal of ours; what raises, or needs more than a second, is kept in FOLDER with
the figures (``figures.json``). CI runs the same properties with hypothesis
(``tests/unit/adapter/test_fuzz.py``, ``tests/unit/adapter/test_sig_fuzz.py``).
"""

import argparse
import copy
import hashlib
import json
import sys
import time
import traceback
from collections import Counter
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import atheris

if TYPE_CHECKING:
    from collections.abc import Callable

with atheris.instrument_imports(include=["fhir_adapter", "assistant.staging.dates"]):
    from assistant.staging.dates import PartialDate
    from fhir_adapter.sig import parse_sig
    from tests.lib.reading import read_without_fault

SLOW_SECONDS = 1.0
_EVERY = 500
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1e308, 10**18, 0.5, "", "2023", "2023-02-30", "0000-00-00",
    "9999-12-31", "Patient/p1", "#x", "urn:uuid:1", "http://[", [], {}, [None], [[]], [{}],
    {"coding": [{"code": 1}]}, {"value": "x"}, {"start": "2024", "end": "2023"},
    {"reference": "#x"}, [{"url": "urn:x"}], "entered-in-error", "d", "mg",
)  # fmt: skip
_WORDS = (
    "take", "1", "2", "0.5", "tab", "tablets", "mg", "po", "bid", "daily", "every", "other",
    "day", "weeks", "for", "then", "prn", "q4-6h", "x7", "-", "/", ",", "and", "half", "alternate",
    "mon", "hs", "increase", "to", "by", "until", "max", "10", "1000000000000",
)  # fmt: skip


def _bases() -> list[dict[str, Any]]:
    folder = files("assistant").joinpath("demo_patients")
    found = sorted(
        (item for item in folder.iterdir() if item.name.endswith(".json")), key=lambda i: i.name
    )
    return [json.loads(item.read_bytes()) for item in found]


def _small(bases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Bundles of a few entries each: a change in them is met soon."""
    pieces = []
    for base in bases:
        entries = base["entry"]
        patient = [item for item in entries if item["resource"]["resourceType"] == "Patient"]
        rest = [item for item in entries if item not in patient]
        pieces += [
            {**base, "entry": [*patient, *rest[start : start + 3]]}
            for start in range(0, len(rest), 3)
        ]
    return pieces


def _change(value: Any, data: Any) -> None:
    """Walk to some element and put something odd, or something from elsewhere, in its place."""
    holder, place = None, None
    while isinstance(value, dict | list) and value:
        if holder is not None and data.ConsumeProbability() < 0.15:
            break
        places = list(value) if isinstance(value, dict) else list(range(len(value)))
        holder, place = value, places[data.ConsumeIntInRange(0, len(places) - 1)]
        value = value[place]
    if holder is None:
        return
    kind = data.ConsumeIntInRange(0, 5)
    if kind == 0 and isinstance(holder, dict):
        del holder[place]
    elif kind == 1:
        holder[place] = [copy.deepcopy(value), copy.deepcopy(value)]
    elif kind == 2:
        holder[place] = data.ConsumeUnicodeNoSurrogates(12)
    elif kind == 3:
        holder[place] = data.ConsumeInt(8)
    else:
        holder[place] = copy.deepcopy(_ODD[data.ConsumeIntInRange(0, len(_ODD) - 1)])


def _bundle(data: Any, pieces: list[dict[str, Any]]) -> None:
    content = copy.deepcopy(pieces[data.ConsumeIntInRange(0, len(pieces) - 1)])
    for _ in range(data.ConsumeIntInRange(1, 6)):
        _change(content, data)
    read_without_fault(content)


def _text(data: Any) -> None:
    read_without_fault(data.ConsumeBytes(400))


def _sig(data: Any) -> None:
    if data.ConsumeBool():
        read = parse_sig(data.ConsumeUnicodeNoSurrogates(120))
    else:
        count = data.ConsumeIntInRange(0, 25)
        chosen = [_WORDS[data.ConsumeIntInRange(0, len(_WORDS) - 1)] for _ in range(count)]
        read = parse_sig(" ".join(chosen))
    json.dumps(read.to_json(), allow_nan=False)


def _date(data: Any) -> None:
    text = data.ConsumeUnicodeNoSurrogates(32)
    try:
        found = PartialDate.parse(text)
    except ValueError:
        return
    assert found.earliest <= found.latest


class _Run:
    """Counts what happens, keeps what should not."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.begun = time.monotonic()
        self.count: Counter[str] = Counter()
        self.slowest: tuple[float, str] = (0.0, "")
        self.faults: Counter[str] = Counter()
        self.pieces = _small(_bases())

    def once(self, raw: bytes) -> None:
        data = atheris.FuzzedDataProvider(raw)
        targets: tuple[tuple[str, Callable[[], None]], ...] = (
            ("bundle", lambda: _bundle(data, self.pieces)),
            ("bytes", lambda: _text(data)),
            ("sig", lambda: _sig(data)),
            ("date", lambda: _date(data)),
        )
        name, work = targets[(0, 0, 0, 0, 1, 2, 2, 3)[data.ConsumeIntInRange(0, 7)]]
        begun = time.process_time()
        try:
            work()
        except Exception as fault:  # noqa: BLE001 - every fault is what is looked for
            last = traceback.extract_tb(fault.__traceback__)[-1]
            self._keep("fault", f"{name} {type(fault).__name__} {last.name}:{last.lineno}", raw)
        took = time.process_time() - begun
        if took > SLOW_SECONDS:
            self._keep("slow", name, raw)
        if took > self.slowest[0]:
            self.slowest = (took, name)
        self.count[name] += 1
        if sum(self.count.values()) % _EVERY == 0:
            self.write()

    def _keep(self, kind: str, what: str, raw: bytes) -> None:
        self.faults[f"{kind}: {what}"] += 1
        if self.faults[f"{kind}: {what}"] <= 3:
            (self.out / f"{kind}-{hashlib.sha256(raw).hexdigest()[:12]}").write_bytes(raw)

    def write(self) -> None:
        figures = {
            "seconds": round(time.monotonic() - self.begun),
            "executions": dict(self.count),
            "slowest_ms": round(self.slowest[0] * 1e3, 1),
            "slowest": self.slowest[1],
            "faults": dict(self.faults),
        }
        (self.out / "figures.json").write_text(json.dumps(figures, indent=1), encoding="utf-8")


def main() -> None:
    """Fuzz for a while."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=int, default=60)
    options.add_argument("--out", type=Path, required=True)
    chosen = options.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    run = _Run(chosen.out)
    arguments = (f"-max_total_time={chosen.seconds}", "-max_len=4096", "-timeout=60")
    atheris.Setup([sys.argv[0], *arguments], run.once)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
