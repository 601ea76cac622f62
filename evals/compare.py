"""What changed between two runs, item by item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from evals.results import ItemResult, RunResult, SuiteResult

SCHEMA = "evals-compare/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemChange:
    """One measure of one item that is not what it was."""

    suite: str
    item: str
    asked: str
    measure: str
    old: float | None
    new: float | None
    detail: str
    clinical: bool

    @property
    def is_regression(self) -> bool:
        """Whether something that was scored got worse, or is scored no more."""
        if self.old is None:
            return False
        return self.new is None or self.new < self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two runs beside each other."""

    changes: Sequence[ItemChange]
    only_old: Sequence[str]
    only_new: Sequence[str]
    header: Sequence[tuple[str, Any, Any]]
    """Entries of the header that differ."""

    @property
    def regressions(self) -> list[ItemChange]:
        """Lost clinical facts: none is allowed."""
        return [one for one in self.changes if one.clinical and one.is_regression]

    def to_json(self) -> dict[str, Any]:
        """The comparison as plain JSON values."""
        return {
            "schema": SCHEMA,
            "header": [{"entry": n, "old": a, "new": b} for n, a, b in self.header],
            "changes": [
                {
                    "suite": one.suite,
                    "item": one.item,
                    "asked": one.asked,
                    "measure": one.measure,
                    "old": one.old,
                    "new": one.new,
                    "detail": one.detail,
                    "regression": one.is_regression,
                    "clinical": one.clinical,
                }
                for one in self.changes
            ],
            "only_old": list(self.only_old),
            "only_new": list(self.only_new),
        }


def compare(old: RunResult, new: RunResult) -> Comparison:
    """Every item whose scores differ; items and suites that only one of them has."""
    before, after = (dict(_items(run)) for run in (old, new))
    changes = [
        change
        for key in before
        if key in after
        for change in _changes(key, before[key], after[key])
    ]
    return Comparison(
        changes=changes,
        only_old=[" / ".join(key) for key in before if key not in after],
        only_new=[" / ".join(key) for key in after if key not in before],
        header=list(_differing("", old.header, new.header)),
    )


_Found = tuple[SuiteResult, ItemResult]


def _items(run: RunResult) -> Iterator[tuple[tuple[str, str], _Found]]:
    for suite in run.suites:
        for item in suite.items:
            yield (suite.name, item.id), (suite, item)


def _changes(key: tuple[str, str], before: _Found, after: _Found) -> Iterator[ItemChange]:
    (suite, old), (later, new) = before, after
    for measure in dict.fromkeys((*old.scores, *new.scores)):
        was, now = old.scores.get(measure), new.scores.get(measure)
        if was != now:
            yield ItemChange(
                suite=key[0],
                item=key[1],
                asked=new.asked,
                measure=measure,
                old=was,
                new=now,
                detail=new.error or new.details.get(measure, ""),
                clinical=suite.clinical or later.clinical,
            )


def _differing(path: str, old: Any, new: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, dict) and isinstance(new, dict):
        for name in dict.fromkeys((*old, *new)):
            where = f"{path}.{name}" if path else str(name)
            yield from _differing(where, old.get(name), new.get(name))
    elif old != new:
        yield path, old, new
