"""The source attributes of this decision support, as 45 CFR 170.315(b)(11)(iv)(A) names them.

The staging rules are an evidence-based intervention: thirteen attributes. No
learned model computes or decides anything here.
"""

from dataclasses import dataclass

from assistant import __version__
from assistant.staging.ruleset import Ruleset
from assistant.staging.tables import rules, scales, sources

_SOURCE_TEXT = "trd-article"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAttribute:
    """One attribute, and what holds for this product."""

    name: str
    value: str


def source_attributes(ruleset: Ruleset) -> tuple[SourceAttribute, ...]:
    """The thirteen attributes under ``ruleset``, in the order of the regulation."""
    used = sorted({key for rule in rules().values() for key in rule.sources} - {_SOURCE_TEXT})
    cited = "; ".join(sources()[key].citation for key in used)
    named = ", ".join(name for name, scale in scales().items() if scale.establishes_outcome)
    facts = {
        "Bibliographic citation": f"{sources()[_SOURCE_TEXT].citation}; {cited}",
        "Developer": "The trd-assistant project (Apache-2.0)",
        "Source of funding": "Unknown, because the project records none",
        "Release and revision": f"Version {__version__}; ruleset {ruleset.name}, revision "
        f"{ruleset.version}",
        "Use of race": _unused(),
        "Use of ethnicity": _unused(),
        "Use of language": _unused(),
        "Use of sexual orientation": _unused(),
        "Use of gender identity": _unused(),
        "Use of sex": "Shown in the banner; no rule reads it",
        "Use of date of birth": "Shown in the banner; no rule reads it",
        "Use of social determinants of health": _unused(),
        "Use of health status assessments": f"Depression rating scales decide outcome and "
        f"severity ({named}); item 9 of the PHQ-9 raises the safety flag",
    }
    return tuple(SourceAttribute(name=name, value=value) for name, value in facts.items())


def _unused() -> str:
    return "Not read; no rule uses it"
