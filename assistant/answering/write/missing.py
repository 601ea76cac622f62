"""What is missing: each fact that would move a stage, and how it would."""

from dataclasses import replace

from assistant.answering.evidence import Citation, Draft, Statement, Table, report_citation
from assistant.answering.plan import Explain, Topic
from assistant.answering.write.checks import write_checks
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import METHOD_NAMES, listed, sentence
from assistant.answering.write.stages import fact_name
from assistant.staging.report import MissingFact, Move

_HEADER = ("To find out", "What it would change")
_SHOWN_MOVES = 2
_BOUND_WORDS = {
    "at_least": "what is proven",
    "working": "what holds under the assumptions",
    "at_most": "what cannot be excluded",
}
_RULES = {
    "dose": "adequacy.dose",
    "start": "adequacy.duration",
    "end": "adequacy.duration",
    "outcome": "outcome.response",
    "stop_reason": "trial.intolerance",
    "diagnosis": "diagnosis.depression",
    "indication": "diagnosis.depression",
    "onset": "maudsley.total",
    "severity": "maudsley.total",
    "laterality": "maudsley.total",
}


def write_missing(step: Explain, context: Context) -> Draft:
    """Say which unknown facts would move a stage, and how."""
    report = context.report
    wanted = [
        f
        for f in report.missing_facts
        if (not step.trials or f.trial in step.trials)
        and (not step.methods or any(m.method in step.methods for m in f.moves))
    ]
    if step.asked == "overlooked":
        checks = write_checks(Explain(topic=Topic.CHECKS), context)
        facts = write_missing(replace(step, asked=""), context)
        both = tuple(v for v in (*facts.values, *checks.values) if v != "none")
        return Draft(
            parts=(*facts.parts, *checks.parts),
            values=both or ("none",),
            rests_on_staging=True,
        )
    if not wanted:
        text = "Nothing that is missing from the record would move a stage."
        cited = (report_citation(report, "trd.definition", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("none",))
    names = [fact_name(fact, report) for fact in wanted]
    lead = Statement(
        text=sentence(f"missing from the record: {listed(names)}"),
        citations=(report_citation(report, "adequacy.overall", " ".join(names)),),
        computed=" ".join(names),
    )
    rows = tuple(_row(fact, context) for fact in wanted)
    return Draft(
        parts=(lead, Table(header=_HEADER, rows=rows)),
        values=tuple(names),
        rests_on_staging=True,
    )


def moves_in_words(fact: MissingFact) -> tuple[str, ...]:
    """What knowing the fact would change; a move that needs other facts says which."""
    alone = [m for m in fact.moves if not m.with_]
    return tuple(_in_words(m) for m in (alone or list(fact.moves))[:_SHOWN_MOVES])


def _in_words(move: Move) -> str:
    beside = f", together with {listed([w.replace('_', ' ') for w in move.with_])}"
    return (
        f"if {move.if_.replace('_', ' ')}{beside if move.with_ else ''}: "
        f"{METHOD_NAMES[move.method]}, {_BOUND_WORDS[move.bound]}, {move.from_} to {move.to}"
    )


def _row(fact: MissingFact, context: Context) -> tuple[tuple[str, ...], tuple[Citation, ...]]:
    report = context.report
    rule = _RULES.get(fact.fact, "adequacy.adherence")
    cells = (fact.question, sentence("; ".join(moves_in_words(fact))))
    trial = report.trial(fact.trial) if fact.trial else None
    evidence = trial.evidence[:1] if trial is not None else ()
    cited = (
        *context.cite(*evidence, limit=1),
        report_citation(report, rule, " ".join(cells), fact.trial),
        *context.rules(rule),
    )
    return cells, cited
