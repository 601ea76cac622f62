"""The suites ``record``, ``knowledge`` and ``abstention``: questions and their answers."""

import json
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

import orjson

from evals.cases import Item
from evals.scorers import Score, answers, citations, told
from evals.subjects import Subject
from evals.suites import FOLDER, EvalItem, Options, Suite
from evals.suites.files import AS_OF, Placed, case_files, marks_of_others, placed, rules_report

QUESTIONS = "questions"
RETRIEVAL = "retrieval"
_ANSWERED = ("answered", "partly")


def record_items(options: Options) -> Iterator[EvalItem]:
    """Questions about a record that have an answer."""
    return _asked(options, lambda one: one.record is not None and one.item.status in _ANSWERED)


def knowledge_items(options: Options) -> Iterator[EvalItem]:
    """Questions to the sources: our own, and each need of the retrieval set in plain words."""
    yield from _asked(options, lambda one: one.record is None and one.item.status in _ANSWERED)
    if options.cases is None:
        for row in _rows("questions.jsonl"):
            item = Item(
                id=f"source-{row['family']}",
                ask=[row["questions"]["plain"]],
                status="answered",
                cites=row["relevant"],
                family=f"sources, {row['half']}",
            )
            yield from _wordings(_to_sources(item))


def abstention_items(options: Options) -> Iterator[EvalItem]:
    """Questions that must be declined: not in the record, not in the sources, not allowed."""
    yield from _asked(options, lambda one: one.item.status not in _ANSWERED)
    if options.cases is None:
        for number, row in enumerate(_rows("unanswerable.jsonl"), start=1):
            item = Item(
                id=f"unanswerable-{number}",
                ask=[row["question"]],
                status="not answered",
                values=[],
                family=f"{row['kind']}, {row['half']}",
            )
            yield from _wordings(_to_sources(item))


def _to_sources(item: Item) -> Placed:
    from evals.cases import CaseFile  # noqa: PLC0415

    case = CaseFile(items=[item])
    return Placed(item=item, case=case, record=None, as_of=AS_OF, group=item.family or "sources")


def _rows(name: str) -> Iterator[dict[str, Any]]:
    lines = (FOLDER / RETRIEVAL / name).read_text(encoding="utf-8").splitlines()
    return (json.loads(line) for line in lines if line.strip())


def _asked(options: Options, wanted: Callable[[Placed], bool]) -> Iterator[EvalItem]:
    for one in placed(case_files(FOLDER / QUESTIONS, options), options):
        if one.item.ask and wanted(one):
            yield from _wordings(one)


def _wordings(one: Placed) -> Iterator[EvalItem]:
    for number, question in enumerate(one.item.ask, start=1):
        suffix = f".{number}" if len(one.item.ask) > 1 else ""
        yield EvalItem(
            id=f"{one.item.id}{suffix}",
            family=one.item.family or one.group or "sources",
            asked=question,
            expected={"status": one.item.status, "values": one.item.values},
            perform=partial(_ask, one, question),
            judge=partial(judge, one, question),
            beside_record=one.record is not None,
            half="held out" if one.item.held_out else "tuned",
        )


def _ask(one: Placed, question: str, subject: Subject) -> dict[str, Any]:
    return subject.open(one.record).ask(question, one.as_of, one.item.history)


def judge(one: Placed, question: str, subject: Subject, reply: dict[str, Any]) -> Iterable[Score]:
    """Every measure of one answer."""
    yield from answers.expected_answer(one.item, reply)
    yield answers.no_foreign_patient(marks_of_others(one.record), str(reply.get("answer")))
    evidence = citations.Evidence(
        bundle=orjson.loads(one.record) if one.record else None,
        report=rules_report(one.record, one.as_of, one.case.ruleset) if one.record else None,
        passage=subject.passage,
        asked=" ".join([question, *one.item.history, one.as_of]),
        expected=tuple(one.item.values or ()),
    )
    yield from citations.cited(reply, evidence)
    if one.item.cites:
        yield _cites_one(one.item.cites, reply)


def _cites_one(wanted: list[str], reply: dict[str, Any]) -> Score:
    given = set()
    for citation in reply.get("citations") or ():
        reference = str(citation.get("reference"))
        given |= {reference, f"{reference}#{citation.get('element')}"}
        given |= {str(citation.get("passage_id")), str(citation.get("section"))}
    return told("cites what answers it", bool(given & set(wanted)), f"expected one of {wanted}")


RECORD = Suite(
    name="record",
    title="Questions about the record: values, status, facts, citations",
    items=record_items,
    datasets=(QUESTIONS,),
)
KNOWLEDGE = Suite(
    name="knowledge",
    title="Questions to the sources",
    items=knowledge_items,
    datasets=(QUESTIONS, RETRIEVAL),
)
ABSTENTION = Suite(
    name="abstention",
    title="Questions to abstain from or to refuse",
    items=abstention_items,
    datasets=(QUESTIONS, RETRIEVAL),
)
