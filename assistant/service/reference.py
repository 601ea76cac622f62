"""The tables behind a report, for display: rules, thresholds, scales, sources, rulesets."""

from collections.abc import Mapping
from typing import Any

from assistant.staging.ruleset import NAMES, Parameter, Ruleset, load_ruleset
from assistant.staging.tables import rules, scales, sources

THRESHOLDS_OF_RULE: Mapping[str, tuple[str, ...]] = {
    "adequacy.dose": ("dose_set",),
    "adequacy.duration": ("min_days", "remark_from_days", "remark_below_days", "bridge_days"),
    "adequacy.adherence": ("min_adherence", "min_fills", "assume_adherence"),
    "adequacy.overall": ("min_days", "min_adherence"),
    "outcome.response": ("response_percent",),
    "outcome.partial_response": ("partial_percent", "response_percent"),
    "outcome.non_response": ("partial_percent",),
    "trial.failed": ("failure_below_percent", "min_days", "min_adherence"),
    "trial.intolerance": ("intolerance_window_days",),
    "trd.definition": ("class_rule", "failure_below_percent"),
    "trd.without_class_rule": ("failure_below_percent",),
    "source_stage.I": ("min_days", "failure_below_percent"),
    "source_stage.II": ("min_days", "failure_below_percent", "class_rule"),
    "maudsley.total": ("maudsley_acute_months", "maudsley_subacute_months", "ect_min_sessions"),
    "european.stage": ("european_crd_days",),
    "mgh_s.points": ("optimised_factor", "optimised_days"),
    "chronicity.persistent": ("persistent_months",),
}
"""The entries of the ruleset that a rule compares with."""


def reference_tables() -> dict[str, Any]:
    """Rules, scales, sources and rulesets as plain JSON values."""
    return {
        "rules": {
            rule.id: {
                "title": rule.title,
                "section": rule.section,
                "sources": list(rule.sources),
                "thresholds": list(THRESHOLDS_OF_RULE.get(rule.id, ())),
            }
            for rule in rules().values()
        },
        "scales": {
            scale.name: {
                "minimum": float(scale.minimum),
                "maximum": float(scale.maximum),
                "remission_max": None
                if scale.remission_max is None
                else float(scale.remission_max),
                "bands": {name: float(low) for name, low in scale.bands},
                "source": scale.source,
                "confidence": scale.confidence,
            }
            for scale in scales().values()
        },
        "sources": {
            source.key: {
                "citation": source.citation,
                "identifier": source.identifier,
                "how_seen": source.how_seen,
            }
            for source in sources().values()
        },
        "rulesets": [_ruleset(load_ruleset(name)) for name in NAMES],
    }


def _ruleset(ruleset: Ruleset) -> dict[str, Any]:
    return {
        "name": ruleset.name,
        "version": ruleset.version,
        "title": ruleset.title,
        "parameters": {name: _parameter(entry) for name, entry in ruleset.parameters.items()},
    }


def _parameter(entry: Parameter) -> dict[str, Any]:
    value = entry.value
    if not isinstance(value, bool | int | str):
        value = float(value)
    return {"value": value, "unit": entry.unit, "source": entry.source, "note": entry.note}
