"""The scoreboard as Markdown: raw counts, 95 % intervals, thresholds."""

from collections.abc import Iterator

from evals.compare import Comparison, ItemChange
from evals.reports import DASH, count, latency, percent, shown_measures, tokens
from evals.results import Measure, RunResult, SuiteResult

_LISTED = 40


def markdown(run: RunResult) -> str:
    """The scoreboard of a run."""
    return "\n".join(_lines(run)) + "\n"


def _lines(run: RunResult) -> Iterator[str]:
    subject = run.header.get("subject", {})
    yield f"# Scoreboard: {subject.get('subject', '')}"
    yield ""
    yield f"Version {subject.get('version')}, model {subject.get('model') or 'none'}, "
    ruleset = run.header.get("ruleset", {})
    yield f"ruleset {ruleset.get('name')} {ruleset.get('version')}, seed {run.header.get('seed')}."
    yield "Rates are of what was scored; an unscored item is not a zero."
    yield "Intervals are Wilson's, 95 %."
    yield ""
    yield "| suite | status | items | median s | p95 s | why |"
    yield "|---|---|---|---|---|---|"
    for suite in run.suites:
        times = latency(suite.items)
        middle, slow = (f"{one:.3f}" for one in times) if times else (DASH, DASH)
        reason = _cell(suite.reason)
        items = len(suite.items)
        yield f"| {suite.name} | {suite.status} | {items} | {middle} | {slow} | {reason} |"
    for suite in run.suites:
        yield from _suite(suite)
    yield from _header(run)


def _suite(suite: SuiteResult) -> Iterator[str]:
    if not suite.measures:
        return
    yield ""
    yield f"## {suite.name}: {suite.title}"
    yield ""
    yield "| measure | part | right / scored | rate | 95 % interval | at least | unscored |"
    yield "|---|---|---|---|---|---|---|"
    for one in shown_measures(suite):
        yield _row(one)
    used = tokens(suite.items)
    if used is not None:
        yield ""
        yield f"{used['calls']} model calls, {used['input']} tokens in, {used['output']} out."


def _row(one: Measure) -> str:
    least = "" if one.threshold is None else f"{percent(one.threshold)}{' **missed**' * one.missed}"
    interval = f"{percent(one.low)} {DASH} {percent(one.high)}" if one.scored else DASH
    return (
        f"| {one.measure} | {one.part} | {count(one.total)} / {one.scored} | "
        f"{percent(one.rate)} | {interval} | {least} | {one.unscored} |"
    )


def _header(run: RunResult) -> Iterator[str]:
    yield ""
    yield "## What it rests on"
    yield ""
    for name, value in run.header.get("hashes", {}).items():
        told = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        yield f"- {name}: {told}"


def comparison(found: Comparison) -> str:
    """What changed between two runs."""
    worse = [one for one in found.changes if one.is_regression]
    better = [one for one in found.changes if not one.is_regression]
    lines = ["# What changed", ""]
    lines += [f"- {name}: {old} → {new}" for name, old, new in found.header]
    for title, members in (("Worse", worse), ("Better, or newly scored", better)):
        lines += ["", f"## {title}: {len(members)}", ""]
        lines += [_changed(one) for one in members]
    for title, names in (
        ("Only in the old run", found.only_old),
        ("Only in the new", found.only_new),
    ):
        if names:
            lines += ["", f"## {title}: {len(names)}", ""]
            lines += [f"- {name}" for name in names[:_LISTED]]
            lines += [f"- … {len(names) - _LISTED} more"] if len(names) > _LISTED else []
    return "\n".join(lines) + "\n"


def _changed(one: ItemChange) -> str:
    kind = "**clinical** " if one.clinical else ""
    moved = f"{_score(one.old)} → {_score(one.new)}"
    told = f"- {kind}{one.suite} / {one.item}: {one.measure} {moved} ({_cell(one.asked)})"
    return f"{told} {_cell(one.detail)}".rstrip()


def _score(value: float | None) -> str:
    return "unscored" if value is None else f"{value:g}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())[:300]
