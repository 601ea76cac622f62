"""The entries of a chart, found by kind, name, route and time."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from assistant.answering.chart.entries import Entry, Named, fold
from assistant.answering.chart.readers import entries_of
from assistant.answering.plan import Lookup, Window

_SHORTEST_NAME = 3
_EDGE = r"(?<![a-z0-9]){}(?![a-z0-9])"


@dataclass(slots=True)
class ChartIndex:
    """Entries by kind and by name."""

    entries: tuple[Entry, ...]
    _kinds: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    _names: dict[str, dict[str, list[Entry]]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        resources: Mapping[str, dict[str, Any]],
        also_called: Mapping[str, Sequence[str]] | None = None,
    ) -> "ChartIndex":
        """Read a chart; ``also_called`` gives our tables' names of resources, by ``Type/id``."""
        names = also_called or {}
        return cls(tuple(_called(entry, names) for entry in entries_of(resources)))

    def of_kind(self, kind: str) -> tuple[Entry, ...]:
        """The entries that answer to ``kind``."""
        if kind not in self._kinds:
            self._kinds[kind] = tuple(entry for entry in self.entries if kind in entry.kinds)
        return self._kinds[kind]

    def names(self, kind: str) -> Mapping[str, Sequence[Entry]]:
        """The entries of ``kind`` by every name and code they carry, folded."""
        if kind not in self._names:
            found: dict[str, list[Entry]] = defaultdict(list)
            for entry in self.of_kind(kind):
                for key in dict.fromkeys(named.key for named in entry.names):
                    found[key].append(entry)
            self._names[kind] = dict(found)
        return self._names[kind]

    def named_in(self, text: str, kind: str, original: str = "") -> list[str]:
        """The names of ``kind`` that occur in ``text``, the longest where they overlap.

        A name of two letters counts only where ``original`` has it in capitals.
        """
        lower = fold(text)
        spans: list[tuple[int, int, str]] = []
        names = sorted(
            (n for n in self.names(kind) if n in lower and _long_enough(n, original)),
            key=len,
            reverse=True,
        )
        for name in names:
            for match in re.finditer(_EDGE.format(re.escape(name)), lower):
                start, end = match.span()
                if all(end <= s or start >= e for s, e, _ in spans):
                    spans.append((start, end, name))
        return [name for _, _, name in sorted(spans)]

    def containing(self, phrase: str, kind: str) -> list[str]:
        """The names of ``kind`` that hold every word of ``phrase``."""
        wanted = re.findall(r"[a-z0-9%.]+", fold(phrase))
        if not wanted:
            return []
        return [
            name
            for name in self.names(kind)
            if all(re.search(_EDGE.format(re.escape(word)), _affirmed(name)) for word in wanted)
        ]

    def find(self, step: Lookup, now: datetime) -> list[Entry]:
        """The entries a lookup is about, in the order of their time."""
        pool: Iterable[Entry] = self.of_kind(step.kind)
        if step.names:
            names = self.names(step.kind)
            pool = _once(entry for name in step.names for entry in names.get(name, ()))
        elif step.named and not step.reasons:
            return []
        kept = [
            entry
            for entry in pool
            if _in_time(entry, step, now)
            and _by_route(entry, step)
            and _measured(entry, step)
            and (not step.current or _running(entry, now))
            and _given_for(entry, step)
        ]
        return sorted(kept, key=lambda entry: _asked_moment(entry, step))


_DENIED = re.compile(r"\b(?:without|no history of|not due to)\b.*")


def _affirmed(name: str) -> str:
    """A name without what it says is absent: "severe without psychotic features"."""
    return _DENIED.sub("", name)


def _called(entry: Entry, names: Mapping[str, Sequence[str]]) -> Entry:
    known = {named.key for named in entry.names}
    more = [name for name in names.get(entry.reference, ()) if fold(name) not in known]
    if not more:
        return entry
    added = tuple(Named(text=name, element=entry.element, is_code=True) for name in more)
    return replace(entry, names=(*entry.names, *added))


def _long_enough(name: str, original: str) -> bool:
    if len(name) >= _SHORTEST_NAME:
        return True
    capitals = re.escape(name.upper())
    return len(name) > 1 and re.search(rf"(?<!\w){capitals}(?!\w)", original) is not None


def _once(entries: Iterable[Entry]) -> list[Entry]:
    found: dict[tuple[str, str], Entry] = {}
    for entry in entries:
        found.setdefault((entry.reference, entry.element), entry)
    return list(found.values())


def _asked_moment(entry: Entry, step: Lookup) -> datetime:
    at = entry.end if step.attribute.value == "end" and entry.end else entry.start
    return at.first if at is not None else datetime.max  # noqa: DTZ901


def _in_time(entry: Entry, step: Lookup, now: datetime) -> bool:
    at = entry.end if step.attribute.value == "end" and entry.end else entry.start
    if at is None:
        return step.window is None
    if at.first > now:
        return False
    last = _lasting_to(entry, now) if step.running else at.last
    return step.window is None or _overlaps(at.first, last or at.last, step.window)


def _lasting_to(entry: Entry, now: datetime) -> datetime | None:
    """Until when an entry went on, as far as recorded; to this day while it runs."""
    if entry.end is not None:
        return entry.end.last
    return now if _running(entry, now) else None


def _given_for(entry: Entry, step: Lookup) -> bool:
    return not step.reasons or any(named.key in step.reasons for named in entry.reasons)


def _overlaps(first: datetime, last: datetime, window: Window) -> bool:
    after = window.start is None or last >= window.start
    return after and (window.end is None or first <= window.end)


_ENDED = frozenset({
    "completed", "stopped", "cancelled", "entered-in-error", "ended", "not-taken", "draft",
    "declined",
})  # fmt: skip


def _running(entry: Entry, now: datetime) -> bool:
    """Whether an order or a statement still holds at ``now``."""
    if entry.kind not in ("prescription", "home_medicine") or entry.status in _ENDED:
        return False
    return entry.end is None or entry.end.last >= now


def _by_route(entry: Entry, step: Lookup) -> bool:
    if step.route is None:
        return True
    by = entry.source if "encounter" in entry.kinds else entry.route
    return by is not None and fold(by.text) == step.route


def _measured(entry: Entry, step: Lookup) -> bool:
    if step.abnormal is not None:
        return entry.value is not None and entry.value.abnormal is step.abnormal
    if step.above is None and step.below is None:
        return True
    number = entry.value.number if entry.value is not None else None
    if number is None:
        return False
    return (step.above is None or number > step.above) and (
        step.below is None or number < step.below
    )
