"""``docs/rules.md``: the specification tests as a chapter to read.

Every case is run while it is written down, so the chapter cannot say what the
tests do not. ``make docs`` writes it; a test refuses a stale one.
"""

import importlib
import inspect
import itertools
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from tests.lib.expectations import AS_OF, Shown, recording

CHAPTERS = (
    "trials_joining",
    "dose_steps_and_runs",
    "what_is_not_a_trial",
    "combination_and_augmentation",
    "adherence",
    "outcome",
    "stopping_and_intolerance",
    "episode",
    "diagnosis_gate",
    "stages_source_text",
    "thase_rush",
    "maudsley",
    "mgh_s",
    "european",
    "gsrd",
    "rulesets",
    "switch_counts",
    "missing_facts",
    "assertions_what_if",
    "pseudo_resistance",
    "next_steps",
    "safety",
    "biomarkers_and_mechanisms",
    "dates_with_partial_precision",
    "completeness",
    "sentences",
)
PAGE = Path(__file__).parents[2] / "docs" / "rules.md"
_DEFAULT_RULESET = "source_text"
_PREFACE = f"""# The rules, case by case

Written by `make docs` from the tests in `tests/spec/`; each case below is run as a test.

How to read a case: the first table is what the chart holds, the second what the report must
answer. Unless a case says otherwise it is staged on {AS_OF} under the ruleset `{_DEFAULT_RULESET}`,
and a depressive disorder with onset on 2022-12-01 is recorded. Both ends of a period are counted.
`t1`, `t2` … are the trials in order of their start, `e1` … those of an earlier episode, `p1` …
the procedures. A stage with three values is *at least / working / at most*: proven by the record,
under the named assumptions, not excluded.
"""


def written() -> str:
    """The whole chapter as Markdown."""
    modules = [_module(name) for name in CHAPTERS]
    contents = [f"- [{m.TITLE}](#{_anchor(m.TITLE)})" for m in modules]
    parts = [_PREFACE, "\n".join(contents) + "\n"]
    parts += [part for module in modules for part in _section(module)]
    return "\n".join(parts)


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"tests.spec.test_{name}")


def _anchor(title: str) -> str:
    kept = [c for c in title.lower() if c.isalnum() or c in " -"]
    return "".join(kept).replace(" ", "-")


def _section(module: ModuleType) -> Iterator[str]:
    yield f"## {module.TITLE}\n"
    yield f"{inspect.getdoc(module)}\n"
    for name, test in vars(module).items():
        if name.startswith("test_") and isinstance(test, FunctionType):
            yield from _rule(name, test)


def _rule(name: str, test: FunctionType) -> Iterator[str]:
    yield f"### {_heading(name)}\n"
    yield f"{inspect.getdoc(test)}\n"
    with recording() as cases:
        for arguments in _arguments(test):
            test(**arguments)
    yield from _together(cases)


def _heading(name: str) -> str:
    words = name.removeprefix("test_").split("_")
    if _is_row(words[0]):
        rows = list(itertools.takewhile(lambda w: w == "to" or _is_row(w), words))
        words = [
            " ".join(r if r == "to" else r.capitalize() for r in rows) + ":",
            *words[len(rows) :],
        ]
        return " ".join(words)
    return " ".join(words).capitalize()


def _is_row(word: str) -> bool:
    """Whether a word names a row of the reference cases: ``w07``, ``w01b``."""
    return word[:1] == "w" and word[1:3].isdigit()


def _arguments(test: FunctionType) -> Iterator[dict[str, Any]]:
    """The arguments of each run of a test: its parameter sets, and a folder where it asks."""
    given: dict[str, Any] = {}
    if "tmp_path" in inspect.signature(test).parameters:
        given["tmp_path"] = Path(tempfile.mkdtemp())
    marks = [m for m in getattr(test, "pytestmark", []) if m.name == "parametrize"]
    runs = [_parameter_sets(*mark.args) for mark in marks]
    for chosen in itertools.product(*runs):
        yield given | {key: value for one in chosen for key, value in one.items()}


def _parameter_sets(names: str | tuple[str, ...], values: list[Any]) -> list[dict[str, Any]]:
    if isinstance(names, str):
        return [{names: value} for value in values]
    return [dict(zip(names, value, strict=True)) for value in values]


def _together(cases: list[Shown]) -> Iterator[str]:
    """Cases that are single figures share one table; a history has its own."""
    for is_history, group in itertools.groupby(cases, key=lambda c: bool(c.as_of)):
        if is_history:
            for case in group:
                yield from _history(case)
        else:
            yield _figures(list(group))


def _history(case: Shown) -> Iterator[str]:
    setting = [f"Staged on {case.as_of}."] if case.as_of != AS_OF else []
    if case.ruleset != _DEFAULT_RULESET:
        setting.append(f"Ruleset `{case.ruleset}`.")
    if setting:
        yield " ".join(setting) + "\n"
    if case.lines:
        rows = [(x.what, x.detail, x.start, x.end) for x in case.lines]
        yield _table(("recorded", "as", "from", "to"), rows)
    else:
        yield "Nothing is recorded.\n"
    if case.expected:
        yield _table(("asked", "expected"), list(case.expected.items()))
    if case.because:
        yield f"*Because* {case.because}.\n"


def _figures(cases: list[Shown]) -> str:
    rows = [(*row, case.because) for case in cases for row in case.expected.items()]
    if not any(row[2] for row in rows):
        return _table(("asked", "expected"), [row[:2] for row in rows])
    return _table(("asked", "expected", "because"), rows)


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(_cell(c) for c in line) + " |" for line in lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


if __name__ == "__main__":
    PAGE.write_text(written(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.name}: {len(CHAPTERS)} chapters\n")
