"""The suites ``staging`` and ``trials``: the report of a record against what is expected."""

import json
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any

from evals.cases import Expected
from evals.scorers import Score, reports
from evals.subjects import Subject
from evals.suites import FOLDER, EvalItem, Options, Suite
from evals.suites.files import Placed, case_files, placed

CASES = "staging"


def staging_items(options: Options) -> Iterator[EvalItem]:
    """Every case that expects stages."""
    for one in _cases(options):
        if one.item.expect is not None and one.item.expect.staging:
            yield _item(one, one.item.expect.staging, _judge_stages)


def trial_items(options: Options) -> Iterator[EvalItem]:
    """Every case that expects a trial table, exclusions, checks or safety flags."""
    for one in _cases(options):
        expected = one.item.expect
        if expected is not None and (
            expected.trials is not None or expected.excluded or expected.checks or expected.safety
        ):
            shown = expected.model_dump(exclude={"staging"}, exclude_defaults=True)
            yield _item(one, shown, _judge_trials)


def _cases(options: Options) -> Iterator[Placed]:
    return placed(case_files(FOLDER / CASES, options), options)


def _item(one: Placed, shown: Any, judge: Any) -> EvalItem:
    return EvalItem(
        id=one.item.id,
        family=one.item.family or one.group,
        asked=f"staging report as of {one.as_of} by {one.case.ruleset}",
        expected=json.loads(json.dumps(shown, default=str)),
        perform=partial(_stage, one),
        judge=partial(judge, one.item.expect),
        half="held out" if one.item.held_out else "",
    )


def _stage(one: Placed, subject: Subject) -> dict[str, Any]:
    return subject.open(one.record).stage(one.as_of, one.case.ruleset)


def _judge_stages(expected: Expected, _: Subject, report: dict[str, Any]) -> Iterable[Score]:
    return reports.stages(expected, report)


def _judge_trials(expected: Expected, _: Subject, report: dict[str, Any]) -> Iterable[Score]:
    yield from reports.trial_table(expected, report)
    yield from reports.completeness(expected, report)


STAGING = Suite(
    name="staging",
    title="Stages by every method and bound",
    items=staging_items,
    datasets=(CASES,),
)
TRIALS = Suite(
    name="trials",
    title="Trial tables, exclusions, checks and safety flags",
    items=trial_items,
    datasets=(CASES,),
)
