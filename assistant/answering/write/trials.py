"""What is said of trials: each one, the list, the count of failures, one attribute."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from assistant.answering.evidence import Citation, Draft, Statement, Table, report_citation
from assistant.answering.plan import Aggregate, Explain, Topic
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import (
    DAYS_A_WEEK,
    day,
    days,
    figure,
    length,
    listed,
    mg_a_day,
    outcome_words,
    sentence,
    trial_name,
    trial_support,
)
from assistant.staging.record import evidence_for
from assistant.staging.report import Trial
from assistant.staging.verdicts import Answer, Verdict

DAYS_A_MONTH = Decimal("30.4375")
MANY = 3
"""More trials than this are shown as a table."""

_CRITERIA = {
    "dose": ("adequacy.dose", "the dose"),
    "duration": ("adequacy.duration", "the duration"),
    "adherence": ("adequacy.adherence", "adherence"),
}
_VERDICT_WORDS = {
    Verdict.MET: "adequate",
    Verdict.NOT_MET: "not adequate",
    Verdict.UNKNOWN: "not known",
}


_BASIS = ("drug", "dose", "start", "end")
"""What a trial is cited for unless less is said of it."""


def chosen(step: Explain, context: Context) -> tuple[Trial, ...]:
    """The trials a step is about; all of the episode where it names none."""
    report = context.report
    if not step.trials:
        return report.trials
    if step.trials == ("last",):
        return report.trials[-1:]
    found = (report.trial(trial_id) for trial_id in step.trials)
    return tuple(trial for trial in found if trial is not None)


def trial_citations(context: Context, trial: Trial, *attributes: str) -> tuple[Citation, ...]:
    """The elements of the chart a trial rests on, those of ``attributes`` first."""
    each = [evidence_for(trial.evidence, name)[:1] for name in attributes or _BASIS]
    wanted = [item for found in each for item in found] or list(trial.evidence[:3])
    return context.cite(*wanted, limit=len(_BASIS), extra=trial_support(trial))


def verdict_citation(context: Context, trial: Trial, rule: str) -> Citation:
    """The computed verdict of ``rule`` on a trial."""
    return report_citation(context.report, rule, trial_support(trial), trial.id)


def score_citations(context: Context, trial: Trial) -> tuple[Citation, ...]:
    """The scores an outcome rests on."""
    return context.cite(*trial.outcome.evidence, limit=2, extra=trial_support(trial))


def describe(trial: Trial) -> str:
    """A trial in one clause: drug, dose, time, outcome."""
    dose = trial.labelled_daily_dose_mg or trial.max_daily_dose_mg
    parts = [trial_name(trial), f"up to {mg_a_day(dose)}" if dose is not None else "dose unknown"]
    parts.append(f"{day(trial.start)} to {'now' if trial.ongoing else day(trial.end)}")
    parts.append(outcome_words(trial.outcome))
    return ", ".join(parts)


def write_trials(step: Explain, context: Context) -> Draft:
    """List the trials."""
    trials = _listed(step, context)
    if not trials and step.aggregate is Aggregate.COUNT and step.subject:
        text = f"The record holds no antidepressant trial of the class {step.subject}."
        cited = (report_citation(context.report, "trial.failed", text),)
        return Draft(parts=(Statement(text=text, citations=cited),), values=("0",))
    if not trials:
        return Draft(
            parts=(
                Statement(
                    text="The record holds no such antidepressant trial of this episode.",
                    citations=(report_citation(context.report, "trial.failed", "no trial"),),
                ),
            ),
            values=("none",),
        )
    names = tuple(trial.drug for trial in trials)
    count = f"{len(trials)} antidepressant trial{'s' if len(trials) != 1 else ''}"
    which = {"before": " before that", "after": " after that", "classes": ""}.get(
        step.subject, f" of the class {step.subject}" if step.subject else ""
    )
    lead = Statement(
        text=f"The record holds {count} of this episode{which}: {listed(names)}.",
        citations=tuple(c for trial in trials for c in trial_citations(context, trial, "drug")[:1]),
        computed=f"{len(trials)} {' '.join(names)}",
    )
    counted = step.aggregate is Aggregate.COUNT and step.subject
    values = (str(len(trials)),) if counted else names
    if step.subject == "classes":
        values = (str(len({trial.drug_class for trial in trials})),)
    return Draft(parts=(lead, *_rows(trials, context)), values=values)


def _listed(step: Explain, context: Context) -> tuple[Trial, ...]:
    """The trials asked for: all, those of a class, or those beside the one named."""
    if step.subject in ("before", "after"):
        every = context.report.trials
        places = [place for place, trial in enumerate(every) if trial.id in step.trials]
        if not places:
            return ()
        return every[: places[0]] if step.subject == "before" else every[places[-1] + 1 :]
    trials = chosen(step, context)
    if step.subject and step.subject != "classes":
        return tuple(trial for trial in trials if trial.drug_class == step.subject)
    return trials


def _rows(trials: Sequence[Trial], context: Context) -> tuple[Statement | Table, ...]:
    if len(trials) <= MANY:
        return tuple(
            Statement(
                text=sentence(f"{describe(trial)}; failed: {trial.failed.value}"),
                citations=(
                    *trial_citations(context, trial),
                    *score_citations(context, trial),
                    verdict_citation(context, trial, "trial.failed"),
                ),
            )
            for trial in trials
        )
    rows = tuple(
        (
            (
                trial.id,
                trial_name(trial),
                mg_a_day(trial.labelled_daily_dose_mg or trial.max_daily_dose_mg),
                f"{day(trial.start)} to {'now' if trial.ongoing else day(trial.end)}",
                outcome_words(trial.outcome),
                trial.failed.value,
            ),
            (
                *trial_citations(context, trial)[:2],
                verdict_citation(context, trial, "trial.failed"),
            ),
        )
        for trial in trials
    )
    return (Table(header=("", "Drug", "Dose", "From, to", "Outcome", "Failed"), rows=rows),)


def write_trial(step: Explain, context: Context) -> Draft:
    """Say why a trial counts as failed, or does not."""
    if step.drugs and not step.trials:
        return none_of_that(step, context)
    drafts = [_one_trial(trial, context) for trial in chosen(step, context)]
    return joined(drafts) if drafts else none_of_that(step, context)


def joined(drafts: Sequence[Draft]) -> Draft:
    """Several drafts as one."""
    statuses = [draft.status for draft in drafts]
    status = statuses[0] if len(set(statuses)) == 1 else "partly"
    return Draft(
        parts=tuple(part for draft in drafts for part in draft.parts),
        values=tuple(value for draft in drafts for value in draft.values),
        status=status,
        rests_on_staging=any(draft.rests_on_staging for draft in drafts),
    )


def _one_trial(trial: Trial, context: Context) -> Draft:
    verdict = verdict_citation(context, trial, "trial.failed")
    lead = {
        Answer.YES: f"Yes, the {trial.drug} trial counts as a failed adequate trial.",
        Answer.NO: f"No, the {trial.drug} trial does not count as a failed adequate trial.",
        Answer.UNKNOWN: f"The record does not settle whether the {trial.drug} trial counts.",
    }[trial.failed]
    parts = [
        Statement(text=lead, citations=(verdict, *context.rules("trial.failed"))),
        Statement(
            text=sentence(describe(trial)),
            citations=(*trial_citations(context, trial),
                       *score_citations(context, trial)),
        ),
        *_reasons(trial, context),
    ]  # fmt: skip
    if trial.failed is not trial.failed_working:
        word = {"yes": "it counts as failed", "no": "it does not count as failed"}.get(
            trial.failed_working.value, "it stays open"
        )
        parts.append(
            Statement(
                text=f"Under the ruleset's assumptions {word}.",
                citations=(verdict,),
            )
        )
    status = "partly" if trial.failed is Answer.UNKNOWN else "answered"
    return Draft(parts=tuple(parts), values=(trial.failed.value,), status=status)


def _reasons(trial: Trial, context: Context) -> list[Statement]:
    parts = []
    for name, (rule, words) in _CRITERIA.items():
        verdict: Verdict = getattr(trial.adequacy, name)
        if verdict is Verdict.MET:
            continue
        parts.append(
            Statement(
                text=sentence(f"{words} is {_VERDICT_WORDS[verdict]}{_figures(trial, name)}"),
                citations=(verdict_citation(context, trial, rule), *context.rules(rule)),
                fallback=sentence(f"{words} is {_VERDICT_WORDS[verdict]}"),
            )
        )
    settled = trial.adequacy.overall is not Verdict.NOT_MET
    if settled and trial.outcome.category in ("remission", "response", "unknown"):
        rule = f"outcome.{trial.outcome.category}"
        open_ = trial.outcome.category == "unknown"
        told = "no score shows the outcome" if open_ else outcome_words(trial.outcome)
        parts.append(
            Statement(
                text=sentence(told if open_ else f"the outcome: {told}"),
                citations=(*score_citations(context, trial),
                           verdict_citation(context, trial, "trial.failed"),
                           *context.rules(rule)),
            )
        )  # fmt: skip
    if trial.discontinuation == "intolerance":
        parts.append(
            Statement(
                text="It was stopped for adverse effects, which is intolerance and no failure.",
                citations=(
                    verdict_citation(context, trial, "trial.intolerance"),
                    *context.rules("trial.intolerance"),
                ),
            )
        )
    return parts


def _percent(share: Decimal) -> str:
    """A share in percent, to one decimal, never rounded up to the whole."""
    return figure((share * 100).quantize(Decimal("0.1"), rounding=ROUND_FLOOR))


def _figures(trial: Trial, criterion: str) -> str:
    if criterion == "dose" and trial.max_daily_dose_mg is not None:
        floor = trial.min_adequate_dose_mg
        against = f" against a minimum of {mg_a_day(floor)}" if floor is not None else ""
        return f" (at most {mg_a_day(trial.max_daily_dose_mg)}{against})"
    if criterion == "duration":
        return f" ({days(trial.days_at_adequate_dose)} at an adequate dose)"
    if criterion == "adherence" and trial.adherence is not None and trial.adherence.value:
        return f" ({_percent(trial.adherence.value)} %)"
    return " from the record" if criterion == "adherence" else ""


def none_of_that(step: Explain, context: Context) -> Draft:
    """Correct a premise: there is no such trial in this record."""
    named = listed(step.drugs) if step.drugs else "that"
    trials = context.report.trials
    have = listed([trial.drug for trial in trials]) if trials else "none"
    excluded = [e for e in context.report.excluded_exposures if e.drug in step.drugs]
    parts = [
        Statement(
            text=f"The record holds no antidepressant trial of {named}; its trials are: {have}.",
            citations=tuple(
                c for trial in trials for c in trial_citations(context, trial, "drug")[:1]
            )
            or (report_citation(context.report, "trial.failed", "no trial"),),
            computed=named,
        )
    ]
    parts += [
        Statement(
            text=sentence(f"{item.drug} is recorded but not counted: {item.reason}"),
            citations=context.cite(*item.evidence, extra=f"{item.drug} {item.reason}"),
        )
        for item in excluded
    ]
    return Draft(parts=tuple(parts), values=("no",))


def write_failed_count(step: Explain, context: Context) -> Draft:
    """Count the failed adequate trials, proven and possible."""
    trials = context.report.trials
    failed = [t for t in trials if t.failed is Answer.YES]
    working = [t for t in trials if t.failed_working is Answer.YES]
    names = listed([t.drug for t in working]) or "none"
    text = f"{len(working)} failed adequate trial{'s' if len(working) != 1 else ''}: {names}"
    cited = tuple(verdict_citation(context, t, "trial.failed") for t in working or trials)
    parts = [
        Statement(
            text=sentence(text),
            citations=(*cited, *(c for t in working for c in trial_citations(context, t)[:1]),
                       *context.rules("trial.failed")),
            computed=f"{len(working)} {names}",
        )
    ]  # fmt: skip
    if len(failed) != len(working):
        parts.append(
            Statement(
                text=f"The record alone proves {len(failed)}; the rest follows from the "
                "assumptions of the ruleset.",
                citations=cited,
                computed=str(len(failed)),
            )
        )
    values: tuple[str, ...] = (str(len(working)),)
    if step.subject == "names":
        values = tuple(t.drug for t in working) or ("none",)
    return Draft(parts=tuple(parts), values=values, rests_on_staging=True)


Attribute = Callable[[Trial, Explain], tuple[str, str, tuple[str, ...], str]]
"""Value, sentence, evidence attributes, rule."""


def _dose(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    del step
    value = mg_a_day(trial.labelled_daily_dose_mg or trial.max_daily_dose_mg)
    return value, f"{trial.drug} reached {value}", ("dose",), "adequacy.dose"


def _length(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    span = trial.days_at_adequate_dose if "adequate" in step.subject else trial.days
    value = days(span)
    if step.subject.startswith("month") and span.low == span.high:
        value = f"{figure(round(span.low / DAYS_A_MONTH, 1))} months"
    elif step.subject.startswith("week") and span.low == span.high:
        value = f"{figure(round(span.low / DAYS_A_WEEK, 1))} weeks"
    where = " at an adequate dose" if "adequate" in step.subject else ""
    text = f"{trial.drug} was taken for {length(span)}{where}"
    if trial.ongoing:
        text += " so far"
    return value, text, ("start", "end", "dose"), "adequacy.duration"


def _start(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    del step
    value = trial.start.text if trial.start else "unknown"
    return value, f"{trial.drug} began on {day(trial.start)}", ("start",), "adequacy.duration"


def _end(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    running = step.subject == "running"
    if trial.ongoing:
        value = "yes" if running else "ongoing"
        return value, f"{trial.drug} is still being taken", ("end", "status"), "trial.failed"
    value = trial.end.text if trial.end else "unknown"
    if running:
        value = "no" if trial.end else "unknown"
    return value, f"{trial.drug} ended on {day(trial.end)}", ("end",), "adequacy.duration"


def _adherence(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    found = trial.adherence
    if found is None or (found.value is None and trial.adequacy.adherence is Verdict.UNKNOWN):
        text = f"adherence to {trial.drug} is not documented"
        return "unknown", text, ("adherence",), "adequacy.adherence"
    if step.subject == "yes_no":
        value = {Verdict.MET: "yes", Verdict.NOT_MET: "no"}.get(trial.adequacy.adherence, "unknown")
    else:
        value = f"{_percent(found.value)} %" if found.value is not None else (
            _VERDICT_WORDS[trial.adequacy.adherence]
        )  # fmt: skip
    shown = f"{_percent(found.value)} %, " if found.value is not None else ""
    words = _VERDICT_WORDS[trial.adequacy.adherence]
    text = f"adherence to {trial.drug}: {shown}{words} ({found.basis})"
    return value, text, ("adherence",), "adequacy.adherence"


def _outcome(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    outcome = trial.outcome
    words = outcome_words(outcome)
    text = f"on {trial.drug}: {words}"
    rule = f"outcome.{outcome.category}"
    value = outcome.category.replace("_", " ")
    if step.subject in ("response", "remission"):
        good = {"response": ("response", "remission"), "remission": ("remission",)}[step.subject]
        value = "unknown" if outcome.category == "unknown" else (
            "yes" if outcome.category in good else "no"
        )  # fmt: skip
        text = f"{value}, {text}" if value != "unknown" else text
    elif step.subject == "percent":
        percent = outcome.percent_reduction
        value = f"{figure(round(percent, 2))} %" if percent is not None else "unknown"
    elif step.subject == "baseline":
        value = figure(outcome.baseline) if outcome.baseline is not None else "unknown"
    elif step.subject == "endpoint":
        value = figure(outcome.endpoint) if outcome.endpoint is not None else "unknown"
    return value, text, ("outcome",), rule


def _stop(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    reason = trial.discontinuation
    if step.subject == "tolerated" and reason in ("inefficacy", "intolerance"):
        text = "it was stopped for adverse effects" if reason == "intolerance" else (
            f"no intolerance of {trial.drug} is recorded; it was stopped for lack of effect"
        )  # fmt: skip
        rule = "trial.intolerance" if reason == "intolerance" else "trial.failed"
        return ("no" if reason == "intolerance" else "yes"), text, ("stop_reason",), rule
    words = {
        "inefficacy": "for lack of effect",
        "intolerance": "for adverse effects",
        "other": "for another reason",
    }
    if reason == "ongoing" or trial.ongoing:
        return "ongoing", f"{trial.drug} is still being taken", ("status",), "trial.failed"
    if reason not in words:
        text = f"why {trial.drug} was stopped is not recorded"
        return "unknown", text, ("stop_reason", "end"), "trial.failed"
    text = f"{trial.drug} was stopped {words[reason]}"
    rule = "trial.intolerance" if reason == "intolerance" else "trial.failed"
    return reason, text, ("stop_reason",), rule


def _adequate(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    criterion = step.subject if step.subject in _CRITERIA else "overall"
    verdict: Verdict = getattr(trial.adequacy, criterion)
    value = {Verdict.MET: "yes", Verdict.NOT_MET: "no"}.get(verdict, "unknown")
    what = {"overall": "trial"}.get(criterion, criterion)
    text = f"the {what} of {trial.drug} is {_VERDICT_WORDS[verdict]}{_figures(trial, criterion)}"
    if criterion == "overall":
        each = ", ".join(
            f"{name} {_VERDICT_WORDS[getattr(trial.adequacy, name)]}" for name in _CRITERIA
        )
        text = f"the {trial.drug} trial is {_VERDICT_WORDS[verdict]}: {each}"
    return value, text, ("dose", "start", "end"), f"adequacy.{criterion}"


def _drug_class(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    del step
    text = f"{trial.drug} belongs to the class {trial.drug_class}"
    return trial.drug_class, text, ("drug",), "trd.definition"


_ATTRIBUTES: dict[Topic, Attribute] = {
    Topic.TRIAL_DOSE: _dose,
    Topic.TRIAL_LENGTH: _length,
    Topic.TRIAL_START: _start,
    Topic.TRIAL_END: _end,
    Topic.TRIAL_ADHERENCE: _adherence,
    Topic.TRIAL_OUTCOME: _outcome,
    Topic.TRIAL_STOP: _stop,
    Topic.TRIAL_ADEQUATE: _adequate,
    Topic.DRUG_CLASS: _drug_class,
}


def write_attribute(step: Explain, context: Context) -> Draft:
    """Say one attribute of one trial, or of each."""
    trials = chosen(step, context)
    if not trials or (step.drugs and not step.trials):
        return none_of_that(step, context)
    draft = joined([_one_attribute(trial, step, context) for trial in trials])
    return _any_of(draft) if step.asked == "any" else draft


def _any_of(draft: Draft) -> Draft:
    """One answer for all trials: yes if any, else what is open, else no."""
    value = next((v for v in ("yes", "unknown") if v in draft.values), "no")
    status = "partly" if value == "unknown" else "answered"
    return replace(draft, values=(value,), status=status)


def _one_attribute(trial: Trial, step: Explain, context: Context) -> Draft:
    value, text, attributes, rule = _ATTRIBUTES[step.topic](trial, step)
    cited = trial_citations(context, trial, *attributes)
    if step.topic is Topic.TRIAL_OUTCOME:
        cited = score_citations(context, trial) or cited
    statement = Statement(
        text=sentence(text),
        citations=(*cited, verdict_citation(context, trial, rule), *context.rules(rule)),
    )
    return Draft(
        parts=(statement,), values=(value,), status="partly" if value == "unknown" else "answered"
    )


def write_current(step: Explain, context: Context) -> Draft:
    """Say which antidepressants are being taken at the moment asked about."""
    del step
    ongoing = [trial for trial in context.report.trials if trial.ongoing]
    if not ongoing:
        last = context.report.trials[-1:]
        return Draft(
            parts=(
                Statement(
                    text="No antidepressant trial is ongoing in the record.",
                    citations=tuple(c for t in last for c in trial_citations(context, t, "end"))
                    or (report_citation(context.report, "trial.failed", "no trial"),),
                ),
            ),
            values=("none",),
        )
    parts = tuple(
        Statement(
            text=sentence(
                f"{trial_name(trial)}, {mg_a_day(trial.labelled_daily_dose_mg)}, "
                f"since {day(trial.start)}"
            ),
            citations=trial_citations(context, trial),
        )
        for trial in ongoing
    )
    return Draft(parts=parts, values=tuple(trial.drug for trial in ongoing))
