"""Assistants to be evaluated: the real one, one with a planted fault, and fixed policies."""

import re
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from evals.results import SuiteResult
from evals.running import Plan, run_suite_safely
from evals.subjects.built_in import BuiltIn
from evals.suites import Options
from evals.suites.registry import suites_named

Change = Callable[[dict[str, Any]], dict[str, Any]]


@cache
def assistant() -> BuiltIn:
    """The built-in assistant, opened once."""
    return BuiltIn()


class Tampered:
    """An assistant whose answers pass through a fault before they leave it."""

    name = "tampered"

    def __init__(self, subject: Any, fault: Change) -> None:
        self.subject, self.fault = subject, fault

    def __getattr__(self, name: str) -> Any:
        return getattr(self.subject, name)

    def open(self, bundle: bytes | None) -> Any:
        opened, fault = self.subject.open(bundle), self.fault

        class Opened:
            stage = opened.stage

            def ask(self, question: str, as_of: str, history: Sequence[str] = ()) -> Any:
                return fault(opened.ask(question, as_of, history))

        return Opened()


class FixedPolicy:
    """Says the same of every record."""

    name = "fixed policy"
    is_here = False

    def __init__(self, report: dict[str, Any], values: list[str], status: str) -> None:
        self.report = report
        self.reply = {"status": status, "values": values, "answer": "", "citations": []}

    def describe(self) -> dict[str, Any]:
        return {"subject": self.name}

    def open(self, bundle: bytes | None) -> "FixedPolicy":
        return self

    def stage(self, as_of: str, ruleset: str) -> dict[str, Any]:
        return self.report

    def ask(self, question: str, as_of: str, history: Sequence[str] = ()) -> dict[str, Any]:
        return self.reply

    def search(self, query: str, k: int) -> list[str]:
        return []

    def passage(self, passage_id: str) -> str | None:
        return None


def altered_number(reply: dict[str, Any]) -> dict[str, Any]:
    """The first number of the answer, one higher."""
    text = re.sub(
        r"(?<![\w.\[-])\d+(?![\w.-]*\d|\])",
        lambda found: str(int(found.group()) + 1),
        reply["answer"],
        count=1,
    )
    return {**reply, "answer": text}


def swapped_citations(reply: dict[str, Any]) -> dict[str, Any]:
    """The places that the keys point to, in reverse."""
    citations = reply["citations"]
    places = [{k: v for k, v in one.items() if k != "key"} for one in reversed(citations)]
    swapped = [{"key": one["key"], **place} for one, place in zip(citations, places, strict=True)]
    return {**reply, "citations": swapped}


def ran(
    suite: str, subject: Any, folder: Path, *, limit: int | None = None, **options: Any
) -> SuiteResult:
    """One suite, run through Inspect and judged by the gate."""
    (chosen,) = suites_named(suite)
    plan = Plan(subject=subject, folder=folder, limit=limit, options=Options(**options))
    return run_suite_safely(chosen, plan)
