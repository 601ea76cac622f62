"""The source attributes of this decision support, after 45 CFR 170.315(b)(11)(iv).

The staging rules are an evidence-based intervention: thirteen attributes (A). No
learned model computes or decides anything here; but one may word answers where a
site configures it, and a small one ranks passages of the sources. For these the
thirty-one attributes of a predictive intervention (B) are stated as well, in its
nine groups. What is not known is said to be unknown, and why.
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
        "Use of date of birth": "Shown in the banner; read to say that a patient is not adult, "
        "outside the population the rules are for. No stage rests on it",
        "Use of social determinants of health": _unused(),
        "Use of health status assessments": f"Depression rating scales decide outcome and "
        f"severity ({named}); item 9 of the PHQ-9 raises the safety flag",
    }
    return tuple(SourceAttribute(name=name, value=value) for name, value in facts.items())


def _unused() -> str:
    return "Not read; no rule uses it"


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveAttribute:
    """One attribute of the learned parts, in its group."""

    group: str
    name: str
    value: str


_OUTPUT = "Details and output"
_PURPOSE = "Purpose"
_SCOPE = "Cautioned use out of scope"
_DEVELOPMENT = "Development and input features"
_FAIRNESS = "Process for fairness"
_VALIDATION = "External validation"
_PERFORMANCE = "Quantitative measures of performance"
_MAINTENANCE = "Maintenance"
_UPDATES = "Updates and their schedule"
_VENDORS = "Unknown, because the makers of the models publish no such figures for this use"
_NO_SITE = "Unknown, because no site has reported figures of its own"
_NO_PATIENT_INPUT = (
    "No characteristic of the patient is an input: the models see a question, passages of the "
    "sources and checked sentences without identifiers"
)


def predictive_attributes(
    ruleset: Ruleset, *, model: str | None
) -> tuple[PredictiveAttribute, ...]:
    """The thirty-one attributes, in the order of the regulation.

    ``model`` is the chat model a site configured; None is none.
    """
    chat = f"the chat model {model}" if model else "no chat model (none is configured)"
    stated = {
        (_OUTPUT, "Developer and contact"): "The trd-assistant project; report as SECURITY.md says",
        (_OUTPUT, "Funding of the implementation"): "Unknown, because the project records none",
        (_OUTPUT, "Value produced"): "A ranking of source passages; and, by "
        f"{chat}, the wording of an answer whose content the rules have computed",
        (_OUTPUT, "Type of output"): "Ranking and wording. No prediction, classification or "
        "recommendation comes from a learned model",
        (_PURPOSE, "Intended use"): "Finding the passage of a source that answers a question, and "
        "readable answers, in staging treatment resistance in depression",
        (_PURPOSE, "Intended patients"): "Adults with unipolar depression under treatment",
        (_PURPOSE, "Intended users"): "Clinicians who treat depression; not patients",
        (_PURPOSE, "Role in the decision"): "Informs; the clinician can review the basis of every "
        "statement and decides",
        (_SCOPE, "Cautioned against"): "Bipolar or psychotic disorder, children, dosing advice, "
        "emergencies, use by patients",
        (_SCOPE, "Known risks and limits"): "A passage may be missed or ranked too low; a model's "
        "wording that the evidence does not hold is replaced by fixed wording",
        (_DEVELOPMENT, "Criteria of the training data"): _VENDORS,
        (_DEVELOPMENT, "Patient variables as input"): _NO_PATIENT_INPUT,
        (_DEVELOPMENT, "Demographic representativeness"): f"{_VENDORS}; {_NO_PATIENT_INPUT}",
        (_DEVELOPMENT, "Relevance of the training data"): "General text, not charts: the models "
        "are used for language only, and nothing is trained on patients here",
        (_FAIRNESS, "Approach to fair output"): f"{_NO_PATIENT_INPUT}; stages come from rules that "
        "read neither sex, age, race nor ethnicity",
        (_FAIRNESS, "Reducing bias"): "Every sentence of a model is checked against the evidence; "
        "records that differ in names and demographics only must get the same stage (tested)",
        (_VALIDATION, "Data and setting"): "Public question sets and synthetic records; see "
        "docs/evaluation. No clinical setting",
        (_VALIDATION, "Who tested"): "The developer; no external party",
        (_VALIDATION, "Representativeness of that data"): "Unknown, because the public sets do not "
        "describe their patients' demographics throughout",
        (_VALIDATION, "Process"): "Questions with known answers are asked and scored by fixed "
        "scorers, with a held-out set; the commands are in the repository",
        (_PERFORMANCE, "Validity, same source"): _VENDORS,
        (_PERFORMANCE, "Fairness, same source"): _VENDORS,
        (_PERFORMANCE, "Validity, other sources"): "Measured for retrieval and answers on question "
        "sets; the figures stand in docs/knowledge.md and docs/evaluation",
        (_PERFORMANCE, "Fairness, other sources"): "Unknown, because the question sets hold no "
        "demographic groups to compare",
        (_PERFORMANCE, "Effect on outcomes"): "Unknown, because no study of it has been done",
        (_MAINTENANCE, "Monitoring validity"): "The test suite and the evaluation run at every "
        "change; a site can run `trd-assistant evals run`",
        (_MAINTENANCE, "Validity in local data"): _NO_SITE,
        (_MAINTENANCE, "Monitoring fairness"): "With validity, by the same runs",
        (_MAINTENANCE, "Fairness in local data"): _NO_SITE,
        (
            _UPDATES,
            "Process and frequency of updates",
        ): f"By release: this is version {__version__} with ruleset {ruleset.name}, revision "
        f"{ruleset.version}; models are pinned by hash or chosen by the site",
        (_UPDATES, "Correction of performance"): "When a risk is found: the fault becomes a test, "
        "the correction a release; no fixed calendar",
    }
    return tuple(
        PredictiveAttribute(group=group, name=name, value=value)
        for (group, name), value in stated.items()
    )
