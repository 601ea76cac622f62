"""Steps the source text names for this situation, each tied to its rule.

They describe options for a clinician; none is a prescription and none names a dose.
"""

from collections.abc import Sequence

from assistant.staging.judgement import Judgement
from assistant.staging.report import (
    NextStep,
    PseudoResistanceCheck,
    SafetyFlag,
    Staging,
)
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import checks, rules
from assistant.staging.verdicts import Answer, Verdict


def next_steps(
    judgements: Sequence[Judgement],
    staging: Staging,
    checklist: Sequence[PseudoResistanceCheck],
    safety: Sequence[SafetyFlag],
    ruleset: Ruleset,
) -> tuple[NextStep, ...]:
    """The steps in the order they should be looked at: safety, diagnosis, repair, then change.

    Under a diagnosis that blocks staging nothing is said of the antidepressants: the
    source's steps are for unipolar depression.
    """
    steps: list[NextStep] = []
    if safety:
        steps.append(_step("address_safety", "Assess suicidality first.", "safety.suicidality"))
    steps += _about_mimics(checklist)
    if any([item.blocks_staging for item in checklist]):
        return tuple(steps)
    steps += _about_trials(judgements, ruleset)
    if staging.trd.at_least is Answer.YES or staging.trd.working is Answer.YES:
        steps += _about_resistance(staging, ruleset)
    return tuple(steps)


def _step(action: str, detail: str, *because: str, trials: tuple[str, ...] = ()) -> NextStep:
    sources = rules()[because[0]].sources
    if len(because) > 1:
        sources = tuple(dict.fromkeys([key for rule in because for key in rules()[rule].sources]))
    return NextStep(action, detail, because, sources, trials)


def _about_mimics(checklist: Sequence[PseudoResistanceCheck]) -> list[NextStep]:
    steps = []
    for item in checklist:
        if item.status not in ("present", "possible"):
            continue
        check = checks()[item.check]
        if check.group == "diagnosis":
            rule = check.rule if item.status == "present" else "diagnosis.hypomania"
            steps.append(_step("reassess_diagnosis", f"{check.label}: {item.detail}.", rule))
        elif check.group == "comorbidity":
            steps.append(
                _step(
                    "treat_comorbidity" if item.status == "present" else "measure",
                    f"{check.label}: {item.detail}.",
                    "next.pseudo_resistance",
                    check.rule,
                )
            )
    return steps


def _about_trials(judgements: Sequence[Judgement], ruleset: Ruleset) -> list[NextStep]:
    steps = []
    unknown = [
        j
        for j in judgements
        if j.adherence.verdict is Verdict.UNKNOWN and j.failed() is Answer.UNKNOWN
    ]
    if unknown:
        steps.append(
            _step(
                "confirm_adherence",
                f"Adherence is not recorded for {_names(unknown)}.",
                "adequacy.adherence",
                trials=_ids(unknown),
            )
        )
    doubtful = [j for j in judgements if "exposure_doubtful" in j.remarks]
    if doubtful:
        steps.append(
            _step(
                "measure",
                f"Exposure to {_names(doubtful)} is doubtful: measure its level.",
                "pseudo.drug_exposure",
                trials=_ids(doubtful),
            )
        )
    counted = [j for j in judgements if j.counts]
    dated = [j for j in counted if j.course.start is not None] or counted
    if dated:
        steps += _about_last(dated[-1], ruleset)
    return steps


def _about_last(last: Judgement, ruleset: Ruleset) -> list[NextStep]:
    drug, ids = last.course.drug.name, (last.course.id,)
    if last.discontinuation == "intolerance":
        return [
            _step(
                "switch",
                f"{drug} was not tolerated.",
                "next.switch",
                "trial.intolerance",
                trials=ids,
            )
        ]
    if last.outcome.category == "remission":
        return [_step("continue", f"{drug}: in remission.", "outcome.remission", trials=ids)]
    if last.outcome.category == "response":
        detail = f"{drug}: response without remission."
        return [
            _step("optimise", detail, "next.optimise_or_augment", trials=ids),
            _step("augment", detail, "next.optimise_or_augment", trials=ids),
        ]
    short = Verdict.NOT_MET in (last.dose, last.duration)
    if last.course.ongoing and short and last.dose is not Verdict.NOT_MET:
        return [
            _step(
                "continue",
                f"{drug} has not run long enough to be judged.",
                "adequacy.duration",
                trials=ids,
            )
        ]
    if short or last.adherence.verdict is Verdict.NOT_MET:
        return [
            _step("repair_trial", f"{drug}: the trial was inadequate.", "next.repair", trials=ids)
        ]
    if last.short_of_response is Verdict.UNKNOWN and not (
        ruleset.proxy and last.outcome.category != "unknown"
    ):
        return [
            _step(
                "measure",
                f"No score taken late enough shows what {drug} did.",
                "outcome.response",
                trials=ids,
            )
        ]
    if last.outcome.category == "partial_response":
        detail = f"{drug}: partial response."
        return [
            _step("optimise", detail, "outcome.partial_response", trials=ids),
            _step("augment", detail, "outcome.partial_response", trials=ids),
            _step("switch", detail, "outcome.partial_response", trials=ids),
        ]
    why = "a failure by proxy" if last.outcome.category == "unknown" else "non-response"
    return [_step("switch", f"{drug}: {why}.", "next.switch", trials=ids)]


def _about_resistance(staging: Staging, ruleset: Ruleset) -> list[NextStep]:
    certain = "established" if staging.trd.at_least is Answer.YES else "not yet proven"
    if ruleset.proxy:
        certain = "counted by proxy only"
    return [
        _step(action, f"Resistance is {certain}; the source text names {what}.", "next.resistant")
        for action, what in (
            ("augment", "augmentation"),
            ("consider_psychotherapy", "targeted psychotherapies"),
            ("consider_neuromodulation", "ECT and TMS"),
            ("consider_ketamine", "ketamine"),
        )
    ]


def _names(judgements: Sequence[Judgement]) -> str:
    return ", ".join(dict.fromkeys(j.course.drug.name for j in judgements))


def _ids(judgements: Sequence[Judgement]) -> tuple[str, ...]:
    return tuple(j.course.id for j in judgements)
