"""What is said of trials: each one, the list, the count of failures, what runs now."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_FLOOR, Decimal

from assistant.answering.evidence import Citation, Draft, Statement, Table, report_citation
from assistant.answering.plan import (
    CURRENT_TRIAL,
    EARLIER_TRIALS,
    FIRST_TRIAL,
    LAST_TRIAL,
    LATER_TRIALS,
    Aggregate,
    Bound,
    Explain,
)
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import (
    day,
    days,
    figure,
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

MANY = 3
"""More trials than this are shown as a table."""

CRITERIA = {
    "dose": ("adequacy.dose", "the dose"),
    "duration": ("adequacy.duration", "the duration"),
    "adherence": ("adequacy.adherence", "adherence"),
}
VERDICT_WORDS = {
    Verdict.MET: "adequate",
    Verdict.NOT_MET: "not adequate",
    Verdict.UNKNOWN: "not known",
}


_BASIS = ("drug", "dose", "start", "end")
"""What a trial is cited for unless less is said of it."""


_PLACES: dict[str, Callable[[tuple[Trial, ...]], tuple[Trial, ...]]] = {
    FIRST_TRIAL: lambda trials: trials[:1],
    LAST_TRIAL: lambda trials: trials[-1:],
    EARLIER_TRIALS: lambda trials: trials[:-1] or trials,
    LATER_TRIALS: lambda trials: trials[1:],
    CURRENT_TRIAL: lambda trials: tuple(t for t in trials if t.ongoing) or trials,
}


def chosen(step: Explain, context: Context) -> tuple[Trial, ...]:
    """The trials a step is about; all of the episode where it names none."""
    report = context.report
    if not step.trials:
        return report.trials
    if step.trials[0] in _PLACES:
        return _PLACES[step.trials[0]](report.trials)
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
    if step.asked == "during":
        return _during(step, context)
    trials = _listed(step, context)
    if not trials and step.subject and (step.asked == "any" or step.aggregate is Aggregate.COUNT):
        text = f"The record holds no antidepressant trial of the class {step.subject}."
        cited = (report_citation(context.report, "trial.failed", text),)
        value = "no" if step.asked == "any" else "0"
        return Draft(parts=(Statement(text=text, citations=cited),), values=(value,))
    if not trials:
        return Draft(
            parts=(
                Statement(
                    text="The record holds no such antidepressant trial of this episode.",
                    citations=(report_citation(context.report, "trial.failed", "no trial"),),
                ),
            ),
            values=("no" if step.asked == "any" else "none",),
        )
    names = tuple(trial.drug for trial in trials)
    count = f"{len(trials)} antidepressant trial{'s' if len(trials) != 1 else ''}"
    which = {"before": " before that", "after": " after that", "classes": ""}.get(
        step.subject, f" of the class {step.subject}" if step.subject else ""
    )
    told = f"The record holds {count} of this episode{which}: {listed(names)}."
    if step.trials and not step.subject:
        told = f"Of the {len(context.report.trials)} trials of this episode: {listed(names)}."
    lead = Statement(
        text=told,
        citations=tuple(c for trial in trials for c in trial_citations(context, trial, "drug")[:1]),
        computed=f"{len(trials)} {told}",
    )
    counted = step.aggregate is Aggregate.COUNT
    values = (str(len(trials)),) if counted else ("yes",) if step.asked == "any" else names
    if step.asked == "no_such":
        lead = replace(lead, text=f"There is no such trial. {lead.text}")
        values = ("no",)
    if step.asked == "shown":
        values = ()  # what exactly is asked of them was not understood: the trials are shown
    if step.subject == "classes":
        values = _classes_told(step, trials)
    return Draft(parts=(lead, *_rows(trials, context)), values=values)


def _during(step: Explain, context: Context) -> Draft:
    """The trials that ran in a stretch of time, or whether one did."""
    known = context.report.trials + context.report.earlier_trials
    asked_of = [t for t in known if not step.trials or t.id in step.trials]
    ran = [t for t in asked_of if _ran_in(t, step) is True]
    open_ones = [t for t in asked_of if _ran_in(t, step) is None]
    told = ran or open_ones or asked_of
    cited = tuple(c for t in told for c in trial_citations(context, t, "start", "end")) or (
        report_citation(context.report, "trial.failed", "no trial"),
    )
    names = listed([t.drug for t in told])
    if not ran and open_ones:
        text = f"Whether {names} was taken then is not known: a date is not recorded."
        return Draft(
            parts=(Statement(text=sentence(text), citations=cited, computed=names),),
            values=("unknown",),
            status="partly",
        )
    spans = "; ".join(f"{t.drug} from {day(t.start)} to {_until(t)}" for t in told)
    lead = "" if ran else "no antidepressant trial ran in that time"
    text = ": ".join(part for part in (lead, spans) if part)
    value = "yes" if ran else "no"
    values = (value,) if step.yes_no or step.trials else tuple(t.drug for t in ran) or ("none",)
    return Draft(
        parts=(Statement(text=sentence(text), citations=cited, computed=text),), values=values
    )


def _until(trial: Trial) -> str:
    return "now" if trial.ongoing else day(trial.end)


def _ran_in(trial: Trial, step: Explain) -> bool | None:
    """Whether a trial ran in the window asked about; None where its dates do not say."""
    window = step.window
    if window is None:
        return True
    began_after = window.end is not None and trial.start is not None and (
        trial.start.earliest > window.end.date()
    )  # fmt: skip
    ended_before = window.start is not None and trial.end is not None and not trial.ongoing and (
        trial.end.latest < window.start.date()
    )  # fmt: skip
    if began_after or ended_before:
        return False
    return None if trial.start is None or (trial.end is None and not trial.ongoing) else True


def _classes_told(step: Explain, trials: Sequence[Trial]) -> tuple[str, ...]:
    """How many classes the trials are of, or whether they are of different ones."""
    if step.asked == "names":
        return tuple(dict.fromkeys(trial.drug_class for trial in trials))
    count = len({trial.drug_class for trial in trials})
    if step.asked not in ("different", "same"):
        return (str(count),)
    return ("yes" if (count > 1) is (step.asked == "different") else "no",)


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
    for name, (rule, words) in CRITERIA.items():
        verdict: Verdict = getattr(trial.adequacy, name)
        if verdict is Verdict.MET:
            continue
        parts.append(
            Statement(
                text=sentence(f"{words} is {VERDICT_WORDS[verdict]}{figures(trial, name)}"),
                citations=(verdict_citation(context, trial, rule), *context.rules(rule)),
                fallback=sentence(f"{words} is {VERDICT_WORDS[verdict]}"),
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


def percent_of(share: Decimal) -> str:
    """A share in percent, to one decimal, never rounded up to the whole."""
    return figure((share * 100).quantize(Decimal("0.1"), rounding=ROUND_FLOOR))


def figures(trial: Trial, criterion: str) -> str:
    """The figures that a verdict on one criterion rests on, in brackets; empty where none."""
    if criterion == "dose" and trial.max_daily_dose_mg is not None:
        floor = trial.min_adequate_dose_mg
        against = f" against a minimum of {mg_a_day(floor)}" if floor is not None else ""
        return f" (at most {mg_a_day(trial.max_daily_dose_mg)}{against})"
    if criterion == "duration":
        return f" ({days(trial.days_at_adequate_dose)} at an adequate dose)"
    if criterion == "adherence" and trial.adherence is not None and trial.adherence.value:
        return f" ({percent_of(trial.adherence.value)} %)"
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


_COUNTED_AS = {"adequate": Verdict.MET, "inadequate": Verdict.NOT_MET}


def write_failed_count(step: Explain, context: Context) -> Draft:
    """Count the failed adequate trials, proven and possible."""
    if step.asked in _COUNTED_AS:
        return _count_by_adequacy(step.asked, context)
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
    if step.bound is Bound.AT_LEAST:
        values = (str(len(failed)),)
    if step.bound is Bound.AT_MOST:
        possible = [t for t in trials if t.failed is not Answer.NO]
        values = (str(len(possible)),)
        text = f"At most {len(possible)}, with every trial that is not known not to have failed."
        rest = tuple(verdict_citation(context, t, "trial.failed") for t in possible)
        parts.append(Statement(text=text, citations=rest or cited, computed=str(len(possible))))
    if step.asked == "any":
        values = ("yes" if working else "no",)
    if step.subject == "names":
        values = tuple(t.drug for t in working) or ("none",)
    return Draft(parts=tuple(parts), values=values, rests_on_staging=True)


def _count_by_adequacy(asked: str, context: Context) -> Draft:
    """Count the adequate or inadequate trials, whatever came of them; name what is open."""
    trials = context.report.trials
    counted = [t for t in trials if t.adequacy.overall is _COUNTED_AS[asked]]
    unclear = [t for t in trials if t.adequacy.overall not in _COUNTED_AS.values()]
    text = f"{len(counted)} {asked} trial{'s' if len(counted) != 1 else ''}"
    text += f": {listed([t.drug for t in counted])}" if counted else ""
    text += f"; not known for {listed([t.drug for t in unclear])}" if unclear else ""
    cited = tuple(verdict_citation(context, t, "adequacy.overall") for t in trials)
    cited += tuple(c for t in trials for c in trial_citations(context, t)[:1])
    statement = Statement(text=sentence(text), citations=cited, computed=text)
    status = "partly" if unclear else "answered"
    return Draft(
        parts=(statement,), values=(str(len(counted)),), status=status, rests_on_staging=True
    )


def _days_without(last: Trial, context: Context) -> Draft:
    """How long ago the last trial ended."""
    end = last.end
    exact = end is not None and end.earliest == end.latest
    gone = (context.as_of.day - end.latest).days if end is not None else 0
    value = f"{gone} days" if exact else "unknown"
    text = f"{last.drug}, the last trial, ended on {day(end)}"
    text += f", {value} before {context.as_of.day.isoformat()}" if exact else ""
    cited = trial_citations(context, last, "end")
    statement = Statement(text=sentence(text), citations=cited, computed=text)
    return Draft(parts=(statement,), values=(value,), status="answered" if exact else "partly")


def write_current(step: Explain, context: Context) -> Draft:
    """Say which antidepressants are being taken at the moment asked about."""
    ongoing = [trial for trial in context.report.trials if trial.ongoing]
    if not ongoing:
        last = context.report.trials[-1:]
        if step.asked == "since" and last:
            return _days_without(last[0], context)
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
    values = ("0 days",) if step.asked == "since" else tuple(trial.drug for trial in ongoing)
    return Draft(parts=parts, values=values)
