"""What a cohort run writes: the tables, their columns and what each means.

``python -m assistant.cohort.tables`` prints the data dictionary of ``docs/cohort.md``.
"""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = "cohort/1"
_STAGES = (
    ("trd", "TRD by the source text: `yes`, `no`"),
    ("trd_without_class_rule", "the same without the rule of two classes"),
    ("source_stage", "stage of the source text: `0`, `I`, `II`"),
    ("thase_rush", "Thase and Rush: `0` to `V`"),
    ("maudsley", "Maudsley total, 3 to 15"),
    ("gsrd", "GSRD: `none`, `non_responder`, `trd`"),
    ("european", "European method: `0`, `A`, `TRD1` to `TRD5`, `CRD`"),
    ("mgh_s", "MGH-S points"),
)
METHODS = tuple(name for name, _ in _STAGES)
BOUNDS = ("at_least", "working", "at_most")
NUMERIC = {"maudsley": "int", "mgh_s": "float"}
_BOUND_MEANING = {
    "at_least": "proven by the record",
    "working": "under the ruleset's assumptions",
    "at_most": "not excluded",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table."""

    name: str
    kind: str
    """``text``, ``int``, ``float``, ``flag`` or ``texts`` (a list)."""
    meaning: str


@dataclass(frozen=True, slots=True)
class Table:
    """One table: a folder of Parquet files."""

    name: str
    title: str
    columns: tuple[Column, ...]

    @property
    def schema(self) -> "pa.Schema":
        """The Arrow schema of its files."""
        return _schema(self)


@cache
def _schema(table: Table) -> "pa.Schema":
    import pyarrow as pa  # noqa: PLC0415 - an extra

    kinds = {
        "text": pa.string(),
        "int": pa.int64(),
        "float": pa.float64(),
        "flag": pa.bool_(),
        "texts": pa.list_(pa.string()),
    }
    return pa.schema([(column.name, kinds[column.kind]) for column in table.columns])


_PATIENT = Column("patient", "text", "`Patient/id`; a pseudonym in a de-identified run")
_RULESET = Column("ruleset", "text", "name of the ruleset")

REPORT = Table(
    "report",
    "One row a patient and ruleset",
    (
        _PATIENT,
        _RULESET,
        Column("ruleset_version", "text", "version of the ruleset"),
        Column("as_of", "text", "the staging date as given; empty in a de-identified run"),
        Column("resources_read", "int", "resources of the patient that were read"),
        Column("resources_total", "int", "resources of the patient that were met"),
        Column("after_as_of", "int", "facts dated after the staging date, not used"),
        Column("episode_start", "text", "start of the current episode at its precision"),
        Column("episode_months_low", "int", "whole months since then, at least"),
        Column("episode_months_high", "int", "the same, at most"),
        Column("trials", "int", "antidepressant trials of the current episode"),
        Column("trials_dose_met", "int", "of these, dose adequate"),
        Column("trials_duration_met", "int", "of these, dose and duration adequate"),
        Column("trials_adequate", "int", "of these, adherence adequate too, or assumed to be"),
        Column("trials_measured", "int", "of these, with a measured outcome"),
        Column("trials_failed", "int", "of these, failed under the ruleset's assumptions"),
        *(
            Column(
                f"{name}_{bound}",
                NUMERIC.get(name, "text"),
                f"{meaning}; {_BOUND_MEANING[bound]}; empty where it cannot be said",
            )
            for name, meaning in _STAGES
            for bound in BOUNDS
        ),
        Column("maudsley_band", "text", "`mild`, `moderate`, `severe` of the working total"),
        Column("blocked_by", "texts", "rule ids of the diagnoses that block staging"),
        Column("missing_facts", "texts", "kinds of fact whose knowledge would move a stage"),
        Column("pseudo_resistance", "texts", "checks of the checklist that are present"),
        Column("safety", "texts", "safety flags"),
        Column("issues", "int", "entries of the patient that could not be read, or conflict"),
        Column("report", "text", "the whole report, as `stage --format json` prints it"),
    ),
)
TRIAL = Table(
    "trial",
    "One row a trial, patient and ruleset",
    (
        _PATIENT,
        _RULESET,
        Column("trial", "text", "id within the report: `t1`, or `e1` of an earlier episode"),
        Column("earlier_episode", "flag", "whether it belongs to an earlier episode"),
        Column("drug", "text", "ingredient"),
        Column("drug_class", "text", "pharmacological class"),
        Column("role", "text", "`monotherapy`, `combination`, `augmentation`"),
        Column("start", "text", "first day at its precision"),
        Column("end", "text", "last day at its precision"),
        Column("ongoing", "flag", "whether it was under way on the staging date"),
        Column("max_daily_dose_mg", "float", "highest daily dose reached, mg"),
        Column("min_adequate_dose_mg", "float", "floor of the ruleset, mg a day"),
        Column("days_low", "int", "days from start to end, at least"),
        Column("days_high", "int", "the same, at most"),
        Column("days_at_adequate_dose_low", "int", "longest run at or above the floor, at least"),
        Column("days_at_adequate_dose_high", "int", "the same, at most"),
        Column("dose", "text", "`met`, `not_met`, `unknown`"),
        Column("duration", "text", "`met`, `not_met`, `unknown`"),
        Column("adherence", "text", "`met`, `not_met`, `unknown`"),
        Column("adequate", "text", "the three together"),
        Column(
            "outcome",
            "text",
            "`remission`, `response`, `partial_response`, `non_response`, `unknown`",
        ),
        Column("scale", "text", "rating scale of the outcome"),
        Column("baseline", "float", "score the trial started from"),
        Column("endpoint", "float", "score it ended with"),
        Column("percent_reduction", "float", "from baseline to endpoint"),
        Column(
            "discontinuation", "text", "`inefficacy`, `intolerance`, `other`, `unknown`, `ongoing`"
        ),
        Column("failed", "text", "proven failure of an adequate trial: `yes`, `no`, `unknown`"),
        Column("failed_working", "text", "the same under the ruleset's assumptions"),
        Column("evidence", "texts", "elements it rests on, `Type/id#element`"),
    ),
)
FINDING = Table(
    "finding",
    "One row a rule applied, patient and ruleset",
    (
        _PATIENT,
        _RULESET,
        Column("rule", "text", "id of the rule"),
        Column("verdict", "text", "`met`, `not_met`, `unknown`"),
        Column("subject", "text", "trial or procedure; empty for the record as a whole"),
        Column("statement", "text", "the rule applied to this record"),
        Column("facts", "texts", "elements used, `Type/id#element`"),
        Column("sources", "texts", "keys of the table of sources"),
    ),
)
DEFINITION = Table(
    "definition",
    "One row a definition of registers and claims studies, beside our label",
    (
        _PATIENT,
        Column("ruleset", "text", "the first ruleset of the run: the label of ours"),
        Column("definition", "text", "name of the definition (`switch_counts.toml`)"),
        Column("changes_low", "int", "treatments that another one followed, proven"),
        Column("changes_high", "int", "the same, not excluded"),
        Column("at_least", "text", "resistant by the definition, proven: `yes`, `no`"),
        Column("at_most", "text", "the same, not excluded"),
        Column("trd_working", "text", "TRD of ours; empty where staging is blocked"),
        Column("change", "text", "`same`, `only_definition`, `only_ours`, `not_staged`"),
    ),
)
ISSUE = Table(
    "issue",
    "One row a thing that could not be used, with its place",
    (
        Column("patient", "text", "whose record it concerns; empty where nobody's can be said"),
        Column("file", "text", "input file; empty for an issue inside a patient's record"),
        Column("line", "int", "line of the file"),
        Column("severity", "text", "`error`: not used; `warning`: used with care"),
        Column("resource", "text", "`Type/id`, or the place where there is no id"),
        Column("path", "text", "FHIR path inside it"),
        Column("problem", "text", "what is wrong; never a value of the record"),
    ),
)
TABLES = (REPORT, TRIAL, FINDING, DEFINITION, ISSUE)


def dictionary() -> str:
    """The data dictionary as Markdown."""
    parts = []
    for table in TABLES:
        rows = [f"| `{c.name}` | {c.kind} | {c.meaning} |" for c in table.columns]
        head = ["", "| column | type | meaning |", "|---|---|---|"]
        parts.append("\n".join([f"### `{table.name}`", "", f"{table.title}.", *head, *rows]))
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    print(dictionary(), end="")  # noqa: T201 - the program prints the dictionary
