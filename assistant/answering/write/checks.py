"""What is said beside the stage: what is missing, what mimics resistance, what comes next."""

from collections.abc import Sequence

from assistant.answering.evidence import (
    Citation,
    Draft,
    Statement,
    report_citation,
)
from assistant.answering.plan import Aggregate, Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import (
    ACTION_WORDS,
    CHECK_WORDS,
    day,
    figure,
    listed,
    sentence,
)
from assistant.staging.report import Procedure, PseudoResistanceCheck

_STATUS_VALUE = {
    "present": "yes",
    "possible": "unknown",
    "none_found": "no",
    "not_assessed": "unknown",
}
_STATUS_WORDS = {
    "present": "present",
    "possible": "possible",
    "none_found": "not found in the record",
    "not_assessed": "not assessed: the record holds nothing on it",
}
_CHECK_RULES = {
    "bipolarity": "diagnosis.bipolar",
    "psychosis": "diagnosis.psychotic",
    "interaction": "pseudo.drug_exposure",
    "plasma_level": "pseudo.drug_exposure",
    "inadequate_exposure": "pseudo.inadequate_exposure",
    "adherence": "adequacy.adherence",
    "intolerance": "trial.intolerance",
    "inflammation": "biomarker.hs_crp",
}


def write_assumptions(step: Explain, context: Context) -> Draft:
    """Say what the working stage takes for granted."""
    del step
    report = context.report
    if not report.assumptions:
        text = "Nothing is assumed: the working stage rests on the record alone."
        cited = (report_citation(report, "adequacy.adherence", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("none",))
    parts = tuple(
        Statement(
            text=sentence(item),
            citations=(
                report_citation(report, "adequacy.adherence", item),
                *context.rules("adequacy.adherence"),
            ),
        )
        for item in report.assumptions
    )
    return Draft(parts=parts, values=report.assumptions, rests_on_staging=True)


def write_checks(step: Explain, context: Context) -> Draft:
    """Say what could mimic resistance, or how one check stands."""
    checks = context.report.pseudo_resistance
    if step.subject:
        picked = [c for c in checks if c.check in step.subject.split("|")]
        if picked:
            if step.asked == "assessed":
                return _assessed(picked, context)
            if step.asked == "workup":
                return _workup(picked, context)
            return Draft(
                parts=tuple(_check_statement(c, context) for c in picked),
                values=()
                if step.asked == "shown"
                else tuple(_STATUS_VALUE.get(c.status, c.status) for c in picked),
                status="partly"
                if any(c.status in ("possible", "not_assessed") for c in picked)
                else "answered",
            )
    found = [c for c in checks if c.status in ("present", "possible")]
    open_ = [c for c in checks if c.status == "not_assessed"]
    rules = context.rules("next.pseudo_resistance")
    if step.asked == "workup":
        return _workup((*found, *open_), context)
    parts = [_check_statement(c, context) for c in found]
    if not found:
        text = "Nothing in the record points to pseudo-resistance."
        cited = (report_citation(context.report, "pseudo.comorbidity", text), *rules)
        parts.append(Statement(text=text, citations=cited))
    if open_:
        names = listed([CHECK_WORDS.get(c.check, c.check) for c in open_])
        parts.append(
            Statement(
                text=sentence(f"not assessed in the record: {names}"),
                citations=(report_citation(context.report, "pseudo.comorbidity", names), *rules),
            )
        )
    return Draft(parts=tuple(parts), values=tuple(c.check for c in found) or ("none",))


def _assessed(picked: Sequence[PseudoResistanceCheck], context: Context) -> Draft:
    """Whether the record holds what a check looks at."""
    values = tuple("no" if c.status == "not_assessed" else "yes" for c in picked)
    return Draft(parts=tuple(_check_statement(c, context) for c in picked), values=values)


def _workup(picked: Sequence[PseudoResistanceCheck], context: Context) -> Draft:
    """What the record has and lacks on each check, and what the source asks for."""
    rules = context.rules("next.pseudo_resistance")
    parts = [_check_statement(check, context) for check in picked]
    asked = "the source asks to rule out what mimics resistance before the next treatment"
    parts.append(
        Statement(text=sentence(f"{asked}; whether to test now is your decision"), citations=rules)
    )
    return Draft(parts=tuple(parts))


def _check_statement(check: PseudoResistanceCheck, context: Context) -> Statement:
    name = CHECK_WORDS.get(check.check, check.check)
    status = _STATUS_WORDS.get(check.status, check.status)
    detail = f" ({check.detail})" if check.detail else ""
    rule = _CHECK_RULES.get(check.check, "pseudo.comorbidity")
    return Statement(
        text=sentence(f"{name}: {status}{detail}"),
        citations=(
            *context.cite(*check.evidence, limit=3, extra=check.detail),
            report_citation(context.report, rule, f"{name} {status} {check.detail}"),
            *context.rules(rule),
        ),
        fallback=sentence(f"{name}: {status}"),
    )


def write_next_steps(step: Explain, context: Context) -> Draft:
    """Say which steps the sources name for this situation; never a prescription."""
    del step
    report = context.report
    if not report.next_steps:
        text = "The rules name no next step for this record."
        cited = (report_citation(report, "trial.failed", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("none",))
    parts = []
    for item in report.next_steps:
        trials = [t for t in (report.trial(i) for i in item.trials) if t is not None]
        based: list[Citation] = [c for t in trials for c in context.cite(*t.evidence, limit=1)]
        told = f"{item.detail} {item.action}"
        based += [report_citation(report, rule, told) for rule in item.because]
        action = ACTION_WORDS.get(item.action, item.action.replace("_", " "))
        text = f"{action}: {item.detail}" if item.detail else action
        parts.append(
            Statement(
                text=sentence(text),
                citations=(*based, *context.rules(*item.because)),
                computed=action,
                fallback=sentence(action),
            )
        )
    parts.append(
        Statement(
            text="These are the steps the sources name for this situation, not a prescription.",
            citations=context.rules("next.pseudo_resistance", "next.switch"),
        )
    )
    return Draft(parts=tuple(parts), values=tuple(s.action for s in report.next_steps))


def write_excluded(step: Explain, context: Context) -> Draft:
    """Say which antidepressants were recorded but are no trial, and why."""
    excluded = [
        e for e in context.report.excluded_exposures if not step.drugs or e.drug in step.drugs
    ]
    if not excluded:
        named = listed(step.drugs)
        text = "No recorded antidepressant was left out."
        if step.yes_no and named:
            text = f"No: {named} is no antidepressant trial of this record, and was not counted."
        cited = (report_citation(context.report, "trial.failed", text),)
        value = "no" if step.yes_no else "none"
        statement = Statement(text=text, citations=cited, computed=named)
        return Draft(parts=(statement,), values=(value,))
    parts = tuple(
        Statement(
            text=sentence(f"{e.drug} is not counted: {e.reason}"),
            citations=context.cite(*e.evidence, limit=2, extra=f"{e.drug} {e.reason}"),
        )
        for e in excluded
    )
    values = ("no",) if step.yes_no else tuple(e.drug for e in excluded)
    return Draft(parts=parts, values=values)


def write_augmentation(step: Explain, context: Context) -> Draft:
    """Say whether an antidepressant was augmented, and with what."""
    report = context.report
    found = [a for a in report.augmentations if not step.drugs or a.drug in step.drugs]
    rules = context.rules("maudsley.total")
    if not found:
        named = listed(step.drugs) if step.drugs else "any agent"
        text = f"The record holds no augmentation with {named}."
        cited = (report_citation(report, "maudsley.total", text), *rules)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("no",))
    parts = []
    for item in found:
        trial = report.trial(item.with_)
        to = f" added to {trial.drug}" if trial is not None else ""
        reasons = f" ({'; '.join(item.reasons)})" if item.reasons else ""
        adequate = {"met": "yes", "not_met": "no"}.get(item.adequate.value, "unknown")
        text = f"{item.drug}{to} from {day(item.start)}; adequate: {adequate}{reasons}"
        extra = f"{text} {trial.drug if trial else ''}"
        parts.append(
            Statement(
                text=sentence(text),
                citations=(
                    *context.cite(*item.evidence, limit=3, extra=extra),
                    report_citation(report, "maudsley.total", extra),
                ),
            )
        )
    if step.asked == "worked":
        text = "Whether adding it helped, the record does not say."
        cited = tuple(c for a in found for c in context.cite(*a.evidence, limit=2, extra=a.drug))
        parts.insert(0, Statement(text=text, citations=cited))
        return Draft(parts=tuple(parts), values=("unknown",), status="partly")
    if step.asked == "to":
        held = [report.trial(a.with_) for a in found]
        return Draft(parts=tuple(parts), values=tuple(t.drug for t in held if t is not None))
    values = ("yes",) if step.subject == "yes_no" else tuple(a.drug for a in found)
    return Draft(parts=tuple(parts), values=values)


def write_procedures(step: Explain, context: Context) -> Draft:
    """Say which courses of ECT, TMS, psychotherapy … the record holds."""
    report = context.report
    found = [p for p in report.procedures if not step.subject or p.modality == step.subject]
    rule = "thase_rush.stage" if step.subject in ("", "ECT") else "next.resistant"
    if not found:
        text = f"The record holds no {step.subject or 'procedure of this kind'}."
        cited = (report_citation(report, rule, text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("no",))
    parts = []
    for item in found:
        length = f" ({_length_of(item)})" if step.asked == "length" else ""
        sessions = f"{item.sessions} session{'s' if item.sessions != 1 else ''}"
        side = f", {item.laterality}" if item.laterality != "unknown" else ""
        text = (
            f"{item.modality}: {sessions}{side}, {day(item.start)} to {day(item.end)}"
            f"{length}; "
            f"{_FAILED_WORDS[item.failed.value]}"
        )
        scored = _scores_around(item)
        text += scored
        evidence = (*item.evidence[:3], *(item.outcome.evidence if scored and item.outcome else ()))
        parts.append(
            Statement(
                text=sentence(text),
                citations=(
                    *context.cite(*evidence, limit=5, extra=text),
                    report_citation(report, rule, text, item.id),
                ),
            )
        )
    values = tuple(dict.fromkeys(v for item in found for v in _of_procedure(item, step)))
    if step.aggregate is Aggregate.COUNT:
        values = (str(sum(p.sessions for p in found)),)
    status = "partly" if "unknown" in values else "answered"
    return Draft(parts=tuple(parts), values=values, status=status)


def _scores_around(item: Procedure) -> str:
    """The scores before and after a course, where the record gives both."""
    told = item.outcome
    if told is None or told.baseline is None or told.endpoint is None:
        return ""
    return f" ({told.scale} {figure(told.baseline)} to {figure(told.endpoint)})"


_FAILED_WORDS = {
    "yes": "counted as failed, without response",
    "no": "not counted as failed",
    "unknown": "whether it failed the record does not say",
}


def _of_procedure(item: Procedure, step: Explain) -> tuple[str, ...]:
    """The bare answer about one course."""
    asked = step.asked
    if asked == "when":
        return (day(item.end if step.aggregate is Aggregate.LAST else item.start),)
    if asked == "length":
        return (_length_of(item),)
    if asked.startswith("score"):
        return _scores_asked(item, asked)
    if asked == "side":
        return (item.laterality,)
    if asked == "worked":
        return ({"yes": "no", "no": "yes"}.get(item.failed.value, "unknown"),)
    return (item.failed.value if asked == "failed" else "yes",)


def _length_of(item: Procedure) -> str:
    """From the first session to the last, both counted."""
    if item.start is None or item.end is None or item.start.earliest != item.start.latest:
        return "unknown"
    return f"{(item.end.latest - item.start.earliest).days + 1} days"


def _scores_asked(item: Procedure, asked: str) -> tuple[str, ...]:
    told = item.outcome
    before = told.baseline if told is not None else None
    after = told.endpoint if told is not None else None
    sides = {"score before": (before,), "score after": (after,)}.get(asked, (before, after))
    return tuple("unknown" if value is None else figure(value) for value in sides)


def write_biomarkers(step: Explain, context: Context) -> Draft:
    """Show the markers the record holds, with how they may be read."""
    del step
    markers = context.report.biomarkers
    if not markers:
        text = "The record holds none of the markers this assistant reads."
        cited = (report_citation(context.report, "biomarker.hs_crp", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=(), status="abstained")
    parts = tuple(
        Statement(
            text=sentence(f"{m.marker} {figure(m.value)} {m.unit} ({day(m.date)}): {m.reading}"),
            citations=(
                *context.cite(*m.evidence, limit=2, extra=f"{m.marker} {m.value} {m.date}"),
                report_citation(
                    context.report, "biomarker.hs_crp", f"{m.marker} {m.value} {m.reading}"
                ),
                *context.rules("biomarker.hs_crp"),
            ),
        )
        for m in markers
    )
    return Draft(parts=parts, values=tuple(f"{figure(m.value)} {m.unit}" for m in markers))


def write_completeness(step: Explain, context: Context) -> Draft:
    """Say how much of the record was read, and what could not be."""
    del step
    report = context.report
    read = report.completeness
    text = f"{read.resources_read} of {read.resources_total} entries of the record were read"
    if read.after_as_of:
        text += f"; {read.after_as_of} lie after {report.as_of} and were left out"
    cited = (report_citation(report, "adequacy.overall", f"{text} {report.as_of}"),)
    parts = [Statement(text=sentence(text), citations=cited)]
    if report.issues:
        count = len(report.issues)
        text = f"{count} entr{'ies' if count != 1 else 'y'} raised an issue: "
        text += "; ".join(f"{i.resource} {i.path}: {i.problem}" for i in report.issues[:3])
        parts.append(Statement(text=sentence(text), citations=cited, computed=text))
    return Draft(parts=tuple(parts), values=(f"{read.resources_read} of {read.resources_total}",))
