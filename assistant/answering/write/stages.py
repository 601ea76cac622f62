"""What is said of stages: is it treatment-resistant, which stage, and why."""

import re
from dataclasses import replace
from decimal import Decimal

from assistant.answering.evidence import Citation, Draft, Statement, Table, report_citation
from assistant.answering.plan import Bound, Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import (
    CHECK_WORDS,
    METHOD_NAMES,
    figure,
    listed,
    sentence,
)
from assistant.answering.write.safety import safety_statement
from assistant.answering.write.trials import (
    describe,
    score_citations,
    trial_citations,
    verdict_citation,
)
from assistant.staging.report import Bounds, MissingFact, StagingReport
from assistant.staging.verdicts import Answer

_RULES = {
    "trd": "trd.definition",
    "trd_without_class_rule": "trd.without_class_rule",
    "source_stage": "source_stage.II",
    "thase_rush": "thase_rush.stage",
    "maudsley": "maudsley.total",
    "gsrd": "gsrd.category",
    "european": "european.stage",
    "mgh_s": "mgh_s.points",
}
ALL_METHODS = ("source_stage", "thase_rush", "maudsley", "gsrd", "european", "mgh_s")
_GSRD_WORDS = {"none": "none", "non_responder": "non-responder", "trd": "TRD"}


def _shown(method: str, value: object) -> str:
    if value is None:
        return "not staged"
    if isinstance(value, Decimal | int):
        return figure(value)
    if method == "source_stage":
        return f"Stage {value}"
    if method == "gsrd":
        return _GSRD_WORDS.get(str(value), str(value))
    return str(value)


def _bare(value: object) -> str:
    if value is None:
        return "unknown"
    return figure(value) if isinstance(value, Decimal | int) else str(value)


def bounds_of(report: StagingReport, method: str) -> Bounds[object]:
    """The three readings of a method."""
    found = getattr(report.staging, method)
    return Bounds(at_least=found.at_least, working=found.working, at_most=found.at_most)


def _picked(bounds: Bounds[object], bound: Bound) -> tuple[object, ...]:
    if bound is Bound.RANGE:
        return (bounds.at_least, bounds.at_most)
    return (getattr(bounds, bound.value),)


def _values(report: StagingReport, method: str, bound: Bound) -> tuple[str, ...]:
    values = tuple(_bare(value) for value in _picked(bounds_of(report, method), bound))
    maudsley = report.staging.maudsley
    if method == "maudsley" and bound is Bound.WORKING and maudsley.band is not None:
        return (*values, maudsley.band)
    return values


def _support(report: StagingReport, method: str) -> str:
    found = getattr(report.staging, method)
    bounds = bounds_of(report, method)
    parts = [_shown(method, v) for v in (bounds.at_least, bounds.working, bounds.at_most)]
    parts += [_bare(v) for v in (bounds.at_least, bounds.working, bounds.at_most)]
    if method == "maudsley":
        parts += [f"{k} {v}" for k, v in (found.items or {}).items()] + [found.band or ""]
        parts += [f"{a.basis} {a.value} {a.band}" for a in found.alternatives]
    return " ; ".join(parts)


def _verdict(context: Context, method: str) -> Citation:
    report = context.report
    rule = _RULES[method]
    if method == "source_stage" and report.staging.source_stage.working == "I":
        rule = "source_stage.I"
    return report_citation(report, rule, _support(report, method))


def blocked(context: Context) -> Draft | None:
    """Why nothing is staged, where a diagnosis blocks it."""
    report = context.report
    if not report.staging_blocked_by:
        return None
    parts = []
    for rule in report.staging_blocked_by:
        findings = [f for f in report.findings if f.rule == rule]
        facts = [fact for finding in findings for fact in finding.facts]
        labels = " ".join(d.label for d in report.diagnoses)
        text = findings[0].statement if findings else rule
        parts.append(
            Statement(
                text=sentence(text),
                citations=(
                    *context.cite(*facts, limit=3, extra=f"{labels} {text}"),
                    report_citation(report, rule, text),
                    *context.rules(rule),
                ),
            )
        )
    return Draft(parts=tuple(parts), rests_on_staging=True)


def write_trd(step: Explain, context: Context) -> Draft:
    """Say whether this is treatment-resistant depression."""
    method = step.methods[0] if step.methods else "trd"
    report = context.report
    bounds = bounds_of(report, method)
    picked = _picked(bounds, step.bound)
    values = tuple(_bare(value) for value in picked)
    if step.asked == "excluded":
        return _is_excluded(step, context)
    why_not = blocked(context)
    verdict = _verdict(context, method)
    rules = context.rules(_RULES[method])
    if why_not is not None:
        lead = "No: a diagnosis in the record rules out staging unipolar treatment resistance."
        return Draft(
            parts=(Statement(text=lead, citations=(verdict,)), *why_not.parts),
            values=values,
            rests_on_staging=True,
        )
    parts: list[Statement | Table] = [
        Statement(text=_trd_lead(picked[0], step.bound, bounds), citations=(verdict, *rules))
    ]
    parts += _safety(context)
    parts += _how_many(context, method)
    parts += _failed_trials(context)
    parts += _caveats(context, method)
    parts += _mimics(context)
    status = "partly" if Answer.UNKNOWN in picked else "answered"
    return Draft(parts=tuple(parts), values=values, status=status, rests_on_staging=True)


def _is_excluded(step: Explain, context: Context) -> Draft:
    """Whether treatment resistance is ruled out: the contrary of whether it is possible."""
    draft = write_trd(replace(step, asked="", bound=Bound.AT_MOST), context)
    contrary = {"yes": "no", "no": "yes"}
    values = tuple(contrary.get(value, value) for value in draft.values)
    lead = "It is ruled out." if "yes" in values else "It is not ruled out."
    first = Statement(text=lead, citations=(_verdict(context, "trd"),))
    return replace(draft, parts=(first, *draft.parts[1:]), values=values)


def _safety(context: Context) -> list[Statement]:
    """Signs of suicidal thoughts come before the reasons."""
    return [safety_statement(flag, context) for flag in context.report.safety[:1]]


def _how_many(context: Context, method: str) -> list[Statement]:
    """How far the failed trials go towards the definition."""
    report = context.report
    failed = [t for t in report.trials if t.failed_working is Answer.YES]
    if not report.trials or bounds_of(report, method).working is Answer.YES:
        return []
    classes = {t.drug_class for t in failed}
    text = (
        f"{len(failed)} failed adequate trial{'s' if len(failed) != 1 else ''}"
        f"{f' of {len(classes)} class' if failed else ''}{'es' if len(classes) > 1 else ''}"
    )
    return [
        Statement(
            text=sentence(text),
            citations=(
                *(verdict_citation(context, t, "trial.failed") for t in failed or report.trials),
                *context.rules(_RULES[method]),
            ),
            computed=text,
        )
    ]


_EXPOSURE_CHECKS = frozenset({"inadequate_exposure", "adherence", "intolerance"})


def _mimics(context: Context) -> list[Statement]:
    """What is present that can mimic resistance; the trials themselves are told before."""
    found = [
        check
        for check in context.report.pseudo_resistance
        if check.status == "present" and check.check not in _EXPOSURE_CHECKS
    ]
    if not found:
        return []
    names = listed([CHECK_WORDS.get(check.check, check.check) for check in found])
    cited = tuple(c for check in found for c in context.cite(*check.evidence, limit=2, extra=names))
    return [
        Statement(
            text=sentence(f"present in the record and able to mimic resistance: {names}"),
            citations=(*cited, *context.rules("next.pseudo_resistance")),
        )
    ]


def _trd_lead(verdict: object, bound: Bound, bounds: Bounds[object]) -> str:
    answer = verdict if isinstance(verdict, Answer) else Answer.UNKNOWN
    named = bound in (Bound.AT_LEAST, Bound.AT_MOST)
    if not named and answer is Answer.NO and bounds.at_most is not Answer.NO:
        return (
            "Not on what is recorded, but still possible: the definition of treatment-resistant "
            "depression is not met so far."
        )
    return _TRD_LEADS[bound if bound in _TRD_LEADS else Bound.WORKING][answer]


_TRD_LEADS = {
    Bound.AT_LEAST: {
        Answer.YES: "Yes, the record alone proves treatment-resistant depression.",
        Answer.NO: "No, the record alone does not prove treatment-resistant depression.",
        Answer.UNKNOWN: "The record alone cannot say.",
    },
    Bound.AT_MOST: {
        Answer.YES: "Yes, treatment-resistant depression cannot be excluded.",
        Answer.NO: "No, the record excludes treatment-resistant depression.",
        Answer.UNKNOWN: "The record cannot say.",
    },
    Bound.WORKING: {
        Answer.YES: "Yes, this episode meets the definition of treatment-resistant depression.",
        Answer.NO: "No, this episode does not meet the definition of treatment-resistant "
        "depression.",
        Answer.UNKNOWN: "The record does not settle whether this is treatment-resistant "
        "depression.",
    },
}


def _failed_trials(context: Context) -> list[Statement]:
    """The failed trials, or why the others do not count."""
    report = context.report
    failed = [t for t in report.trials if t.failed_working is Answer.YES]
    parts = [
        Statement(
            text=sentence(f"counts as failed: {describe(trial)}"),
            citations=(
                *trial_citations(context, trial),
                *score_citations(context, trial),
                verdict_citation(context, trial, "trial.failed"),
            ),
        )
        for trial in failed
    ]
    for trial in report.trials:
        if trial.failed_working is Answer.YES:
            continue
        because = f": {'; '.join(trial.reasons)}" if trial.reasons else ""
        word = "is not settled" if trial.failed_working is Answer.UNKNOWN else "does not count"
        parts.append(
            Statement(
                text=sentence(f"{trial.drug} {word}{because}"),
                citations=(
                    *trial_citations(context, trial, "drug"),
                    verdict_citation(context, trial, "trial.failed"),
                ),
                fallback=f"{trial.drug.capitalize()} {word}.",
            )
        )
    if not report.trials:
        parts.append(
            Statement(
                text="The record holds no antidepressant trial of this episode.",
                citations=(report_citation(report, "trial.failed", ""),),
            )
        )
    return parts


def _by_drug(assumption: str, context: Context) -> str:
    """An assumption with the drugs of the trials it names by their ids."""

    def drug(match: re.Match[str]) -> str:
        trial = context.report.trial(match.group())
        return trial.drug if trial is not None else match.group()

    return re.sub(r"\bt\d+\b", drug, assumption)


def _caveats(context: Context, method: str) -> list[Statement]:
    report = context.report
    bounds = bounds_of(report, method)
    parts = []
    if bounds.at_least != bounds.working or bounds.at_most != bounds.working:
        low, high = _shown(method, bounds.at_least), _shown(method, bounds.at_most)
        if isinstance(bounds.working, Answer):
            proven = "proves it" if bounds.at_least is Answer.YES else "does not prove it"
            excluded = "cannot exclude it" if bounds.at_most is Answer.YES else "excludes it"
            joint = "and" if bounds.at_least is bounds.at_most else "but"
            text = f"the record alone {proven} {joint} {excluded}"
        else:
            text = f"proven by the record alone: {low}; not excluded: {high}"
        parts.append(Statement(text=sentence(text), citations=(_verdict(context, method),)))
    if report.assumptions and bounds.at_least != bounds.working:
        told = "; ".join(_by_drug(item, context) for item in report.assumptions)
        text = sentence(f"assumed: {told}")
        parts.append(
            Statement(
                text=text,
                citations=(
                    report_citation(
                        report, "adequacy.adherence", f"{' '.join(report.assumptions)} {told}"
                    ),
                    *context.rules("adequacy.adherence"),
                ),
            )
        )
    decisive = deciding(report, method)
    if decisive:
        text = f"what would settle more: {listed([fact_name(f, report) for f in decisive[:3]])}"
        parts.append(
            Statement(
                text=sentence(text),
                citations=(_verdict(context, method),),
                computed=text,
            )
        )
    return parts


def deciding(report: StagingReport, method: str) -> list[MissingFact]:
    """The missing facts that move ``method``."""
    return [f for f in report.missing_facts if any(m.method == method for m in f.moves)]


def fact_name(fact: MissingFact, report: StagingReport) -> str:
    """A missing fact in a few words: ``adherence (sertraline)``."""
    words = {"stop_reason": "reason for stopping", "start": "start date", "end": "end date"}
    name = words.get(fact.fact, fact.fact)
    trial = report.trial(fact.trial) if fact.trial else None
    if trial is not None:
        return f"{name} ({trial.drug})"
    return f"{name} ({fact.procedure})" if fact.procedure else name


def write_stage(step: Explain, context: Context) -> Draft:
    """Say the stage by one method, or by each that is named."""
    methods = step.methods or ("source_stage",)
    why_not = blocked(context)
    if why_not is not None:
        lead = Statement(
            text="Nothing is staged: a diagnosis in the record rules it out.",
            citations=(_verdict(context, methods[0]),),
        )
        values = tuple("unknown" for _ in methods)
        return Draft(parts=(lead, *why_not.parts), values=values, rests_on_staging=True)
    if len(methods) > 1:
        return _compare(methods, step, context)
    method = methods[0]
    report = context.report
    values = _values(report, method, step.bound)
    said = _stage_lead(report, method, step.bound)
    if step.claimed and step.bound is not Bound.RANGE:
        right = values[0] == step.claimed
        said = f"{'Yes' if right else 'No'}: {said}"
        values = ("yes" if right else "no",) if step.yes_no else values
    parts: list[Statement | Table] = [
        Statement(
            text=said,
            citations=(_verdict(context, method), *context.rules(_RULES[method])),
        )
    ]
    if method == "maudsley":
        parts += _maudsley_items(context)
    parts += _claimed_elsewhere(step, method, context)
    parts += _failed_trials(context)
    parts += _caveats(context, method)
    status = "partly" if "unknown" in values else "answered"
    return Draft(parts=tuple(parts), values=values, status=status, rests_on_staging=True)


def _claimed_elsewhere(step: Explain, method: str, context: Context) -> list[Statement]:
    """The methods that do give the stage that the question takes for granted."""
    if not step.claimed or _bare(bounds_of(context.report, method).working) == step.claimed:
        return []
    others = [
        other
        for other in ("source_stage", "thase_rush")
        if other != method and _bare(bounds_of(context.report, other).working) == step.claimed
    ]
    return [
        Statement(
            text=sentence(f"by {METHOD_NAMES[other]} it is {step.claimed}"),
            citations=(_verdict(context, other), *context.rules(_RULES[other])),
        )
        for other in others
    ]


def _stage_lead(report: StagingReport, method: str, bound: Bound) -> str:
    bounds = bounds_of(report, method)
    by = "" if method == "source_stage" else f" by {METHOD_NAMES[method]}"
    shown = [_shown(method, value) for value in _picked(bounds, bound)]
    if bound is Bound.RANGE:
        return sentence(f"at least {shown[0]}, at most {shown[1]}{by}")
    prefix = {Bound.AT_LEAST: "at least ", Bound.AT_MOST: "at most "}.get(bound, "")
    text = f"{prefix}{shown[0]}{by}"
    if method == "maudsley" and bound is Bound.WORKING and report.staging.maudsley.band:
        text = f"{shown[0]} points, {report.staging.maudsley.band},{by}"
    if shown[0] == "not staged":
        text = f"{METHOD_NAMES[method]} gives no stage: the record does not settle it"
    return sentence(text)


def _maudsley_items(context: Context) -> list[Statement]:
    maudsley = context.report.staging.maudsley
    parts = []
    cited = (_verdict(context, "maudsley"),)
    if maudsley.items:
        items = ", ".join(f"{name} {points}" for name, points in maudsley.items.items())
        parts.append(Statement(text=sentence(f"points: {items}"), citations=cited))
    for other in maudsley.alternatives:
        text = f"with {other.basis} it would be {other.value}, {other.band}"
        parts.append(Statement(text=sentence(text), citations=cited))
    return parts


def _compare(methods: tuple[str, ...], step: Explain, context: Context) -> Draft:
    report = context.report
    rows = []
    values: list[str] = []
    for method in methods:
        bounds = bounds_of(report, method)
        rows.append(
            (
                (
                    METHOD_NAMES[method],
                    _shown(method, bounds.at_least),
                    _shown(method, bounds.working),
                    _shown(method, bounds.at_most),
                ),
                (_verdict(context, method), *context.rules(_RULES[method])),
            )
        )
        values.extend(_values(report, method, step.bound))
    table = Table(header=("Method", "At least", "Working", "At most"), rows=tuple(rows))
    lead = Statement(
        text="The methods count different things, so they need not agree.",
        citations=context.rules("thase_rush.stage"),
    )
    parts: tuple[Statement | Table, ...] = (table, lead, *_caveats(context, methods[0]))
    return Draft(parts=parts, values=tuple(values), rests_on_staging=True)
