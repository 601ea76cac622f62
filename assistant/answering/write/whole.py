"""What is said of the treatment as a whole: the best drug, what is untried, what TRD lacks."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby

from assistant.answering.evidence import Citation, Draft, Statement, report_citation
from assistant.answering.plan import Aggregate, Explain, Topic
from assistant.answering.write.attributes import write_attribute
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import listed, outcome_words, sentence
from assistant.answering.write.stages import (
    blocked,
    bounds_of,
    deciding,
    fact_name,
    write_trd,
)
from assistant.answering.write.trials import (
    chosen,
    score_citations,
    trial_citations,
    verdict_citation,
)
from assistant.staging import tables
from assistant.staging.report import StagingReport, Trial
from assistant.staging.verdicts import Answer

_GOOD = ("response", "remission")


def write_best(step: Explain, context: Context) -> Draft:
    """Rank the trials by the change of their score, where scores allow it."""
    trials = chosen(step, context)
    if step.subject in ("longest", "shortest"):
        return _by_length(trials, step, context)
    scored = [t for t in trials if t.outcome.percent_reduction is not None]
    if not scored:
        return _no_ranking(trials, context)
    worst = step.subject == "worst"
    ranked = sorted(scored, key=_change, reverse=not worst)
    top = [t for t in ranked if _change(t) == _change(ranked[0])]
    names = listed([t.drug for t in top])
    lowered = _change(top[0]) > 0
    lead = f"by the change of the score, {names} did {'least' if worst else 'best'}"
    if not lowered and not worst:
        lead = "no trial with scores lowered them"
    values = tuple(t.drug for t in top) if lowered or worst else ("none",)
    parts = [_scored(sentence(lead), top, context)]
    parts += [_scored(sentence(f"{t.drug}: {outcome_words(t.outcome)}"), [t], context)
              for t in ranked]  # fmt: skip
    parts += _reservations(trials, scored, context)
    return Draft(parts=tuple(parts), values=values)


def _by_length(trials: Sequence[Trial], step: Explain, context: Context) -> Draft:
    """The trials by their length; none is named where a length is not known exactly."""
    lengths = replace(step, topic=Topic.TRIAL_LENGTH, subject="day", aggregate=None)
    draft = write_attribute(lengths, context)
    days = [_days(trial, context) for trial in trials]
    if not days or any(count is None for count in days):
        return replace(draft, values=("unknown",), status="partly")
    pick = max if step.subject == "longest" else min
    best = pick(count for count in days if count is not None)
    top = tuple(t.drug for t, count in zip(trials, days, strict=True) if count == best)
    return replace(draft, values=top)


def _days(trial: Trial, context: Context) -> int | None:
    """How many days a trial went on, where both its days are exact."""
    first = trial.start
    if first is None or first.earliest != first.latest:
        return None
    last = trial.end.latest if trial.end is not None else context.as_of.day
    exact = trial.end is None or trial.end.earliest == trial.end.latest
    return (last - first.earliest).days + 1 if exact else None


def _change(trial: Trial) -> float:
    return float(trial.outcome.percent_reduction or 0)


def _scored(text: str, trials: Sequence[Trial], context: Context) -> Statement:
    cited = [c for t in trials for c in (*score_citations(context, t),
                                         verdict_citation(context, t, "trial.failed"))]  # fmt: skip
    return Statement(text=text, citations=tuple(cited))


def _reservations(
    trials: Sequence[Trial], scored: Sequence[Trial], context: Context
) -> list[Statement]:
    """What a ranking leaves open: no response, other scales, trials without scores."""
    parts = []
    if not any(t.outcome.category in _GOOD for t in scored):
        parts.append(_scored("None of them reached a response.", scored, context))
    if len({t.outcome.scale for t in scored}) > 1:
        parts.append(
            _scored("The scales differ, so only the percentages can be compared.", scored, context)
        )
    without = [t for t in trials if t not in scored]
    if without:
        text = f"no change of a score is recorded for {listed([t.drug for t in without])}"
        cited = tuple(verdict_citation(context, t, "trial.failed") for t in without)
        parts.append(Statement(text=sentence(text), citations=cited))
    return parts


def _no_ranking(trials: Sequence[Trial], context: Context) -> Draft:
    names = listed([t.drug for t in trials])
    text = f"the record holds no scores by which to compare {names or 'antidepressant trials'}"
    cited: tuple[Citation, ...] = tuple(
        verdict_citation(context, t, "trial.failed") for t in trials
    )
    cited = cited or (report_citation(context.report, "trial.failed", text),)
    statement = Statement(text=sentence(text), citations=cited, computed=names)
    return Draft(parts=(statement,), values=("unknown",), status="partly")


def _needed(report: StagingReport) -> tuple[int, int]:
    """Failed trials and classes that the definition asks for, as its finding states them."""
    needs = tables.methods()["trd"]
    by_number = any(
        f.rule == "trd.definition" and "any class" in f.statement for f in report.findings
    )
    return int(needs["trials"]), 1 if by_number else int(needs["classes"])


def lacking(report: StagingReport, more: Sequence[str] = ()) -> tuple[int, int]:
    """Failed trials and further classes that the definition still lacks.

    Args:
        report: What is known.
        more: Classes of further trials that are supposed to fail.
    """
    failed = [t.drug_class for t in report.trials if t.failed_working is Answer.YES] + list(more)
    trials, classes = _needed(report)
    short = max(trials - len(failed), 0)
    other = max(classes - len(set(failed)), 0)
    return max(short, other), other


def write_distance(step: Explain, context: Context) -> Draft:
    """Say what the definition of treatment resistance still lacks."""
    report = context.report
    values: tuple[str, ...] = ()
    if blocked(context) is not None or bounds_of(report, "trd").working is Answer.YES:
        draft = write_trd(Explain(topic=Topic.TRD), context)
        values = draft.values if step.yes_no else ()
        if step.aggregate is Aggregate.COUNT and blocked(context) is None:
            values = ("0",)
        return Draft(parts=draft.parts, values=values, status=draft.status, rests_on_staging=True)
    supposed = _classes_supposed(step)
    parts = [_in_words(report, context), *_open(report, context)]
    values = ()
    if step.aggregate is Aggregate.COUNT:
        values = (str(lacking(report)[0]),)
    elif supposed and step.yes_no:
        enough = lacking(report, supposed) == (0, 0)
        values = ("yes" if enough else "no",)
        told = "would meet it" if enough else "would not meet it"
        text = f"a failed adequate trial of {listed(list(supposed))} {told}"
        cited = (_verdict(report), *context.rules("trd.definition"))
        parts.insert(0, Statement(text=sentence(text), citations=cited, computed=text))
    parts.append(
        Statement(
            text="That is what the definition asks for, not a treatment to choose.",
            citations=context.rules("trd.definition"),
        )
    )
    return Draft(parts=tuple(parts), values=values, rests_on_staging=True)


def _classes_supposed(step: Explain) -> tuple[str, ...]:
    named = tuple(item for item in step.subject.split("|") if item)
    drugs = (tables.drugs().get(drug) for drug in step.drugs)
    return named + tuple(drug.drug_class for drug in drugs if drug is not None)


def _verdict(report: StagingReport) -> Citation:
    return report_citation(report, "trd.definition", "")


def in_words(report: StagingReport) -> str:
    """What the definition lacks, in a clause."""
    trials, classes = lacking(report)
    if not trials:
        return "nothing more than what is open below"
    of = ""
    counted = sorted({t.drug_class for t in report.trials if t.failed_working is Answer.YES})
    if classes:
        other = f" than {listed(counted, 'or')}" if counted else ""
        of = f" of another class{other}" if counted else " of different classes"
    return f"{trials} more failed adequate trial{'s' if trials != 1 else ''}{of}"


def _in_words(report: StagingReport, context: Context) -> Statement:
    text = f"not treatment-resistant so far; lacking: {in_words(report)}"
    failed = [t for t in report.trials if t.failed_working is Answer.YES]
    cited = (
        *(verdict_citation(context, t, "trial.failed") for t in failed or report.trials),
        _verdict(report),
        *context.rules("trd.definition"),
    )
    return Statement(text=sentence(text), citations=cited, computed=text)


def _open(report: StagingReport, context: Context) -> list[Statement]:
    """What counts so far, and which unknown facts could still count."""
    finding = next((f for f in report.findings if f.rule == "trd.definition"), None)
    parts = []
    if finding is not None:
        parts.append(Statement(text=sentence(finding.statement), citations=(_verdict(report),)))
    facts = deciding(report, "trd")
    if facts:
        names = listed([fact_name(fact, report) for fact in facts])
        text = f"facts that could change it: {names}"
        parts.append(Statement(text=sentence(text), citations=(_verdict(report),), computed=names))
    ongoing = [t for t in report.trials if t.ongoing and t.failed_working is not Answer.YES]
    for trial in ongoing:
        text = f"{trial.drug} is still being taken: {'; '.join(trial.reasons)}"
        cited = (*trial_citations(context, trial, "drug"),
                 verdict_citation(context, trial, "trial.failed"))  # fmt: skip
        if trial.reasons:
            parts.append(Statement(text=sentence(text), citations=cited))
    return parts


_MODALITIES = {
    "ECT": "ECT", "rTMS": "rTMS", "psychotherapy": "psychotherapy", "ketamine": "ketamine",
    "esketamine": "esketamine",
}  # fmt: skip


def _classes() -> tuple[str, ...]:
    """The classes of which the dose table holds an adequate dose."""
    dosed = (d for d in tables.drugs().values() if any(d.floors.values()) and not d.is_course)
    return tuple(sorted({drug.drug_class for drug in dosed}))


_LONGEST_ABBREVIATION = 5


def _class_in_words(name: str) -> str:
    """A class as it is spoken of: abbreviations stay, words are not shouted."""
    return " ".join(
        word.lower() if word.isalpha() and len(word) > _LONGEST_ABBREVIATION else word
        for word in name.split("_")
    )


def write_untried(step: Explain, context: Context) -> Draft:
    """Say which classes and which other treatments the record holds, and which not."""
    report = context.report
    by_class = sorted(report.trials, key=lambda t: t.drug_class)
    tried = {name: [t.drug for t in group]
             for name, group in groupby(by_class, key=lambda t: t.drug_class)}  # fmt: skip
    added = tuple(dict.fromkeys(a.drug for a in report.augmentations))
    done = tuple(dict.fromkeys(p.modality for p in report.procedures))
    told = [f"{name.replace('_', ' ')} ({listed(drugs)})" for name, drugs in tried.items()]
    told += [f"augmentation with {drug}" for drug in added] + list(done)
    untried = [name for name in _classes() if name not in tried]
    others = ["augmentation"] if not added else []
    others += [word for name, word in _MODALITIES.items() if name not in done]
    cited = tuple(c for t in report.trials for c in trial_citations(context, t, "drug")[:1])
    cited += tuple(c for p in report.procedures for c in context.cite(*p.evidence[:1]))
    untried = [_class_in_words(name) for name in untried]
    verdict = report_citation(report, "trial.failed", " ".join([*told, *untried, *others]))
    cited = (*cited, verdict)
    everything = not untried and not others
    answer = "Yes. " if everything else "No: not everything has been tried. "
    lead = answer if step.yes_no else ""
    parts = [
        Statement(text=f"{lead}Recorded as tried: {listed(told) or 'nothing'}.",
                  citations=cited, computed=" ".join(told)),
        Statement(text=f"Not recorded: {listed([*untried, *others]) or 'nothing of these'}.",
                  citations=(verdict,), computed=" ".join([*untried, *others])),
        Statement(text="That something is untried does not make it indicated: that is yours to "
                  "judge.", citations=context.rules("next.switch")),
    ]  # fmt: skip
    values: tuple[str, ...] = ("yes" if everything else "no",) if step.yes_no else ()
    if step.subject == "classes" and not step.yes_no:
        values = tuple(untried)
    return Draft(parts=tuple(parts), values=values)
