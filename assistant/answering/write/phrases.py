"""How figures, dates and lists are put into words; ``values`` and text use the same."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from assistant.staging.dates import DayRange, PartialDate, months_between
from assistant.staging.report import Outcome, Trial

DAYS_A_WEEK = 7

METHOD_NAMES = {
    "trd": "treatment-resistant depression",
    "trd_without_class_rule": "treatment-resistant depression without the class rule",
    "source_stage": "the staging of the source text",
    "thase_rush": "Thase and Rush",
    "maudsley": "the Maudsley Staging Method",
    "gsrd": "GSRD",
    "european": "the European staging",
    "mgh_s": "MGH-S",
}
OUTCOME_WORDS = {
    "remission": "remission",
    "response": "response",
    "partial_response": "partial response",
    "non_response": "no response",
    "unknown": "outcome unknown",
}
CHECK_WORDS = {
    "bipolarity": "bipolarity",
    "psychosis": "a psychotic disorder",
    "hypothyroidism": "hypothyroidism",
    "sleep_apnoea": "sleep apnea",
    "inflammation": "inflammation",
    "nutritional": "a nutritional deficiency",
    "other_medical": "another medical condition",
    "substance_use": "substance use",
    "anxiety": "an anxiety disorder",
    "other_psychiatric": "another psychiatric condition",
    "depressogenic_drug": "a drug that can depress mood",
    "interaction": "a drug interaction",
    "plasma_level": "a plasma level out of range",
    "inadequate_exposure": "inadequate treatment exposure",
    "adherence": "poor adherence",
    "intolerance": "intolerance",
}
ACTION_WORDS = {
    "address_safety": "address safety first",
    "reassess_diagnosis": "reassess the diagnosis",
    "treat_comorbidity": "treat the comorbidity",
    "confirm_adherence": "confirm adherence",
    "repair_trial": "repair the inadequate trial",
    "measure": "measure",
    "optimise": "optimize the current drug",
    "augment": "augment",
    "switch": "switch",
    "consider_psychotherapy": "consider psychotherapy",
    "consider_neuromodulation": "consider neuromodulation",
    "consider_ketamine": "consider ketamine or esketamine",
    "continue": "continue",
}


def figure(value: Decimal | float) -> str:
    """A number without trailing zeros."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    if number == number.to_integral_value():
        return str(int(number))
    return format(number.normalize(), "f")


def mg_a_day(value: Decimal | None) -> str:
    """A daily dose; "unknown" where none is known."""
    return "unknown" if value is None else f"{figure(value)} mg/day"


def days(span: DayRange) -> str:
    """A number of days, exact or as a range."""
    if span.high is None:
        return f"at least {span.low} days" if span.low else "unknown"
    if span.low == span.high:
        return f"{span.low} days" if span.low != 1 else "1 day"
    return f"{span.low} to {span.high} days"


def length(span: DayRange) -> str:
    """Days, with whole weeks beside them where there are any."""
    text = days(span)
    if span.high is None or span.low != span.high or span.low < DAYS_A_WEEK:
        return text
    weeks, rest = divmod(span.low, DAYS_A_WEEK)
    if rest:
        return text
    return f"{text} ({weeks} week{'s' if weeks != 1 else ''})"


def day(when: PartialDate | None) -> str:
    """A date as recorded; "an unrecorded date" where there is none."""
    return when.text if when is not None else "an unrecorded date"


def age_between(birth: str, first: date, last: date) -> str:
    """Age in years on a day, or in a stretch of days; both where it may be either."""
    born = PartialDate.parse(birth)
    bounds = (months_between(born.latest, first), months_between(born.earliest, last))
    return " or ".join(str(age) for age in sorted({months[0] // 12 for months in bounds}))


def listed(items: Sequence[str], last: str = "and") -> str:
    """``a, b and c``."""
    if len(items) <= 1:
        return "".join(items)
    return f"{', '.join(items[:-1])} {last} {items[-1]}"


def sentence(text: str) -> str:
    """``text`` with a capital first letter and one full stop."""
    text = text.strip().rstrip(".")
    return f"{text[:1].upper()}{text[1:]}." if text else ""


def outcome_words(outcome: Outcome) -> str:
    """The outcome with its scores, where they are known."""
    words = OUTCOME_WORDS.get(outcome.category, outcome.category)
    if outcome.scale is None or outcome.endpoint is None:
        return words
    if outcome.baseline is None:
        return f"{words} ({outcome.scale} {figure(outcome.endpoint)})"
    change = ""
    if outcome.percent_reduction is not None:
        percent = round(abs(outcome.percent_reduction), 2)
        word = "lower" if outcome.percent_reduction > 0 else "higher"
        change = f", {figure(percent)} % {word}" if percent else ", unchanged"
    scores = f"{outcome.scale} {figure(outcome.baseline)} to {figure(outcome.endpoint)}"
    return f"{words} ({scores}{change})"


def trial_name(trial: Trial) -> str:
    """How a trial is called in a sentence."""
    return f"{trial.drug} ({trial.drug_class})"


def trial_support(trial: Trial) -> str:
    """Every figure of a trial, as text a claim can be found in."""
    outcome = trial.outcome
    facts: list[object] = [
        trial.id, trial.drug, trial.drug_class, trial.start, trial.end,
        *(v for v in (trial.max_daily_dose_mg, trial.labelled_daily_dose_mg,
                      trial.min_adequate_dose_mg) if v is not None),
        trial.days.low, trial.days.high, length(trial.days), days(trial.days),
        trial.days_at_adequate_dose.low, trial.days_at_adequate_dose.high,
        length(trial.days_at_adequate_dose),
        outcome.scale, outcome.baseline, outcome.endpoint, outcome.baseline_date,
        outcome.endpoint_date, outcome_words(outcome),
        trial.adequate_run, trial.discontinuation, trial.failed.value, *trial.reasons,
        *(step.dose_mg for step in trial.dose_steps), *(step.start for step in trial.dose_steps),
        *(step.end for step in trial.dose_steps),
    ]  # fmt: skip
    if trial.adherence is not None and trial.adherence.value is not None:
        facts += [trial.adherence.value, figure(trial.adherence.value * 100), trial.adherence.basis]
    elif trial.adherence is not None:
        facts.append(trial.adherence.basis)
    if trial.proportion_of_days_covered is not None:
        covered = trial.proportion_of_days_covered
        facts += [covered, figure(round(covered * 100, 1))]
    return " ; ".join(str(fact) for fact in facts if fact is not None)
