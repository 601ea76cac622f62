"""The static HTML report: one file, no script, no request to anywhere."""

import json
from importlib.resources import files
from typing import Any

from jinja2 import Environment, select_autoescape
from markupsafe import Markup

from evals.reports import count, latency, percent, shown_measures, tokens
from evals.reports.plots import intervals, times
from evals.results import ItemResult, RunResult, SuiteResult

_MISSES = 200


def html(run: RunResult) -> str:
    """The report of a run; it opens offline."""
    environment = Environment(autoescape=select_autoescape(default=True), trim_blocks=True)
    environment.filters["percent"] = percent
    environment.filters["count"] = count
    template = environment.from_string(
        files("evals.reports").joinpath("report.html.jinja").read_text(encoding="utf-8")
    )
    return template.render(
        header=run.header,
        hashes=json.dumps(run.header.get("hashes", {}), indent=2, ensure_ascii=False),
        suites=[_suite(suite) for suite in run.suites],
    )


def _suite(suite: SuiteResult) -> dict[str, Any]:
    shown = list(shown_measures(suite))
    lost = [one for one in suite.items if _is_lost(one)]
    return {
        "result": suite,
        "measures": shown,
        "plot": Markup(intervals(shown)) if shown else "",  # noqa: S704 - escaped where it is drawn
        "times": Markup(times(suite.items)),  # noqa: S704 - figures only
        "latency": latency(suite.items),
        "tokens": tokens(suite.items),
        "lost": [_lost(one) for one in lost[:_MISSES]],
        "more": max(0, len(lost) - _MISSES),
    }


def _is_lost(item: ItemResult) -> bool:
    return item.error is not None or any(
        value is not None and value < 1 for value in item.scores.values()
    )


def _lost(item: ItemResult) -> dict[str, Any]:
    wrong = {
        name: item.details.get(name, "")
        for name, value in item.scores.items()
        if value is not None and value < 1
    }
    return {"item": item, "wrong": wrong, "reply": item.reply.get("answer") or ""}
