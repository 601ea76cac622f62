"""What is said of rating-scale scores: the last, the first, all of them, the trend."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time
from decimal import Decimal

from assistant.answering.evidence import Citation, Draft, Statement, Table
from assistant.answering.plan import Aggregate, Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import day, figure, listed, sentence
from assistant.staging import tables
from assistant.staging.report import ScorePoint

MANY = 4


def write_scores(step: Explain, context: Context) -> Draft:
    """Answer about the scores of a scale, or of every scale."""
    scale = step.subject
    points = _points(step, context)
    if not points:
        return _none(scale, step, context)
    if step.asked == "to_remission":
        return _to_remission(points[-1], context)
    if step.asked == "previous":
        points = points[:-1] or points
    draft = _AGGREGATES.get(step.aggregate or Aggregate.LAST, _last)(points, context)
    if step.asked == "value and when":
        point = points[0] if step.aggregate is Aggregate.FIRST else points[-1]
        return replace(draft, values=(*draft.values[:1], point.date.text))
    if step.asked == "band":
        return replace(draft, values=(points[-1].band or "unknown",))
    if step.asked == "when" and step.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST):
        top = _extreme(points, step.aggregate)
        return replace(draft, values=tuple(point.date.text for point in top))
    if step.asked == "when":
        first = step.aggregate is Aggregate.FIRST
        several = step.aggregate is Aggregate.LIST
        dated = points if several else points[:1] if first else points[-1:]
        return replace(draft, values=tuple(point.date.text for point in dated))
    return draft


def _points(step: Explain, context: Context) -> list[ScorePoint]:
    points = [p for p in context.report.scores if not step.subject or p.scale == step.subject]
    if step.window is not None:
        window = step.window
        points = [p for p in points if window.contains(datetime.combine(p.date.earliest, time(12)))]
    if step.claimed:
        points = [p for p in points if p.value == Decimal(step.claimed)]
    side, _, limit = step.asked.partition(" ")
    if side in ("above", "below"):
        points = [
            p for p in points if (p.value > Decimal(limit)) is (side == "above")
            and p.value != Decimal(limit)
        ]  # fmt: skip
    return sorted(points, key=lambda p: (p.date.earliest, p.date.time))


def _none(scale: str, step: Explain, context: Context) -> Draft:
    others = listed(sorted({p.scale for p in context.report.scores}))
    what = f"{scale} score" if scale else "rating-scale score"
    when = f" {step.asked}" if step.asked.startswith(("above ", "below ")) else ""
    when += f" of {step.claimed}" if step.claimed else ""
    when += " in that time" if step.window is not None else ""
    text = f"The record holds no {what}{when}."
    kept = context.report.scores
    cited = tuple(c for p in kept[-1:] for c in _cite(p, context))
    parts = [Statement(text=text, citations=cited, computed=f"{what}{when}")]
    if others:
        also = tuple(c for p in _one_each(kept) for c in _cite(p, context))
        parts.append(Statement(text=f"It holds scores of {others}.", citations=also))
    if step.aggregate is Aggregate.COUNT and kept:
        return Draft(parts=tuple(parts), values=("0",))
    if step.aggregate is Aggregate.EXISTS and kept:
        return Draft(parts=tuple(parts), values=("no",))
    return Draft(parts=tuple(parts), status="abstained")


def _one_each(points: Sequence[ScorePoint]) -> list[ScorePoint]:
    return list({p.scale: p for p in points}.values())


def _cite(point: ScorePoint, context: Context) -> tuple[Citation, ...]:
    extra = f"{point.scale} {figure(point.value)} {point.date}"
    return context.cite(*point.evidence, limit=2, extra=extra)


def _one(point: ScorePoint, context: Context, lead: str) -> Statement:
    band = f" ({point.band})" if point.band else ""
    text = f"{lead}{point.scale} {figure(point.value)} on {day(point.date)}{band}"
    return Statement(text=sentence(text), citations=_cite(point, context))


def _last(points: list[ScorePoint], context: Context) -> Draft:
    point = points[-1]
    parts = (_one(point, context, ""),)
    return Draft(parts=parts, values=(figure(point.value),))


def _to_remission(point: ScorePoint, context: Context) -> Draft:
    """How many points the last score lies above the remission range."""
    scale = tables.scales().get(point.scale)
    if scale is None or scale.remission_max is None:
        text = f"no remission threshold of {point.scale} is in the tables"
        cited = _cite(point, context)
        return Draft(
            parts=(Statement(text=sentence(text), citations=cited, computed=point.scale),),
            values=("unknown",),
            status="partly",
        )
    above = max(point.value - scale.remission_max, point.value - point.value)
    value = f"{figure(above)} points"
    text = (
        f"{point.scale} {figure(point.value)} on {day(point.date)} is {value} above remission, "
        f"which is {figure(scale.remission_max)} or less"
    )
    cited = (*_cite(point, context), *context.rules("outcome.remission"))
    statement = Statement(text=sentence(text), citations=cited, computed=text)
    return Draft(parts=(statement,), values=(value,))


def _first(points: list[ScorePoint], context: Context) -> Draft:
    return Draft(parts=(_one(points[0], context, ""),), values=(figure(points[0].value),))


def _of_one_scale(points: Sequence[ScorePoint]) -> list[ScorePoint]:
    """The points of the scale used most often: values of two scales cannot be compared."""
    scales = [p.scale for p in points]
    scale = max(reversed(scales), key=scales.count)
    return [p for p in points if p.scale == scale]


def _extreme(points: Sequence[ScorePoint], which: Aggregate) -> list[ScorePoint]:
    """The points with the highest or the lowest value of one scale."""
    same = _of_one_scale(points)
    values = [p.value for p in same]
    value = max(values) if which is Aggregate.HIGHEST else min(values)
    return [p for p in same if p.value == value]


def _highest(points: list[ScorePoint], context: Context) -> Draft:
    return _extremes(_extreme(points, Aggregate.HIGHEST), "the highest: ", context)


def _lowest(points: list[ScorePoint], context: Context) -> Draft:
    return _extremes(_extreme(points, Aggregate.LOWEST), "the lowest: ", context)


def _extremes(points: list[ScorePoint], lead: str, context: Context) -> Draft:
    parts = tuple(_one(p, context, "" if place else lead) for place, p in enumerate(points))
    return Draft(parts=parts, values=(figure(points[0].value),))


def _mean(points: list[ScorePoint], context: Context) -> Draft:
    """The mean of one scale, with how many scores it is of."""
    same = _of_one_scale(points)
    value = figure(round(sum((p.value for p in same), Decimal(0)) / len(same), 2))
    text = f"{same[0].scale}: {value} on average of {len(same)} scores"
    cited = tuple(c for p in same[:12] for c in _cite(p, context))
    return Draft(
        parts=(Statement(text=sentence(text), citations=cited, computed=text),), values=(value,)
    )


def _all(points: list[ScorePoint], context: Context) -> Draft:
    values = tuple(figure(p.value) for p in points)
    if len(points) <= MANY:
        return Draft(parts=tuple(_one(p, context, "") for p in points), values=values)
    rows = tuple(
        ((p.date.text, p.scale, figure(p.value), p.band or ""), _cite(p, context)) for p in points
    )
    table = Table(header=("Date", "Scale", "Score", "Band"), rows=rows)
    return Draft(parts=(table,), values=values)


def _count(points: list[ScorePoint], context: Context) -> Draft:
    text = f"{len(points)} score{'s' if len(points) != 1 else ''} recorded"
    cited = tuple(c for p in points[:12] for c in _cite(p, context))
    return Draft(
        parts=(Statement(text=sentence(text), citations=cited, computed=str(len(points))),),
        values=(str(len(points)),),
    )


def _exists(points: list[ScorePoint], context: Context) -> Draft:
    return Draft(parts=(_one(points[-1], context, "yes, "),), values=("yes",))


def _trend(points: list[ScorePoint], context: Context) -> Draft:
    same = _of_one_scale(points)
    if len(same) == 1:
        return _last(same, context)
    scale = same[0].scale
    first, last = same[0], same[-1]
    change = last.value - first.value
    word = "unchanged" if not change else ("falling" if change < 0 else "rising")
    text = (
        f"{scale} is {word}: {figure(first.value)} on {day(first.date)}, "
        f"{figure(last.value)} on {day(last.date)}"
    )
    cited = (*_cite(first, context), *_cite(last, context))
    lead = Statement(text=sentence(text), citations=cited)
    rest = _all(same, context).parts if len(same) > 2 else ()  # noqa: PLR2004
    return Draft(parts=(lead, *rest), values=tuple(figure(p.value) for p in same))


_AGGREGATES = {
    Aggregate.LAST: _last,
    Aggregate.FIRST: _first,
    Aggregate.HIGHEST: _highest,
    Aggregate.LOWEST: _lowest,
    Aggregate.LIST: _all,
    Aggregate.MEAN: _mean,
    Aggregate.COUNT: _count,
    Aggregate.EXISTS: _exists,
    Aggregate.TREND: _trend,
}
