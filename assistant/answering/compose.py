"""Checks every statement and puts the drafts together into one safe Markdown text."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any, Protocol

from assistant.answering.case import AsOf
from assistant.answering.evidence import Citation, Draft, Statement, Table
from assistant.answering.ground import grounded, unsupported
from assistant.answering.plan import QueryPlan, WhatIf
from assistant.answering.refuse import EMERGENCY_TEXT
from assistant.answering.safe_text import visible
from assistant.answering.write.context import Context

UNCHECKED = "(A sentence was left out: its figures were not found in what it cites.)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The answer put together."""

    text: str
    status: str
    values: tuple[str, ...]
    citations: tuple[tuple[str, Citation], ...]
    retrieved: tuple[str, ...]
    replaced: bool
    """A sentence did not pass and was replaced."""
    rests_on_staging: bool
    what_if: bool

    def staging(self, context: Context, plan: QueryPlan) -> Mapping[str, Any] | None:
        """The report's staging where the answer rests on it; the supposed one of a what-if."""
        if not self.rests_on_staging or context.case is None:
            return None
        supposed = tuple(
            fact for step in plan.steps if isinstance(step, WhatIf) for fact in step.assertions
        )
        report = replace(context, supposed=supposed).report
        staging: dict[str, Any] = report.to_json()["staging"]
        return {**staging, "what_if": True} if self.what_if else staging


@dataclass(slots=True)
class _Keys:
    """Gives each citation its key, R1 R2 … or S1 S2 …, the same one each time."""

    given: dict[tuple[str, ...], tuple[str, Citation]] = field(default_factory=dict)

    def key(self, citation: Citation) -> str:
        known = self.given.get(citation.identity)
        if known is not None:
            return known[0]
        letter = "S" if citation.kind == "source" else "R"
        number = 1 + sum(1 for key, _ in self.given.values() if key.startswith(letter))
        key = f"{letter}{number}"
        self.given[citation.identity] = (key, citation)
        return key

    def marks(self, citations: Sequence[Citation]) -> str:
        keys = dict.fromkeys(self.key(citation) for citation in citations)
        return "".join(f"[{key}]" for key in keys)


Release = Callable[[str], None]
"""Given each piece of the answer as soon as it stands; the pieces joined are its text."""


class Wording(Protocol):
    """Puts the statements of an answer into other words."""

    @property
    def gave_way(self) -> bool:
        """Whether a template stands where other words did not pass."""

    def written(self, statements: Sequence[Statement], given: str) -> Iterator[Statement]:
        """The statements as they are to be read, in order, as they are ready."""


@dataclass(slots=True)
class _Page:
    """The text so far; each piece is released when it has passed, and never taken back."""

    release: Release | None
    pieces: list[str] = field(default_factory=list)
    between: str = ""

    def add(self, piece: str, *, after: str) -> None:
        if not piece:
            return
        whole = (self.between if self.pieces else "") + piece
        self.pieces.append(whole)
        self.between = after
        if self.release is not None:
            self.release(whole)

    def end_block(self) -> None:
        self.between = _BLOCK


_BLOCK = "\n\n"


def compose(
    drafts: Sequence[Draft],
    plan: QueryPlan,
    moment: AsOf,
    wording: Wording | None = None,
    release: Release | None = None,
) -> Composed:
    """Check the drafts and put them together."""
    keys = _Keys()
    page = _Page(release)
    replaced = False
    if plan.emergency:
        page.add(EMERGENCY_TEXT, after=_BLOCK)
    for note in plan.notes:
        page.add(f"({visible(note)})", after=_BLOCK)
    for draft in drafts:
        replaced |= _write(draft, page, keys, moment.text, wording)
    replaced |= wording is not None and wording.gave_way
    return Composed(
        text="".join(page.pieces),
        status=_status(drafts),
        values=tuple(visible(value) for draft in drafts for value in draft.values),
        citations=tuple(keys.given.values()),
        retrieved=tuple(dict.fromkeys(item for draft in drafts for item in draft.retrieved)),
        replaced=replaced,
        rests_on_staging=any(draft.rests_on_staging for draft in drafts),
        what_if=any(draft.what_if for draft in drafts),
    )


def _write(draft: Draft, page: _Page, keys: _Keys, given: str, wording: Wording | None) -> bool:
    """Put one draft on the page; whether a sentence did not pass."""
    left_out = False
    may_reword = draft.status in ("answered", "partly") and not draft.holds_chart_text
    for kind, run in groupby(draft.parts, key=lambda part: isinstance(part, Table)):
        parts = list(run)
        if kind:
            for table in (part for part in parts if isinstance(part, Table)):
                text, missing = _table(table, keys, given)
                page.add(text, after=_BLOCK)
                left_out |= missing
            continue
        statements: Iterable[Statement] = [p for p in parts if isinstance(p, Statement)]
        if wording is not None and may_reword:
            statements = wording.written(list(statements), given)
        for statement in statements:
            text, passed = _line(statement, keys, given)
            page.add(text, after=" ")
            left_out |= not passed
        page.end_block()
    return left_out


def _status(drafts: Sequence[Draft]) -> str:
    statuses = {draft.status for draft in drafts}
    if len(statuses) == 1:
        return statuses.pop()
    return "partly" if statuses else "abstained"


def _line(statement: Statement, keys: _Keys, given: str) -> tuple[str, bool]:
    if grounded(statement, given):
        return _marked(statement.text, keys.marks(statement.citations)), True
    if statement.fallback and not unsupported(
        statement.fallback, statement.citations, f"{given} {statement.computed}"
    ):
        return _marked(statement.fallback, keys.marks(statement.citations)), False
    return UNCHECKED, False


def _marked(text: str, marks: str) -> str:
    if not marks:
        return text
    if text.endswith((".", "?", "!", ":")):
        return f"{text[:-1]} {marks}{text[-1]}"
    return f"{text} {marks}"


def _table(table: Table, keys: _Keys, given: str) -> tuple[str, bool]:
    lines = [_row((*table.header, "Cited")), _row(("---",) * (len(table.header) + 1))]
    left_out = False
    for cells, citations in table.rows:
        if unsupported(" ; ".join(cells), citations, given):
            left_out = True
            continue
        lines.append(_row((*cells, keys.marks(citations))))
    if left_out:
        lines.append(_row((UNCHECKED, *("",) * len(table.header))))
    return "\n".join(lines), left_out


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |"
