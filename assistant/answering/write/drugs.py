"""What the tables say of a drug, whether or not the patient has had it."""

from assistant.answering.evidence import Draft, Statement, rule_citations
from assistant.answering.plan import Explain
from assistant.answering.write.context import Context
from assistant.answering.write.phrases import mg_a_day, sentence
from assistant.answering.write.trials import chosen, joined, trial_citations
from assistant.staging import tables
from assistant.staging.ruleset import load_ruleset


def _named(step: Explain, context: Context) -> tuple[str, ...]:
    trials = chosen(step, context) if context.case is not None and step.trials else ()
    return tuple(dict.fromkeys([*(trial.drug for trial in trials), *step.drugs]))


def write_drug_class(step: Explain, context: Context) -> Draft:
    """Say the class of a drug."""
    return joined([_class(name, step, context) for name in _named(step, context)])


def _class(name: str, step: Explain, context: Context) -> Draft:
    drug = tables.drugs().get(name)
    if drug is None:
        text = f"{name} is no antidepressant of the tables, so it has no class for staging"
        return Draft(
            parts=(Statement(text=sentence(text), citations=context.rules("trd.definition")),),
            values=("none",),
        )
    cited = context.rules("trd.definition", "source_stage.II")
    for trial in chosen(step, context) if step.trials and context.case is not None else ():
        if trial.drug == name:
            cited = (*trial_citations(context, trial, "drug")[:1], *cited)
    text = f"{name} counts as {drug.drug_class}"
    statement = Statement(
        text=sentence(text), citations=cited, computed=f"{name} {drug.drug_class}"
    )
    return Draft(parts=(statement,), values=(drug.drug_class,))


def write_floor(step: Explain, context: Context) -> Draft:
    """Say the minimum adequate dose that a trial of the drug is judged by."""
    return joined([_floor(name, context) for name in _named(step, context)])


def _floor(name: str, context: Context) -> Draft:
    drug = tables.drugs().get(name)
    ruleset = load_ruleset("source_text")
    floor = drug.floors.get(ruleset.dose_set) if drug is not None else None
    cited = rule_citations(context.knowledge, "adequacy.dose")
    if drug is None or floor is None:
        text = f"the tables hold no minimum adequate dose for {name}"
        statement = Statement(text=sentence(text), citations=cited, computed=name)
        return Draft(parts=(statement,), status="abstained")
    source = drug.floor_sources.get(ruleset.dose_set, "")
    text = f"a trial of {name} is judged against a minimum of {mg_a_day(floor)}"
    where = f" (dose table, {source})" if source else ""
    return Draft(
        parts=(
            Statement(
                text=sentence(text + where),
                citations=cited,
                computed=f"{name} {mg_a_day(floor)} {source}",
            ),
            Statement(
                text="That is the floor for calling a past trial adequate, not a dose to give.",
                citations=cited,
            ),
        ),
        values=(mg_a_day(floor),),
    )
