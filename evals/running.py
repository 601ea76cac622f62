"""Runs suites through Inspect AI, resumes what was cut short, and reads the logs back."""

import logging
import math
import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from evals.gate import rules, status_of, thresholds_of
from evals.results import ItemResult, SuiteResult, measures_of
from evals.subjects import Subject
from evals.suites import EvalItem, Options, Suite, SuiteSkippedError

LOGS = "logs"
_RECORDS_ONLY = "the public API asks about an open record only"
_BUFFER = 10
"""Samples after which Inspect writes its log: what a crash loses at most."""
Progress = Callable[[str, int, int], None]
"""Told the suite, the items done and their number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a run does with every suite."""

    subject: Subject
    folder: Path
    options: Options = field(default_factory=Options)
    limit: int | None = None
    parallel: int = 2
    resume: bool = False
    header: dict[str, Any] = field(default_factory=dict)
    judges: Sequence[Any] = ()
    progress: Progress = lambda suite, done, total: None  # noqa: ARG005


def run_suite_safely(suite: Suite, plan: Plan) -> SuiteResult:
    """Run one suite; whatever breaks it makes it crashed, and the others still run."""
    try:
        return run_suite(suite, plan)
    except Exception as error:  # noqa: BLE001 - a suite that breaks must say so, not end the run
        reason = f"{type(error).__name__}: {error}"
        return SuiteResult(name=suite.name, title=suite.title, status="crashed", reason=reason)


def run_suite(suite: Suite, plan: Plan) -> SuiteResult:
    """Run one suite; a suite that cannot run says so and is not passed."""
    if suite.needs_built_in and not plan.subject.is_here:
        return _skipped(suite, "it measures what the public API does not offer")
    try:
        items = chosen(suite, plan)
    except SuiteSkippedError as reason:
        return _skipped(suite, str(reason))
    if not items:
        why = "it has no items for these options"
        return _skipped(suite, why if plan.subject.is_here else f"{_RECORDS_ONLY}, or {why}")
    earlier = dict(_finished(suite, plan)) if plan.resume else {}
    open_items = [item for item in items if item.id not in earlier]
    fresh, log = _run(suite, open_items, plan) if open_items else ({}, "")
    results = [result for item in items if (result := fresh.get(item.id) or earlier.get(item.id))]
    return judged(suite, results, expected=len(items), whole=_is_whole(plan), log=log)


def _skipped(suite: Suite, why: str) -> SuiteResult:
    return SuiteResult(name=suite.name, title=suite.title, status="skipped", reason=why)


def judged(
    suite: Suite, results: Sequence[ItemResult], *, expected: int, whole: bool, log: str = ""
) -> SuiteResult:
    """The suite's result from those of its items, with the gate's verdict."""
    thresholds = thresholds_of(suite.name, results, whole=whole)
    measures = measures_of(results, thresholds, pooled=suite.pooled, drawn=not whole)
    status, reason = status_of(measures, results, expected)
    rule = rules().get(suite.name)
    return SuiteResult(
        name=suite.name,
        title=suite.title,
        status=status,
        reason=reason,
        measures=measures,
        items=results,
        clinical=rule.clinical if rule is not None else False,
        log=log,
    )


def chosen(suite: Suite, plan: Plan) -> list[EvalItem]:
    """The suite's items, or ``limit`` of them drawn by the seed, in their own order."""
    items = [
        item for item in suite.items(plan.options) if plan.subject.is_here or item.beside_record
    ]
    _refuse_twice(suite, items)
    if plan.limit is None or plan.limit >= len(items):
        return items
    kept = set(random.Random(plan.options.seed).sample(range(len(items)), plan.limit))  # noqa: S311
    return [item for number, item in enumerate(items) if number in kept]


def _refuse_twice(suite: Suite, items: Sequence[EvalItem]) -> None:
    seen: set[str] = set()
    twice = [item.id for item in items if item.id in seen or seen.add(item.id)]  # type: ignore[func-returns-value]
    if twice:
        raise ValueError(f"{suite.name}: the id {twice[0]} is given twice")


def _is_whole(plan: Plan) -> bool:
    return plan.limit is None and plan.options.cases is None


def _run(suite: Suite, items: Sequence[EvalItem], plan: Plan) -> tuple[dict[str, ItemResult], str]:
    from inspect_ai import eval as run_tasks  # noqa: PLC0415 - takes seconds to import

    from evals.tasks import task_of  # noqa: PLC0415

    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        plan.progress(suite.name, done, len(items))

    plan.progress(suite.name, 0, len(items))
    task = task_of(suite.name, items, plan.subject, judges=plan.judges, done=count)
    with _left_as_found():
        (log,) = run_tasks(
            task,
            model=None,
            log_dir=str(plan.folder / LOGS),
            log_format="eval",
            log_buffer=_BUFFER,
            log_realtime=False,
            display="none",
            max_samples=plan.parallel,
            metadata={"evals": plan.header},
            score_display=False,
        )
    by_id = {item.id: item for item in items}
    return dict(_results(log, by_id)), Path(log.location).name


@contextmanager
def _left_as_found() -> Iterator[None]:
    """Put back the log handlers and the hook for exceptions that Inspect sets for itself."""
    root, hook = logging.getLogger(), sys.excepthook
    handlers, level = list(root.handlers), root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)
        sys.excepthook = hook


def _finished(suite: Suite, plan: Plan) -> Iterator[tuple[str, ItemResult]]:
    """What earlier logs of this folder hold of the suite, if the run is the same one."""
    from inspect_ai.log import list_eval_logs, read_eval_log  # noqa: PLC0415

    by_id = {item.id: item for item in suite.items(plan.options)}
    folder = plan.folder / LOGS
    if not folder.is_dir():
        return
    for info in reversed(list_eval_logs(str(folder))):
        log = read_eval_log(info)
        same = (log.eval.metadata or {}).get("evals") == plan.header
        if log.eval.task == suite.name and same:
            yield from (
                (name, result) for name, result in _results(log, by_id) if result.error is None
            )


def _results(log: Any, by_id: dict[str, EvalItem]) -> Iterator[tuple[str, ItemResult]]:
    from evals.tasks import REPLY, SCORER, SECONDS, TOKENS, shown  # noqa: PLC0415

    for sample in log.samples or ():
        item = by_id.get(str(sample.id))
        if item is None:
            continue
        score = (sample.scores or {}).get(SCORER)
        error = sample.error.message if sample.error is not None else None
        if score is None and error is None:
            error = "it was not scored"
        values = score.value if score is not None and isinstance(score.value, dict) else {}
        yield (
            item.id,
            ItemResult(
                id=item.id,
                family=item.family,
                half=item.half,
                asked=item.asked,
                expected=item.expected,
                reply=shown(sample.store.get(REPLY) or {}),
                scores={name: _known(value) for name, value in values.items()},
                details=((score.metadata or {}).get("details") or {}) if score is not None else {},
                seconds=sample.store.get(SECONDS),
                tokens=sample.store.get(TOKENS),
                error=error,
            ),
        )


def _known(value: Any) -> float | None:
    return None if value is None or math.isnan(float(value)) else float(value)
