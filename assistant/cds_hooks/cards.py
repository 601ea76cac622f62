"""The card: what the record holds, in words fixed by the report; no model is called.

A chart's own strings are cleaned and escaped, so that nothing in them is read as
Markdown. A card holds no identifier of the patient.
"""

import json
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.answering.safe_text import shown
from assistant.answering.write.stages import bounds_of, fact_name
from assistant.staging.report import Bounds, MissingFact, StagingReport, Trial

MOST_SUMMARY = 139
"""CDS Hooks 2.0: the summary of a card has fewer than 140 characters."""
_METHODS = {
    "source_stage": "Stage after the source text",
    "thase_rush": "Thase and Rush",
    "maudsley": "Maudsley",
    "gsrd": "GSRD",
    "european": "European",
    "mgh_s": "MGH-S",
}
_SHOWN_FACTS = 3
_SHOWN_TRIALS = 6
_MARKS = re.compile(r"([\\`*_{}\[\]<>()#!|~&@$^=\"'])")
"""What GFM could read inside a line; each is escaped, the rest stays readable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardMaker:
    """Makes the cards of one site."""

    public_url: str

    def of_patient(self, report: StagingReport, seed: uuid.UUID) -> list[dict[str, Any]]:
        """The card of an opened chart; none where no antidepressant trial is recorded."""
        if not report.trials:
            return []
        return [self._card(report, seed, lead="", lines=())]

    def of_orders(
        self, report: StagingReport, drugs: Sequence[tuple[str, str]], seed: uuid.UUID
    ) -> list[dict[str, Any]]:
        """The card of selected antidepressants, each with its class; none without trials."""
        recorded = (*report.trials, *report.earlier_trials)
        if not drugs or not recorded:
            return []
        lines = [_tried(drug, drug_class, recorded) for drug, drug_class in drugs]
        return [self._card(report, seed, lead=_lead(drugs, recorded), lines=lines)]

    def _card(
        self, report: StagingReport, seed: uuid.UUID, *, lead: str, lines: Iterable[str]
    ) -> dict[str, Any]:
        return {
            "uuid": str(uuid.uuid5(seed, "trd-assistant")),
            "summary": _summary(report, lead),
            "detail": "\n".join(_detail(report, lines)),
            "indicator": "warning" if report.safety else "info",
            "source": {"label": "TRD Assistant", "url": self.public_url},
            "links": [
                {
                    "label": "Open the assessment with its evidence",
                    "url": f"{self.public_url}/launch",
                    "type": "smart",
                    "appContext": json.dumps({"view": "overview"}),
                }
            ],
        }


# The summary


def _summary(report: StagingReport, lead: str) -> str:
    """Stage with bounds, then what is missing most, as far as there is room."""
    stated = f"{lead}{_stage_in_short(report)}"
    most = _most_telling(report.missing_facts)
    if most is None:
        return _fitted(stated)
    whole = f"{stated} Missing most: {shown(fact_name(most, report))}."
    return whole if len(whole) <= MOST_SUMMARY else _fitted(stated)


def _fitted(text: str) -> str:
    return text if len(text) <= MOST_SUMMARY else f"{text[: MOST_SUMMARY - 1].rstrip()}…"


def _stage_in_short(report: StagingReport) -> str:
    if report.staging_blocked_by:
        return "Depression is not staged: a diagnosis in the record rules it out."
    trd, stage = bounds_of(report, "trd"), bounds_of(report, "source_stage")
    return f"Treatment-resistant depression: {_bounded(trd)}; stage {_bounded(stage)}."


def _bounded(bounds: Bounds[object]) -> str:
    least, working, most = (_said(v) for v in (bounds.at_least, bounds.working, bounds.at_most))
    if least == working == most:
        return working
    return f"{working} (at least {least}, at most {most})"


def _said(value: object) -> str:
    return "unknown" if value is None else str(value)


def _most_telling(facts: Sequence[MissingFact]) -> MissingFact | None:
    """The fact that alone moves the most bounds; the first named where several do."""
    return max(facts, key=lambda fact: sum(not m.with_ for m in fact.moves), default=None)


# What was tried of an ordered drug


def _lead(drugs: Sequence[tuple[str, str]], recorded: Sequence[Trial]) -> str:
    """What of the first ordered drug that was taken before fits into the summary."""
    for drug, _ in drugs:
        outcomes = {trial.failed.value for trial in recorded if trial.drug == drug}
        if outcomes:
            return f"{shown(drug)} {'failed' if outcomes == {'yes'} else 'was tried'} before. "
    return ""


def _tried(drug: str, drug_class: str, recorded: Sequence[Trial]) -> str:
    same = [trial for trial in recorded if trial.drug == drug]
    if same:
        return f"{_escaped(drug)}: {'; '.join(_trial_in_words(trial) for trial in same)}"
    alike = [trial for trial in recorded if drug_class and trial.drug_class == drug_class]
    if alike:
        named = "; ".join(f"{_escaped(trial.drug)}, {_trial_in_words(trial)}" for trial in alike)
        return f"{_escaped(drug)}: no trial recorded; of its class {_escaped(drug_class)}: {named}"
    return f"{_escaped(drug)}: no trial of it or of its class is recorded"


# The detail


def _detail(report: StagingReport, lines: Iterable[str]) -> list[str]:
    text = [f"- **Safety first:** {_escaped(flag.detail or flag.flag)}" for flag in report.safety]
    text += [f"- {line}" for line in lines]
    if not report.staging_blocked_by:
        text += [
            f"- {title}: {_escaped(_bounded(bounds_of(report, name)))}"
            for name, title in _METHODS.items()
        ]
    text += [
        f"- {_escaped(trial.drug)}: {_trial_in_words(trial)}"
        for trial in report.trials[:_SHOWN_TRIALS]
    ]
    text += [f"- Missing: {_escaped(fact.question)}" for fact in _by_weight(report)]
    read = report.completeness
    if read.incomplete or read.resources_read != read.resources_total:
        text.append(f"- Read {read.resources_read} of {read.resources_total} entries.")
    text.append(
        f"- Computed by rules as of {_escaped(report.as_of)}, ruleset "
        f"{_escaped(report.ruleset.name)} {_escaped(report.ruleset.version)}; no prescription."
    )
    return text


def _by_weight(report: StagingReport) -> list[MissingFact]:
    most = _most_telling(report.missing_facts)
    rest = [fact for fact in report.missing_facts if fact is not most]
    return ([most, *rest] if most else [])[:_SHOWN_FACTS]


def _trial_in_words(trial: Trial) -> str:
    end = "now" if trial.ongoing else str(trial.end or "unknown")
    dose = f"up to {trial.max_daily_dose_mg} mg/day" if trial.max_daily_dose_mg else "dose unknown"
    return _escaped(f"{trial.start or 'unknown'} to {end}, {dose}, failed: {trial.failed.value}")


def _escaped(text: object) -> str:
    """``text`` as GFM that renders as exactly this text."""
    return _MARKS.sub(r"\\\1", shown(str(text), limit=300))
