"""Projections of a run's results: JUnit, Markdown, HTML. The JSON stays the evidence."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from evals.results import ItemResult, Measure, RunResult, SuiteResult

DASH = "\N{EN DASH}"
JUNIT, MARKDOWN, HTML = "junit.xml", "scoreboard.md", "report.html"


def write_reports(run: RunResult, folder: Path) -> None:
    """Write every report of a run."""
    from evals.reports.html import html  # noqa: PLC0415
    from evals.reports.junit import junit  # noqa: PLC0415
    from evals.reports.markdown import markdown  # noqa: PLC0415

    (folder / JUNIT).write_text(junit(run), encoding="utf-8")
    (folder / MARKDOWN).write_text(markdown(run), encoding="utf-8")
    (folder / HTML).write_text(html(run), encoding="utf-8")


def shown_measures(suite: SuiteResult) -> Iterator[Measure]:
    """The measures of a scoreboard: all items, halves, what is gated; else families."""
    pooled = any(one.part == "all" for one in suite.measures)
    for one in suite.measures:
        is_family = one.part.startswith("family: ")
        if not is_family or one.threshold is not None or not pooled:
            yield one


def count(value: float) -> str:
    """A total without needless decimals."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.1f}"


def percent(value: float | None) -> str:
    """A share in percent; a dash where nothing was scored."""
    return DASH if value is None else f"{100 * value:.1f} %"


def latency(items: Sequence[ItemResult]) -> tuple[float, float] | None:
    """Median and 95th percentile in seconds; None where nothing was timed."""
    times = sorted(one.seconds for one in items if one.seconds is not None)
    if not times:
        return None
    return times[len(times) // 2], times[min(len(times) - 1, int(0.95 * len(times)))]


def tokens(items: Sequence[ItemResult]) -> dict[str, int] | None:
    """Calls and tokens of a suite; None where no model was asked."""
    used = [one.tokens for one in items if one.tokens is not None]
    if not used:
        return None
    return {name: sum(one.get(name, 0) for one in used) for name in ("calls", "input", "output")}
