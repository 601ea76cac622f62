"""FHIRPath-QA, train split, over the MIMIC-IV demo: how often the record questions come out right.

Run from the project's root: ``python -m evals.fhirpath_qa [--limit N] [--show TEMPLATE]``.
Laboratory and chart observations are not in the files, so the questions about
them are scored apart: there the right reply is to abstain (SOURCE.md). Two figures are given
for the rest: all of it, and without the questions whose stated answer the record contradicts
(``fhirpath_gold``).
"""

import argparse
import json
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf, Case
from assistant.answering.plan import Aggregate, Lookup
from assistant.answering.ports import NoKnowledge
from assistant.bootstrap import open_case
from evals.fhirpath_gold import RawRecords, contradiction

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data" / "fhir"
QUESTIONS = SHARED / "fhirpath-qa" / "train.jsonl"
RECORDS = SHARED / "mimic-iv-demo-full"

ABSENT_OBSERVATIONS = frozenset({
    "vital-measurement", "time-vital-measurement", "has-vital-comparison", "has-normal-vital",
    "weight", "time-specific-lab", "count-lab-test-events", "lab-measurement", "has-lab-test",
    "lab-name", "has-any-lab-test", "time-lab-test",
})  # fmt: skip
"""Templates whose answers stand in the observations that the files do not hold."""


class Scored(NamedTuple):
    """One question with its verdict."""

    template: str
    right: bool
    question: str
    expected: Any
    values: tuple[str, ...]
    status: str
    plan: Any
    ms: float
    contradicted: str | None = None
    """How the record contradicts the stated answer (``fhirpath_gold``)."""


def main() -> int:
    """Run the questions and print the scoreboard."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--limit", type=int, default=0, help="patients; 0 is all")
    parser.add_argument("--show", default="", help="print the misses of this template, or 'all'")
    given = parser.parse_args()
    if not QUESTIONS.exists() or not RECORDS.exists():
        sys.stdout.write("skipped: ../shared/data is not there\n")
        return 2
    scored = list(run(given.limit))
    _print(scored, given.show)
    return 0


def run(limit: int = 0) -> Iterator[Scored]:
    """Score every question, one patient at a time."""
    by_patient: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        by_patient[row["patient_id"]].append(row)
    raw = RawRecords(RECORDS)
    cases = patients(set(by_patient) if not limit else set(sorted(by_patient)[:limit]))
    for patient, case in cases:
        for row in by_patient[patient]:
            yield _score(row, case)._replace(contradicted=contradiction(row, raw))


def patients(wanted: set[str]) -> Iterator[tuple[str, Case]]:
    """Each patient's record, read through the adapter from one pass over the files."""
    from fhir_adapter.entries import Gathered, gather  # noqa: PLC0415
    from fhir_adapter.errors import PatientNotFound  # noqa: PLC0415
    from fhir_adapter.read import read_gathered  # noqa: PLC0415

    gathered = Gathered()
    gather(RECORDS, gathered)
    for patient in sorted(wanted):
        try:
            record = read_gathered(gathered, patient=patient)
        except PatientNotFound:
            sys.stdout.write(f"patient {patient} is not in the files: its questions are left out\n")
            continue
        yield patient, open_case(record)


def _score(row: dict[str, Any], case: Case) -> Scored:
    expected = json.loads(row["answer"])
    began = time.perf_counter()
    reply = answer(
        row["question"], case=case, knowledge=NoKnowledge(), as_of=AsOf.parse(row["now"])
    )
    spent = (time.perf_counter() - began) * 1000
    template = row["question_template_id"]
    right = matches(expected, reply)
    if template in ABSENT_OBSERVATIONS:
        right = right or reply.status == "abstained"
    return Scored(
        template, right, row["question"], expected, reply.values, reply.status,
        reply.plan.to_json(), spent,
    )  # fmt: skip


def matches(expected: list[Any], reply: Answer) -> bool:
    """Whether the values given are the answer.

    A scalar must be the first value; a name may be any of the names and codes the
    row lists for it, or one of several of the same moment; a list of times must be the same set.
    """
    return right(expected, reply.values, reply.status, one_moment=_of_one_moment(reply))


def right(expected: list[Any], values: Sequence[str], status: str, *, one_moment: bool) -> bool:
    """Whether ``values`` are the answer; ``one_moment``: several names may stand for one time."""
    given = [value.strip().lower() for value in values]
    if not given or status in ("abstained", "refused"):
        return not expected
    wanted = [_plain(item) for item in expected]
    if len(wanted) > 1 and all(_is_time(item) for item in wanted):
        return set(wanted) == set(given)
    if expected and isinstance(expected[0], int | float) and not isinstance(expected[0], bool):
        return _number(given[0]) == float(expected[0])
    return bool(wanted) and bool(set(given) & set(wanted)) and (one_moment or len(given) == 1)


def _of_one_moment(reply: Answer) -> bool:
    """Whether several names were given because they stand at one moment (their order is open)."""
    step = reply.plan.steps[0]
    return isinstance(step, Lookup) and step.aggregate in (Aggregate.FIRST, Aggregate.LAST)


def _plain(item: Any) -> str:
    if isinstance(item, dict) and isinstance(item.get("start"), str):
        return str(item["start"]).lower()  # a period is named by its start
    if isinstance(item, bool):
        return "yes" if item else "no"
    return " ".join(str(item).split()).lower()


def _is_time(text: str) -> bool:
    return len(text) >= 10 and text[4:5] == "-" and text[:4].isdigit()  # noqa: PLR2004


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _number(text: str) -> float | None:
    first = text.split(maxsplit=1)[0] if text.split() else ""
    return float(first) if _is_number(first) else None


def _print(scored: list[Scored], show: str) -> None:
    totals: Counter[str] = Counter()
    right: Counter[str] = Counter()
    for item in scored:
        totals[item.template] += 1
        right[item.template] += item.right
        if show and not item.right and show in ("all", item.template):
            reply = f"{item.values} {item.status} {item.plan}"
            print(f"  {item.question}\n    want {item.expected} got {reply}")
    for template in sorted(totals, key=lambda t: right[t] / totals[t]):
        absent = "  (absent from the files: abstains)" if template in ABSENT_OBSERVATIONS else ""
        print(f"{right[template]:4d}/{totals[template]:<4d} {template}{absent}")
    held = [i for i in scored if i.template not in ABSENT_OBSERVATIONS]
    away = [i for i in scored if i.template in ABSENT_OBSERVATIONS]
    times = sorted(i.ms for i in scored)
    borne_out = [i for i in held if i.contradicted is None]
    for name, part in (
        ("answerable", held),
        ("answerable, without contradicted answers", borne_out),
        ("absent observations", away),
        ("all", scored),
    ):
        if part:
            got = sum(i.right for i in part)
            print(f"{name}: {got}/{len(part)} = {100 * got / len(part):.1f} %")
    if times:
        middle, slow = times[len(times) // 2], times[int(0.95 * len(times))]
        print(f"ms a question: median {middle:.1f}, p95 {slow:.1f}")


if __name__ == "__main__":
    sys.exit(main())
