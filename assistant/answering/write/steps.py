"""Which writer answers which step of a plan."""

from collections.abc import Callable
from dataclasses import replace

from assistant.answering.evidence import Draft, Statement, report_citation
from assistant.answering.plan import (
    Clarify,
    Confirm,
    Explain,
    Knowledge,
    Lookup,
    Refuse,
    Step,
    Topic,
    WhatIf,
)
from assistant.answering.refuse import REFUSALS
from assistant.answering.write import (
    attributes,
    between,
    checks,
    drugs,
    episodes,
    missing,
    records,
    safety,
    scores,
    stages,
    summary,
    trials,
    whole,
)
from assistant.answering.write.context import Context
from assistant.answering.write.sources import write_knowledge

Writer = Callable[[Explain, Context], Draft]

_WRITERS: dict[Topic, Writer] = {
    Topic.TRD: stages.write_trd,
    Topic.STAGE: stages.write_stage,
    Topic.TRIAL: trials.write_trial,
    Topic.TRIALS: trials.write_trials,
    Topic.FAILED_COUNT: trials.write_failed_count,
    Topic.TRIAL_DOSE: attributes.write_attribute,
    Topic.TRIAL_LENGTH: attributes.write_attribute,
    Topic.TRIAL_START: attributes.write_attribute,
    Topic.TRIAL_END: attributes.write_attribute,
    Topic.TRIAL_ADHERENCE: attributes.write_attribute,
    Topic.TRIAL_OUTCOME: attributes.write_attribute,
    Topic.TRIAL_STOP: attributes.write_attribute,
    Topic.TRIAL_ADEQUATE: attributes.write_attribute,
    Topic.DRUG_CLASS: drugs.write_drug_class,
    Topic.DRUG_FLOOR: drugs.write_floor,
    Topic.CURRENT: trials.write_current,
    Topic.SCORES: scores.write_scores,
    Topic.MISSING: missing.write_missing,
    Topic.ASSUMPTIONS: checks.write_assumptions,
    Topic.EPISODE: episodes.write_episode,
    Topic.PERSISTENT: episodes.write_persistent,
    Topic.DIAGNOSES: episodes.write_diagnoses,
    Topic.CHECKS: checks.write_checks,
    Topic.NEXT_STEPS: checks.write_next_steps,
    Topic.SAFETY: safety.write_safety,
    Topic.EXCLUDED: checks.write_excluded,
    Topic.AUGMENTATION: checks.write_augmentation,
    Topic.PROCEDURES: checks.write_procedures,
    Topic.BIOMARKERS: checks.write_biomarkers,
    Topic.COMPLETENESS: checks.write_completeness,
    Topic.SUMMARY: summary.write_summary,
    Topic.BETWEEN: between.write_between,
    Topic.BEST: whole.write_best,
    Topic.DISTANCE: whole.write_distance,
    Topic.UNTRIED: whole.write_untried,
}
_NEEDS_NO_RECORD = {Topic.DRUG_CLASS, Topic.DRUG_FLOOR}


def write_step(step: Step, context: Context) -> Draft:
    """The draft that answers one step."""
    match step:
        case Refuse():
            return Draft(parts=(Statement(text=REFUSALS[step.kind]),), status="refused")
        case Knowledge():
            return write_knowledge(step, context)
        case Clarify():
            return _clarify(step, context)
        case Confirm():
            return _confirm(step, context)
    if context.case is None and not (isinstance(step, Explain) and step.topic in _NEEDS_NO_RECORD):
        text = "That needs a patient's record, and none is open."
        return Draft(parts=(Statement(text=text),), status="abstained")
    match step:
        case Explain():
            return _WRITERS[step.topic](step, context)
        case Lookup():
            return replace(records.write_lookup(step, context), holds_chart_text=True)
        case WhatIf():
            return _what_if(step, context)
    raise TypeError(f"no writer for {type(step).__name__}")


def _what_if(step: WhatIf, context: Context) -> Draft:
    supposed = replace(context, supposed=(*context.supposed, *step.assertions))
    lead = Statement(text="Supposing that, and nothing else changed:")
    draft = _WRITERS[step.then.topic](step.then, supposed)
    return replace(draft, parts=(lead, *draft.parts), rests_on_staging=True, what_if=True)


def _clarify(step: Clarify, context: Context) -> Draft:
    options = "; ".join(step.options)
    text = f"Which do you mean: {options}?"
    held = context.report.trials if context.case is not None else ()
    cited = tuple(
        citation
        for trial in held
        if trial.drug in step.options
        for citation in trials.trial_citations(context, trial, "drug")[:1]
    )
    statement = Statement(text=text, computed=text, citations=tuple(dict.fromkeys(cited)))
    return Draft(parts=(statement,), status="partly")


def _confirm(step: Confirm, context: Context) -> Draft:
    text = f"The record does not say that. Do you confirm that {step.words}?"
    then = "Answer yes, and I show what it changes; it will be marked as asserted, not as record."
    rule = "adequacy.adherence" if step.assertions[0].fact == "adherence" else "trial.failed"
    cited = tuple(
        report_citation(context.report, rule, step.words, fact.trial) for fact in step.assertions
    )
    statement = Statement(text=text, computed=step.words, citations=tuple(dict.fromkeys(cited)))
    return Draft(parts=(statement, Statement(text=then)), status="partly")
