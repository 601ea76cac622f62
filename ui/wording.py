"""The page's words: how verdicts, methods, checks and facts are called, in one place."""

import re
from collections.abc import Mapping
from typing import Any

from ui.naming import first_upper, quoted_at, score_at

PRODUCT = "TRD Assistant"
_EXCERPT = 42
_COUNTED = frozenset({"day", "month", "session", "dispense"})
_YES_OR_NO = frozenset({"trd", "trd_without_class_rule"})

METHODS: Mapping[str, str] = {
    "trd": "Treatment-resistant depression",
    "source_stage": "Stage (source text)",
    "trd_without_class_rule": "TRD without the class rule",
    "thase_rush": "Thase and Rush",
    "maudsley": "Maudsley",
    "gsrd": "GSRD",
    "european": "European",
    "mgh_s": "MGH-S",
}
"""Staging methods in the order shown."""

METHOD_SCALES: Mapping[str, str] = {
    "trd": "no / yes",
    "source_stage": "0, I, II",
    "trd_without_class_rule": "no / yes",
    "thase_rush": "0 to V",
    "maudsley": "3 to 15 points",
    "gsrd": "no category, non-responder, TRD",
    "european": "0, A, TRD1 to TRD5, CRD",
    "mgh_s": "points, in halves",
}

BOUNDS: Mapping[str, str] = {
    "at_least": "Proven by the record",
    "working": "If the assumptions hold",
    "at_most": "Still possible",
}

CRITERIA: Mapping[str, str] = {
    "dose": "Dose",
    "duration": "Duration",
    "adherence": "Adherence",
    "overall": "Adequate trial",
}

VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "met": ("met", "green", ":material/check:"),
    "not_met": ("not met", "red", ":material/close:"),
    "unknown": ("unknown", "gray", ":material/question_mark:"),
}
"""Word, color, icon. Color never stands alone."""

FAILED: Mapping[str, tuple[str, str]] = {
    "yes": ("failed adequate trial", "orange"),
    "no": ("not a failed trial", "gray"),
    "unknown": ("open: may have failed", "gray"),
}

COURSES: Mapping[str, tuple[str, str]] = {
    "yes": ("failed adequate course", "orange"),
    "no": ("not a failed course", "gray"),
    "unknown": ("outcome not settled", "gray"),
}

OUTCOMES: Mapping[str, str] = {
    "remission": "Remission",
    "response": "Response without remission",
    "partial_response": "Partial response",
    "non_response": "Non-response",
    "unknown": "Outcome unknown",
}

CHECKS: Mapping[str, str] = {
    "bipolarity": "Bipolarity",
    "psychosis": "Psychotic disorder",
    "hypothyroidism": "Hypothyroidism",
    "sleep_apnoea": "Sleep apnea",
    "inflammation": "Inflammation",
    "nutritional": "Nutritional deficiency",
    "other_medical": "Other medical condition",
    "substance_use": "Substance use",
    "anxiety": "Anxiety disorder",
    "other_psychiatric": "Other psychiatric disorder",
    "depressogenic_drug": "Drug that can cause depression",
    "interaction": "Drug interaction",
    "plasma_level": "Plasma level",
    "inadequate_exposure": "Inadequate trial",
    "adherence": "Adherence",
    "intolerance": "Intolerance",
}

CHECK_STATUS: Mapping[str, tuple[str, str, str]] = {
    "present": ("present", "red", ":material/error:"),
    "possible": ("possible", "orange", ":material/help:"),
    "not_assessed": ("not assessed", "yellow", ":material/visibility_off:"),
    "none_found": ("none found in the record", "gray", ":material/search_off:"),
}
"""In the order shown: what needs attention first. "None found" is not "ruled out"."""

ACTIONS: Mapping[str, str] = {
    "address_safety": "Address safety first",
    "reassess_diagnosis": "Reassess the diagnosis",
    "treat_comorbidity": "Treat what can mimic resistance",
    "confirm_adherence": "Confirm adherence",
    "repair_trial": "Repair the inadequate trial",
    "measure": "Measure",
    "optimise": "Optimize",
    "augment": "Augment",
    "switch": "Switch to another antidepressant",
    "consider_psychotherapy": "Consider psychotherapy",
    "consider_neuromodulation": "Consider neuromodulation",
    "consider_ketamine": "Consider ketamine or esketamine",
    "continue": "Continue",
}

FACTS: Mapping[str, str] = {
    "adherence": "Adherence",
    "dose": "Dose",
    "start": "Start",
    "end": "End",
    "outcome": "Outcome",
    "stop_reason": "Reason for stopping",
    "indication": "Indication",
    "diagnosis": "Diagnosis",
    "onset": "Onset of the episode",
    "severity": "Severity",
    "laterality": "Laterality",
}

REMARKS: Mapping[str, str] = {
    "adequate_at_6_not_8": "six weeks reached, eight not",
    "little_change_by_week_4": "little change by week four: worth a review",
    "exposure_doubtful": "exposure doubtful: a low plasma level or an enzyme inducer",
    "related_molecule": "related to an earlier drug",
    "dose_floor_differs": "sources differ on the minimum dose",
    "older_baseline": "baseline older than two weeks",
    "late_baseline": "baseline taken after the start",
    "scales_disagree": "scales disagree",
    "partial_response": "partial response",
    "preliminary_score": "rests on a preliminary score",
    "early_endpoint": "the last score came before the minimum duration",
    "class_contested": "its class is contested",
    "no_floor_in_table": "no table gives its minimum adequate dose",
}

FLAGS: Mapping[str, str] = {"suicidality": "Signs of suicidal thoughts or behavior"}

PARAMETERS: Mapping[str, str] = {
    "min_days": "Minimum duration at an adequate dose",
    "remark_from_days": "Remarked as short of eight weeks, from",
    "remark_below_days": "Remarked as short of eight weeks, below",
    "bridge_days": "Longest gap inside the adequate run",
    "min_adherence": "Share of doses taken",
    "min_fills": "Fewest fills that show adherence",
    "assume_adherence": "Undocumented adherence is assumed adequate in the working value",
    "dose_set": "Table of minimum doses",
    "response_percent": "Response: reduction from baseline of at least",
    "partial_percent": "Partial response: reduction of at least",
    "failure_below_percent": "Failed when the reduction is below",
    "class_rule": "Two different classes are needed",
    "proxy": "A switch or an addition stands for failure",
    "intolerance_window_days": "A reaction still belongs to the drug for",
    "maudsley_acute_months": "Duration up to, for 1 point",
    "maudsley_subacute_months": "Duration up to, for 2 points",
    "ect_min_sessions": "Fewest sessions of an adequate ECT course",
    "european_crd_days": "Chronic when the failed trials add up to more than",
    "optimised_factor": "Optimized dose",
    "optimised_days": "Optimized dose held for",
    "persistent_months": "Persistent depressive disorder from",
}
DOSE_SETS: Mapping[str, str] = {"atrq": "ATRQ", "canmat": "CANMAT"}

SOURCES: Mapping[str, str] = {
    "trd-article": "the source text",
    "decisions": "decision of this project",
    "readings": "this project's reading of the literature",
}
"""Short names of sources; every other source is shown by its citation."""

RULESETS: Mapping[str, str] = {
    "source_text": "Source text",
    "source_text_strict": "Source text, strict",
    "sforzini_2022": "Sforzini 2022",
    "canada_2021": "Canada 2021",
    "register": "Register studies",
}

EMERGENCY = (
    "If there is an immediate danger, follow your emergency procedure now. "
    "This page does not replace a risk assessment."
)
JUDGEMENT = (
    "For health professionals. Supports clinical judgement, does not replace it; "
    "gives no dosing advice for a patient."
)
NOT_APPLICABLE = "does not apply"
NOT_PROVEN = "Not yet"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 reading issue``, ``2 reading issues``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def bounds_words(*, asserted: bool) -> Mapping[str, str]:
    """How the three bounds are called; asserted facts are never called the record."""
    if not asserted:
        return BOUNDS
    return {**BOUNDS, "at_least": "Proven by the record and the asserted facts"}


def humanized(key: str) -> str:
    """``older_baseline`` as ``older baseline``, for words that have no entry here."""
    return key.replace("_", " ")


def stage_value(method: str, value: Any) -> str:
    """A stage as it is written: ``yes``, ``Stage II``, ``6 points``."""
    if value is None:
        return NOT_APPLICABLE
    if method in _YES_OR_NO:
        return str(value).capitalize()
    if method in ("source_stage", "thase_rush"):
        return "No stage" if str(value) == "0" else f"Stage {value}"
    if method == "maudsley":
        return f"{value} points"
    if method == "mgh_s":
        number = f"{float(value):g}"
        return f"{number} {'point' if number == '1' else 'points'}"
    if method == "gsrd":
        return {"none": "No category", "non_responder": "Non-responder", "trd": "TRD"}[str(value)]
    return str(value)


def bound_words(method: str, bounds: Mapping[str, Any], bound: str) -> str:
    """A bound as it is written; what is only not proven never reads like a proven no."""
    nothing = "no" if method in _YES_OR_NO else None
    if bound == "at_least" and bounds["at_least"] == nothing != bounds["at_most"]:
        return NOT_PROVEN
    return stage_value(method, bounds[bound])


def range_words(method: str, bounds: Mapping[str, Any]) -> str:
    """From what is proven to what is possible: ``Stage II``, ``No stage to III``."""
    low, high = bounds["at_least"], bounds["at_most"]
    if low == high:
        return stage_value(method, low)
    if method in _YES_OR_NO:
        return "Open"
    highest = stage_value(method, high).removeprefix("Stage ")
    return f"up to {highest}" if low is None else f"{stage_value(method, low)} to {highest}"


def cut_off_words(cut_off: Mapping[str, Any]) -> str:
    """A total that stands for resistance: ``Maudsley 5 points or more: reached``."""
    method = cut_off["method"]
    low, working, high = (cut_off["reached"][bound] for bound in BOUNDS)
    told = _REACHED[low] if low == high else "open"
    assumed = f", assumed {_REACHED[working]}" if told == "open" and working is not None else ""
    return f"{METHODS[method]} {stage_value(method, cut_off['points'])} or more: {told}{assumed}"


def step_words(step: Mapping[str, Any]) -> str:
    """What a step rests on, as a sentence of its own after the name of the step."""
    return first_upper(str(step["detail"]))


def resource_type(name: str) -> str:
    """``MedicationStatement`` as ``Medication statement``."""
    return re.sub(r"(?<!^)(?=[A-Z][a-z])", " ", name).capitalize()


def remark(key: str) -> str:
    """A trial's remark in words."""
    return REMARKS.get(key, humanized(key))


def threshold_words(name: str, entry: Mapping[str, Any]) -> str:
    """A threshold as it is written: ``Minimum duration: 42 days``."""
    return f"{PARAMETERS.get(name, entry['note'] or humanized(name))}: {amount_words(entry)}"


def amount_words(entry: Mapping[str, Any]) -> str:
    """The value of a threshold with its unit."""
    value, unit = entry["value"], entry["unit"]
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return DOSE_SETS.get(value, humanized(value))
    if unit.startswith("proportion"):
        return f"{value:.0%} of those prescribed"
    plural = "s" if unit in _COUNTED and value != 1 else ""
    return f"{value:g} {unit}{plural}".strip()


_REACHED: Mapping[str | None, str] = {"yes": "reached", "no": "not reached", None: NOT_APPLICABLE}
_CODE_WITH_NAME = re.compile(r"^\S+ \((.+)\)$")


def citation_words(
    citation: Mapping[str, Any], rules: Mapping[str, Any], report: Mapping[str, Any]
) -> str:
    """A citation on its chip: what it is about, and the beginning of what stands there."""
    if citation["kind"] == "source":
        return str(citation["section"])
    if citation["reference"] == "report":
        rule = rules.get(citation["element"])
        return f"Rule: {rule['title'] if rule else citation['element']}"
    place = citation["reference"], citation["element"]
    excerpt = _cut(_CODE_WITH_NAME.sub(r"\1", citation.get("excerpt") or ""))
    named = score_at(report, *place) or quoted_at(report, *place, excerpt)
    kind = resource_type(citation["reference"].partition("/")[0])
    return named or f"{kind}: {excerpt}".removesuffix(": ")


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT else f"{text[:_EXCERPT].rstrip()}…"
