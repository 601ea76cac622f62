"""What a run found: ``evals-run/1``, the evidence that every report is made from."""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

SCHEMA = "evals-run/1"
FILE = "results.json"
_Z95 = 1.959963984540054
"""Normal quantile of a two-sided interval of 95 %."""
EVERY = "all"


class ResultsError(Exception):
    """A file is no result of a run; the message says what was expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemResult:
    """One item with its scores."""

    id: str
    family: str
    half: str
    asked: str
    expected: Any
    reply: dict[str, Any]
    """What the scoreboard shows of the reply: status, values, text."""
    scores: Mapping[str, float | None]
    details: Mapping[str, str]
    seconds: float | None = None
    tokens: Mapping[str, int] | None = None
    error: str | None = None
    """Why it was not scored at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One measure over a part of a suite, with its 95 % interval."""

    measure: str
    part: str
    """``all``, a family (``family: …``) or a half (``half: …``)."""
    total: float
    scored: int
    unscored: int
    low: float
    high: float
    threshold: float | None = None
    drawn: bool = False
    """Whether only a part of the items was asked: a draw, or a site's own cases."""

    @property
    def rate(self) -> float | None:
        """The mean over what was scored; None where nothing was."""
        return self.total / self.scored if self.scored else None

    @property
    def missed(self) -> bool:
        """Whether a threshold is missed; a threshold over nothing scored is missed too.

        A part of the items misses it only where its whole interval lies below: a handful
        cannot show that nine of ten are right. One lost item shows that not all are.
        """
        if self.threshold is None:
            return False
        if self.rate is None:
            return True
        return (self.high if self.drawn else self.rate) < self.threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteResult:
    """One suite: how it ended, its measures, its items."""

    name: str
    title: str
    status: str
    """``passed``, ``missed``, ``incomplete``, ``crashed`` or ``skipped``."""
    reason: str = ""
    measures: Sequence[Measure] = field(default=())
    items: Sequence[ItemResult] = field(default=())
    clinical: bool = False
    """Whether a lost item is a regression on clinical facts."""
    log: str = ""
    """Name of the Inspect log it was read from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """A whole run."""

    header: Mapping[str, Any]
    suites: Sequence[SuiteResult]

    def to_json(self) -> dict[str, Any]:
        """The run as plain JSON values."""
        suites = []
        for suite in self.suites:
            told = asdict(suite)
            told["measures"] = [
                {**asdict(one), "rate": one.rate, "missed": one.missed} for one in suite.measures
            ]
            suites.append(told)
        return {"schema": SCHEMA, "header": dict(self.header), "suites": suites}


def write_results(run: RunResult, folder: Path) -> Path:
    """Write the evidence file."""
    path = folder / FILE
    text = json.dumps(run.to_json(), ensure_ascii=False, indent=1, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8")
    return path


def read_results(path: Path) -> RunResult:
    """A run from its file, or from the folder it is in.

    Raises:
        ResultsError: it is missing or is no result of a run.
    """
    file = path / FILE if path.is_dir() else path
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
        if value["schema"] != SCHEMA:
            raise ResultsError(f"{file}: schema {value['schema']}, expected {SCHEMA}")
        return RunResult(header=value["header"], suites=[_suite(one) for one in value["suites"]])
    except OSError as error:
        raise ResultsError(f"{file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise ResultsError(f"{file}: expected the {FILE} of evals run ({error})") from None


def figures_of(run: RunResult) -> RunResult:
    """The run without its texts: what a baseline keeps."""
    return RunResult(
        header=run.header,
        suites=[
            replace(
                suite,
                log="",
                items=[
                    replace(one, asked="", expected=None, reply={}, details={}, seconds=None)
                    for one in suite.items
                ],
            )
            for suite in run.suites
        ],
    )


def _suite(value: Mapping[str, Any]) -> SuiteResult:
    computed = ("rate", "missed")
    measures = [
        Measure(**{key: one[key] for key in one if key not in computed})
        for one in value["measures"]
    ]
    items = [ItemResult(**one) for one in value["items"]]
    return SuiteResult(**{**value, "measures": measures, "items": items})


def measures_of(
    items: Sequence[ItemResult],
    thresholds: Mapping[tuple[str, str], float],
    *,
    pooled: bool = True,
    drawn: bool = False,
) -> list[Measure]:
    """Every measure over all items, over each half, and over each family."""
    found: list[Measure] = []
    for part, members in _parts(items, pooled=pooled):
        names = dict.fromkeys(name for one in members for name in one.scores)
        for name in names:
            threshold = thresholds.get((name, part))
            values = [one.scores.get(name) for one in members]
            found.append(replace(_measure(name, part, values, threshold), drawn=drawn))
    asked = {(one.measure, one.part) for one in found}
    return found + [
        Measure(measure=name, part=part, total=0, scored=0, unscored=0, low=0, high=1, threshold=at)
        for (name, part), at in thresholds.items()
        if (name, part) not in asked
    ]


def _parts(items: Sequence[ItemResult], *, pooled: bool) -> Iterator[tuple[str, list[ItemResult]]]:
    scored = [one for one in items if one.error is None]
    if pooled:
        yield EVERY, scored
    halves = dict.fromkeys(one.half for one in scored if one.half)
    for half in halves:
        yield f"half: {half}", [one for one in scored if one.half == half]
    for family in dict.fromkeys(one.family for one in scored):
        yield f"family: {family}", [one for one in scored if one.family == family]


def _measure(
    name: str, part: str, values: Iterable[float | None], threshold: float | None
) -> Measure:
    listed = list(values)
    known = [value for value in listed if value is not None]
    low, high = interval(sum(known), len(known))
    return Measure(
        measure=name,
        part=part,
        total=round(sum(known), 6),
        scored=len(known),
        unscored=len(listed) - len(known),
        low=low,
        high=high,
        threshold=threshold,
    )


def interval(right: float, scored: int) -> tuple[float, float]:
    """The Wilson score interval of 95 % for ``right`` of ``scored``; 0 to 1 where none is.

    Of a mean of fractions it is wider than need be, never narrower: the variance of a
    value between 0 and 1 is at most that of a yes or no with the same mean.
    """
    if not scored:
        return 0.0, 1.0
    rate, spread = right / scored, _Z95**2 / scored
    middle = (rate + spread / 2) / (1 + spread)
    half = _Z95 * math.sqrt(rate * (1 - rate) / scored + spread / (4 * scored)) / (1 + spread)
    return max(0.0, round(middle - half, 6)), min(1.0, round(middle + half, 6))
