"""How two trials lie in time: which came first, the gap or the overlap between them."""

from itertools import pairwise

from assistant.answering.evidence import Draft, Statement
from assistant.answering.plan import Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import day, sentence
from assistant.answering.write.trials import trial_citations, verdict_citation, write_trials
from assistant.staging.dates import PartialDate
from assistant.staging.report import Trial


def write_between(step: Explain, context: Context) -> Draft:
    """Say how each pair of neighboring trials lies in time."""
    every = context.report.trials
    trials = [t for t in every if not step.trials or t.id in step.trials]
    if len(step.trials) == 1 and trials:
        place = every.index(trials[0]) + (step.asked == "gap after")
        trials = list(every[max(place - 1, 0) : place + 1])
    pairs = list(pairwise(trials))
    if not pairs:
        return write_trials(Explain(topic=step.topic, trials=step.trials, asked="shown"), context)
    values = tuple(_value(first, second, step) for first, second in pairs)
    parts = tuple(
        _pair(first, second, context, value if step.yes_no else "")
        for (first, second), value in zip(pairs, values, strict=True)
    )
    return Draft(parts=parts, values=values, status="partly" if "unknown" in values else "answered")


def _days(end: PartialDate | None, start: PartialDate | None) -> int | None:
    """Days from the end of one to the start of the next; None where a date is not exact."""
    if end is None or start is None:
        return None
    if end.earliest != end.latest or start.earliest != start.latest:
        return None
    return (start.earliest - end.earliest).days


def _value(first: Trial, second: Trial, step: Explain) -> str:
    """Days without either drug; whether there were any, or both were taken at once."""
    apart = _days(first.end, second.start)
    if apart is None:
        return "unknown"
    if step.yes_no:
        return "yes" if (apart > 1 if step.asked.startswith("gap") else apart <= 0) else "no"
    return f"{max(apart - 1, 0)} days"


def _pair(first: Trial, second: Trial, context: Context, lead: str) -> Statement:
    apart = _days(first.end, second.start)
    told = f"{lead}: " if lead in ("yes", "no") else ""
    told += f"{second.drug} began on {day(second.start)}"
    if first.ongoing:
        told += f", while {first.drug} went on"
    elif apart is None:
        told += f"; {first.drug} ended on {day(first.end)}, so the time between is not exact"
    elif apart > 1:
        told += f", {apart - 1} days after {first.drug} had ended on {day(first.end)}"
    elif apart == 1:
        told += f", the day after {first.drug} ended ({day(first.end)})"
    else:
        told += f"; {first.drug} ended on {day(first.end)}: both were taken for {1 - apart} days"
    return Statement(
        text=sentence(told),
        citations=(
            *trial_citations(context, first, "end"),
            *trial_citations(context, second, "start"),
            verdict_citation(context, second, "adequacy.duration"),
        ),
        computed=told,
    )
