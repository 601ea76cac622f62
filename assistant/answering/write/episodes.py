"""What is said of the illness itself: the episode, how long, what diagnosis, which in life."""

from assistant.answering.evidence import (
    Citation,
    Draft,
    Statement,
    record_citation,
    report_citation,
)
from assistant.answering.plan import Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import age_between, day, figure, listed, sentence
from assistant.staging import tables
from assistant.staging.dates import PartialDate
from assistant.staging.report import Episode
from assistant.staging.verdicts import Verdict


def write_episode(step: Explain, context: Context) -> Draft:
    """Say when the episode began, and how long it has lasted."""
    report = context.report
    episode = report.episode
    if episode is None:
        text = "The record does not document a depressive episode."
        cited = (report_citation(report, "diagnosis.depression", text),)
        return Draft(
            parts=(Statement(text=text, citations=cited),), values=("unknown",), status="partly"
        )
    low, high = episode.duration_months
    months = f"{low} months" if low == high else (
        f"at least {low} months" if high is None else f"{low} to {high} months"
    )  # fmt: skip
    if step.subject in ("age", "well"):
        return _at_onset(step, context, episode)
    if step.subject == "duration":
        values: tuple[str, ...] = (months,)
    else:
        values = (episode.start.text if episode.start else "unknown",)
    began = f"{day(episode.start)} ({_basis(episode.basis)})"
    text = f"the episode began on {began} and has lasted {months}"
    based = (
        *context.cite(*episode.evidence, limit=3, extra=text),
        report_citation(report, "chronicity.persistent", text),
    )
    return Draft(parts=(Statement(text=sentence(text), citations=based),), values=values)


def _at_onset(step: Explain, context: Context, episode: Episode) -> Draft:
    """How old the patient was when it began, or how long ago the patient was last well."""
    start = episode.start
    if start is None:
        text = "The record does not say when the episode began."
        cited = (report_citation(context.report, "chronicity.persistent", text),)
        return Draft(
            parts=(Statement(text=text, citations=cited),), values=("unknown",), status="partly"
        )
    if step.subject == "well":
        return _last_well(start, context, episode)
    age, born = _age_on(context, start)
    if born is None:
        return Draft(
            parts=(Statement(text="The record does not give the date of birth."),),
            status="abstained",
        )
    text = f"the patient was {age} years old when the episode began ({day(start)})"
    based = (*context.cite(*episode.evidence, limit=2, extra=text), born)
    return Draft(
        parts=(Statement(text=sentence(text), citations=based, computed=text),), values=(age,)
    )


def _age_on(context: Context, when: PartialDate) -> tuple[str, Citation | None]:
    """The patient's age then, with the date of birth it follows from."""
    if context.case is None:
        return "unknown", None
    reference = context.case.treatment.patient.reference
    birth = context.case.chart.resources.get(reference, {}).get("birthDate")
    if not isinstance(birth, str):
        return "unknown", None
    cited = record_citation(context.case.chart, reference, "birthDate")
    return age_between(birth, when.earliest, when.latest), cited


def _last_well(start: PartialDate, context: Context, episode: Episode) -> Draft:
    """The last score in remission, else the time before the episode began."""
    well = [
        p for p in context.report.scores
        if (scale := tables.scales().get(p.scale)) is not None and scale.in_remission(p.value)
    ]  # fmt: skip
    if well:
        point = well[-1]
        text = f"the last score in remission: {point.scale} {figure(point.value)} on {point.date}"
        of_score = context.cite(*point.evidence, limit=2, extra=text)
        return Draft(
            parts=(Statement(text=sentence(text), citations=of_score),), values=(point.date.text,)
        )
    text = f"no score in remission is recorded; the episode began on {day(start)}, so before that"
    cited = (
        *context.cite(*episode.evidence, limit=2, extra=text),
        report_citation(context.report, "chronicity.persistent", text),
    )
    return Draft(parts=(Statement(text=sentence(text), citations=cited),), values=(start.text,))


def _basis(basis: str) -> str:
    """The basis of the onset without the id of the resource, which is cited."""
    reference, _, words = basis.partition(" ")
    return (
        f"{words} of the recorded {reference.split('/')[0].lower()}" if "/" in reference else basis
    )


def write_persistent(step: Explain, context: Context) -> Draft:
    """Say whether the episode is long enough for persistent depressive disorder."""
    episode = context.report.episode
    verdict = episode.persistent if episode is not None else Verdict.UNKNOWN
    value = {Verdict.MET: "yes", Verdict.NOT_MET: "no"}.get(verdict, "unknown")
    lead = {
        "yes": "Yes, the episode has lasted as long as persistent depressive disorder requires.",
        "no": "No, the episode is shorter than persistent depressive disorder requires.",
        "unknown": "The record does not settle how long the episode has lasted.",
    }[value]
    rule = "chronicity.persistent"
    cited = (report_citation(context.report, rule, lead), *context.rules(rule))
    rest = write_episode(step, context).parts
    return Draft(
        parts=(Statement(text=lead, citations=cited), *rest),
        values=(value,),
        status="partly" if value == "unknown" else "answered",
    )


def write_diagnoses(step: Explain, context: Context) -> Draft:
    """List the diagnoses the report rests on."""
    if step.asked == "recurrent":
        return _recurrent(step, context)
    diagnoses = context.report.diagnoses
    if not diagnoses:
        text = "The record holds no diagnosis that bears on depression."
        cited = (report_citation(context.report, "diagnosis.depression", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("none",))
    parts = tuple(
        Statement(
            text=sentence(f"{d.label} ({d.verification.value})"),
            citations=context.cite(*d.evidence, limit=2, extra=d.label),
        )
        for d in diagnoses
    )
    return Draft(parts=parts, values=tuple(d.label for d in diagnoses))


def _recurrent(step: Explain, context: Context) -> Draft:
    """Whether the recorded diagnosis is of a first episode or of a later one."""
    told = [d for d in context.report.diagnoses if d.category == "depression"]
    kinds = {word for d in told for word in ("recurrent", "single episode")
             if word in d.label.lower()}  # fmt: skip
    kind = kinds.pop() if len(kinds) == 1 else "unknown"
    earlier = listed([t.drug for t in context.report.earlier_trials])
    parts = [
        Statement(
            text=sentence(f"recorded as: {d.label}"),
            citations=context.cite(*d.evidence, limit=2, extra=d.label),
        )
        for d in told
    ]
    text = "how many episodes there were before, the record does not say in a form I read"
    if earlier:
        text = f"trials of an earlier episode are recorded: {earlier}"
    cited = (report_citation(context.report, "diagnosis.depression", f"{text} {earlier}"),)
    parts.append(Statement(text=sentence(text), citations=cited))
    if step.yes_no:
        kind = "yes" if kind == "recurrent" or earlier else (
            "no" if kind == "single episode" else "unknown"
        )  # fmt: skip
    values = (kind,) if told else ("unknown",)
    return Draft(
        parts=tuple(parts), values=values, status="partly" if "unknown" in values else "answered"
    )
