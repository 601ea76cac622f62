"""Plots as inline SVG, drawn here so that a report opens offline and alone."""

from collections.abc import Sequence
from html import escape

from evals.reports import count, percent
from evals.results import ItemResult, Measure

_LEFT, _WIDTH, _RIGHT, _ROW = 260, 420, 150, 26
_BINS = 24
_HEIGHT = 90


def intervals(measures: Sequence[Measure]) -> str:
    """Rates with their 95 % intervals and thresholds, one row a measure."""
    scored = [one for one in measures if one.scored]
    height = _ROW * len(scored) + 34
    total = _LEFT + _WIDTH + _RIGHT
    size = f'viewBox="0 0 {total} {height}" width="{total}"'
    parts = [f'<svg role="img" {size} aria-label="Rates with 95 % intervals">']
    for tick in range(0, 101, 25):
        x = _LEFT + _WIDTH * tick / 100
        parts.append(f'<line class="grid" x1="{x}" y1="4" x2="{x}" y2="{height - 24}"/>')
        parts.append(f'<text class="tick" x="{x}" y="{height - 8}">{tick} %</text>')
    parts += [_interval(one, 4 + _ROW * place) for place, one in enumerate(scored)]
    return "".join([*parts, "</svg>"])


def _interval(one: Measure, top: float) -> str:
    middle = top + _ROW / 2
    x = [_LEFT + _WIDTH * value for value in (one.low, one.rate or 0, one.high)]
    kind = "missed" if one.missed else "kept"
    name = one.measure if one.part == "all" else f"{one.measure} · {one.part.partition(': ')[2]}"
    threshold = ""
    if one.threshold is not None:
        at = _LEFT + _WIDTH * one.threshold
        threshold = (
            f'<line class="least" x1="{at}" y1="{top + 3}" x2="{at}" y2="{top + _ROW - 3}"/>'
        )
    figures = f"{count(one.total)}/{one.scored} · {percent(one.rate)}"
    return (
        f'<text class="name" x="{_LEFT - 10}" y="{middle + 4}">{escape(_short(name))}'
        f"<title>{escape(name)}</title></text>"
        f'<line class="{kind}" x1="{x[0]}" y1="{middle}" x2="{x[2]}" y2="{middle}"/>'
        f'{threshold}<circle class="{kind}" cx="{x[1]}" cy="{middle}" r="5"/>'
        f'<text class="value" x="{_LEFT + _WIDTH + 12}" y="{middle + 4}">{figures}</text>'
    )


def _short(name: str) -> str:
    return name if len(name) <= 40 else f"{name[:39]}…"  # noqa: PLR2004 - what fits the column


def times(items: Sequence[ItemResult]) -> str:
    """How long the items took, as a histogram."""
    listed = sorted(one.seconds for one in items if one.seconds is not None)
    if len(listed) < 2 or listed[-1] <= 0:  # noqa: PLR2004
        return ""
    most = listed[min(len(listed) - 1, int(0.99 * len(listed)))] or listed[-1]
    bins = [0] * _BINS
    for value in listed:
        bins[min(_BINS - 1, int(_BINS * value / most))] += 1
    step, top = _WIDTH / _BINS, max(bins)
    bars = [
        f'<rect class="bar" x="{place * step:.1f}" y="{_HEIGHT - 20 - 66 * number / top:.1f}" '
        f'width="{step - 1:.1f}" height="{66 * number / top:.1f}"/>'
        for place, number in enumerate(bins)
    ]
    axis = (
        f'<text class="tick start" x="0" y="{_HEIGHT - 4}">0</text>'
        f'<text class="tick end" x="{_WIDTH}" y="{_HEIGHT - 4}">{1000 * most:.0f} ms</text>'
    )
    return (
        f'<svg role="img" viewBox="0 0 {_WIDTH} {_HEIGHT}" width="{_WIDTH}" '
        f'aria-label="Time an item took">{"".join(bars)}{axis}</svg>'
    )
