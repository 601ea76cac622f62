"""What is said of one attribute of a trial: dose, length, dates, adherence, outcome, end."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from assistant.answering.evidence import Citation, Draft, Statement
from assistant.answering.plan import Explain, Topic
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import (
    DAYS_A_WEEK,
    day,
    days,
    figure,
    length,
    mg_a_day,
    outcome_words,
    sentence,
)
from assistant.answering.write.trials import (
    CRITERIA,
    VERDICT_WORDS,
    chosen,
    figures,
    joined,
    none_of_that,
    percent_of,
    score_citations,
    trial_citations,
    verdict_citation,
)
from assistant.staging.dates import DayRange
from assistant.staging.report import Trial
from assistant.staging.ruleset import load_ruleset
from assistant.staging.verdicts import Verdict

DAYS_A_MONTH = Decimal("30.4375")

Attribute = Callable[[Trial, Explain], tuple[str, str, tuple[str, ...], str]]
"""Value, sentence, evidence attributes, rule."""


def _dose(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    known = [s for s in trial.dose_steps if s.dose_mg is not None]
    if step.subject in ("first", "steps") and known:
        told = [f"{mg_a_day(s.dose_mg)} from {day(s.start)} to {day(s.end)}" for s in known]
        doses = tuple(dict.fromkeys(mg_a_day(s.dose_mg) for s in known))
        value = doses[0] if step.subject == "first" else ", ".join(doses)
        only = "the only recorded dose of" if len(doses) == 1 else "recorded doses of"
        return value, f"{only} {trial.drug}: {'; '.join(told)}", ("dose", "start"), "adequacy.dose"
    if step.subject.startswith("since ") and known:
        wanted = Decimal(step.subject.removeprefix("since "))
        found = next((s for s in known if s.dose_mg == wanted), None)
        since = found.start if found is not None else None
        text = f"{trial.drug} at {mg_a_day(wanted)} is recorded from {day(since)}"
        return since.text if since else "unknown", text, ("dose", "start"), "adequacy.dose"
    value = mg_a_day(trial.labelled_daily_dose_mg or trial.max_daily_dose_mg)
    if value == "unknown":
        return value, f"the dose of {trial.drug} is not recorded", ("drug",), "adequacy.dose"
    return value, f"{trial.drug} reached {value}", ("dose",), "adequacy.dose"


def _remaining(trial: Trial) -> tuple[str, str, tuple[str, ...], str]:
    """How many days are left until an ongoing trial is long enough to judge."""
    least = load_ruleset().min_days
    done = trial.days_at_adequate_dose
    if not trial.ongoing:
        told = f"{trial.drug} is no longer taken; it had {days(done)} at an adequate dose"
        return "0 days", told, ("start", "end"), "adequacy.duration"
    left = DayRange(max(least - (done.high or done.low), 0), max(least - done.low, 0))
    told = (
        f"{trial.drug} has {days(done)} at an adequate dose; a trial needs {least}, "
        f"so {days(left)} are left"
    )
    if done.low == done.high and done.low < least and trial.adequate_run is not None:
        end = trial.adequate_run[0] + timedelta(days=least - 1)
        told += f", until {end.isoformat()} if it goes on"
    return days(left), told, ("start", "dose"), "adequacy.duration"


def _length(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    if step.subject == "remaining":
        return _remaining(trial)
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
    text = f"{trial.drug} began on {day(trial.start)}"
    return value, text, ("start", "drug"), "adequacy.duration"


def _end(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    running = step.subject == "running"
    if trial.ongoing:
        value = "yes" if running else "ongoing"
        return value, f"{trial.drug} is still being taken", ("end", "status"), "trial.failed"
    value = trial.end.text if trial.end else "unknown"
    if running:
        value = "no" if trial.end else "unknown"
    return value, f"{trial.drug} ended on {day(trial.end)}", ("end", "drug"), "adequacy.duration"


def _adherence(trial: Trial, step: Explain) -> tuple[str, str, tuple[str, ...], str]:
    found = trial.adherence
    if found is None or (found.value is None and trial.adequacy.adherence is Verdict.UNKNOWN):
        text = f"adherence to {trial.drug} is not documented"
        return "unknown", text, ("adherence",), "adequacy.adherence"
    if step.subject == "yes_no":
        value = {Verdict.MET: "yes", Verdict.NOT_MET: "no"}.get(trial.adequacy.adherence, "unknown")
    else:
        value = f"{percent_of(found.value)} %" if found.value is not None else (
            VERDICT_WORDS[trial.adequacy.adherence]
        )  # fmt: skip
    shown = f"{percent_of(found.value)} %, " if found.value is not None else ""
    words = VERDICT_WORDS[trial.adequacy.adherence]
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
    elif step.subject == "points" and None not in (outcome.baseline, outcome.endpoint):
        fall = (outcome.baseline or Decimal(0)) - (outcome.endpoint or Decimal(0))
        value = f"{figure(abs(fall))} point{'s' if abs(fall) != 1 else ''}"
        text += f"; {value} {'lower' if fall > 0 else 'higher' if fall else 'of change'}"
    elif step.subject in ("percent", "points"):
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
    if step.subject.startswith("because ") and reason in ("inefficacy", "intolerance", "other"):
        value = "yes" if reason == step.subject.removeprefix("because ") else "no"
        told = {"inefficacy": "lack of effect", "intolerance": "adverse effects"}.get(
            reason, "another reason"
        )
        text = f"{value}: {trial.drug} was stopped for {told}"
        return value, text, ("stop_reason",), "trial.failed"
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
    criterion = step.subject if step.subject in CRITERIA else "overall"
    verdict: Verdict = getattr(trial.adequacy, criterion)
    value = {Verdict.MET: "yes", Verdict.NOT_MET: "no"}.get(verdict, "unknown")
    what = {"overall": "trial"}.get(criterion, criterion)
    text = f"the {what} of {trial.drug} is {VERDICT_WORDS[verdict]}{figures(trial, criterion)}"
    if criterion == "overall":
        each = ", ".join(
            f"{name} {VERDICT_WORDS[getattr(trial.adequacy, name)]}" for name in CRITERIA
        )
        text = f"the {trial.drug} trial is {VERDICT_WORDS[verdict]}: {each}"
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


_JUDGED = frozenset({Topic.TRIAL_ADEQUATE, Topic.TRIAL_ADHERENCE, Topic.TRIAL_OUTCOME})
"""What is said with a verdict; a date as recorded needs no rule beside it."""
_COMPUTED = frozenset({Topic.TRIAL_DOSE, Topic.TRIAL_LENGTH})
"""What no single element states: the report that computed it is cited too."""


def _judging(
    trial: Trial, step: Explain, rule: str, context: Context, *, recorded: bool
) -> tuple[Citation, ...]:
    """The verdict and the rule that a sentence rests on, where it states one."""
    judged = step.topic in _JUDGED or step.subject == "remaining" or "adequate" in step.subject
    if judged or step.subject == "tolerated":
        return (verdict_citation(context, trial, rule), *context.rules(rule))
    if recorded and step.topic not in _COMPUTED:
        return ()
    return (verdict_citation(context, trial, rule),)


def _one_attribute(trial: Trial, step: Explain, context: Context) -> Draft:
    value, text, attributes, rule = _ATTRIBUTES[step.topic](trial, step)
    values: tuple[str, ...] = (value,)
    if step.subject == "both" and step.topic is Topic.TRIAL_OUTCOME:
        ends = (trial.outcome.baseline, trial.outcome.endpoint)
        values = tuple(figure(end) if end is not None else "unknown" for end in ends)
    cited = trial_citations(context, trial, *attributes)
    if step.topic is Topic.TRIAL_OUTCOME:
        cited = score_citations(context, trial) or cited
    statement = Statement(
        text=sentence(text),
        citations=(*cited, *_judging(trial, step, rule, context, recorded=bool(cited))),
        computed=text if step.subject in ("points", "remaining") else "",
    )
    status = "partly" if "unknown" in values else "answered"
    return Draft(parts=(statement,), values=values, status=status)
