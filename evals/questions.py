"""Our own question suite: values, status, required facts and citations of every wording.

Run from the project's root: ``python -m evals.questions [--show] [--held-out]``. It asks about
the demo patients and, where they are present, about third-party records beside the repository.
The items marked ``held_out`` are looked at in sum only, never while the planner is tuned
(datasets/questions/README.md).
"""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from assistant.answering.answer import Answer, answer
from assistant.answering.case import AsOf, Case
from assistant.answering.conversation import Turn
from assistant.answering.ports import KnowledgePort
from assistant.bootstrap import open_case, open_knowledge, open_record

HERE = Path(__file__).resolve().parent
SUITE = HERE / "datasets" / "questions"
DEMO = HERE.parent / "assistant" / "demo_patients"
SHARED = HERE.parents[1] / "shared" / "data" / "fhir"
_MARK = re.compile(r"\[([RS]\d+)\]")


class Scored(NamedTuple):
    """One wording with its verdicts."""

    item: str
    question: str
    held_out: bool
    values_right: bool
    status_right: bool
    cited: bool
    says_all: bool
    """Every required fact stands in the answer."""
    fabricated: bool
    """A value was given where none can be, or other values than the record's."""
    reply: Answer
    expected: dict[str, Any]

    @property
    def right(self) -> bool:
        """Whether everything about the answer is as expected."""
        return self.values_right and self.status_right and self.cited and self.says_all


def run(knowledge: KnowledgePort | None = None) -> Iterator[Scored]:
    """Ask every wording of the suite."""
    known = knowledge or open_knowledge()
    for path in sorted(SUITE.glob("*.yaml")):
        group = yaml.safe_load(path.read_text(encoding="utf-8"))
        record = group.get("record")
        if record is not None and not (SHARED / record).exists():
            sys.stderr.write(f"skipped: {path.name} asks about {record}, which is not here\n")
            continue
        case = _case(group["patient"]) if record is None else _shared_case(record)
        for item in group["items"]:
            for question in item["ask"]:
                yield _score(item, question, case, known, group["as_of"] or "2024-06-01")


def _case(patient: str | None) -> Case | None:
    if patient is None:
        return None
    return open_case(open_record([str(DEMO / f"{patient}.json")]))


def _shared_case(record: str) -> Case:
    return open_case(open_record([str(SHARED / record)]))


def _score(
    item: dict[str, Any], question: str, case: Case | None, knowledge: KnowledgePort, as_of: str
) -> Scored:
    turns = [Turn(question=earlier) for earlier in item.get("history", ())]
    reply = answer(
        question, case=case, knowledge=knowledge, history=turns, as_of=AsOf.parse(str(as_of))
    )
    expected = item.get("values")
    values_right = expected is None or list(reply.values) == expected
    wanted = item["status"]
    status_right = (
        reply.status != "answered" if wanted == "not answered" else reply.status == wanted
    )
    return Scored(
        item=item["id"],
        question=question,
        held_out=bool(item.get("held_out")),
        values_right=values_right,
        status_right=status_right,
        cited=cited(reply),
        says_all=all(fact in reply.text for fact in item.get("says", ())),
        fabricated=not values_right and bool(reply.values),
        reply=reply,
        expected=item,
    )


def cited(reply: Answer) -> bool:
    """Whether an answer cites, and every mark in it has its citation."""
    keys = {key for key, _ in reply.citations}
    marks = set(_MARK.findall(reply.text))
    if reply.status in ("answered", "partly") and not marks:
        return False
    return marks == keys


def main() -> int:
    """Print the misses and the figures; exit 1 where the tuned part misses its threshold."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--show", action="store_true", help="print the misses of the tuned part")
    parser.add_argument("--held-out", action="store_true", help="print the misses held out, too")
    given = parser.parse_args()
    scored = list(run())
    for one in scored:
        if not one.right and ((given.show and not one.held_out) or given.held_out):
            print(f"{one.item}: {one.question}\n    want {one.expected.get('values')} "
                  f"{one.expected['status']}; got {list(one.reply.values)} {one.reply.status} "
                  f"{one.reply.plan.to_json()}")  # fmt: skip
    for name, part in (
        ("tuned", [s for s in scored if not s.held_out]),
        ("held out", [s for s in scored if s.held_out]),
    ):
        if not part:
            continue
        right = sum(s.right for s in part)
        wrong = sum(s.fabricated for s in part)
        print(f"{name}: {right}/{len(part)} = {100 * right / len(part):.1f} %, "
              f"wrong values {wrong}")  # fmt: skip
    times = sorted(s.reply.ms for s in scored)
    print(f"ms an answer: median {times[len(times) // 2]}, p95 {times[int(0.95 * len(times))]}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
