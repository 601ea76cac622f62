"""What each source of real records yields, as the table of docs/records.md.

``python -m tests.lib.yields`` writes the page anew.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from fhir_adapter.errors import AdapterError
from fhir_adapter.read import read_files
from tests.lib.demo import REPOSITORY
from tests.lib.shared_data import FHIR

PAGE = REPOSITORY / "docs" / "records.md"
SOURCES = (
    ("ecqm-cms128/cases", "eCQM CMS128 test patients"),
    ("ecqm-cms136/cases", "eCQM CMS136 test patients"),
    ("ecqm-cms159/cases", "eCQM CMS159 test patients"),
    ("ecqm-cms161/cases", "eCQM CMS161 test patients"),
    ("ecqm-cms2/cases", "eCQM CMS2 test patients"),
    ("mimic-iv-demo/patients", "MIMIC-IV demo on FHIR, seven patients"),
    ("smart-sample-patients/stu3", "SMART sample patients, STU3"),
    ("ahrq-phq9-stu3", "AHRQ PHQ-9 responses, STU3"),
    ("us-core", "US Core examples"),
    ("qicore-us-cql", "QI-Core examples of negation"),
    ("hl7-r4-examples", "HL7 R4 examples"),
    ("synthea/bundles", "Synthea bundles"),
    ("pysynthea", "PySynthea bundles"),
)
COLUMNS = (
    "files", "refused", "resources", "drug uses", "with a dose", "scores", "diagnoses",
    "laboratory values", "sessions", "reactions", "issues",
)  # fmt: skip
HEAD = """# What real records yield

Each file of the shared data was read on its own; none raises, and a file with nothing of a patient
in it (a Questionnaire, a lone Medication) is refused by name with exit code 3. A *drug use* is one
exposure to a drug that staging reads: antidepressants, augmenting agents, interacting and
depressogenic drugs; a fill or an administration counts as one. An *issue* names what could not be
read or contradicts itself. A test recomputes this page.

"""


TAIL = """
## Broken records

Whatever stands in an element, reading ends in facts and issues or in a refusal by name. CI tries
some 2,800 broken Bundles, texts, instructions and dates (hypothesis). An hour of coverage-guided
fuzzing (atheris, `tests/property/fuzz_adapter.py`, 22 November 2026) made 1,287,360 attempts,
449 thousand of them changed Bundles and 743 thousand instructions: no fault; the slowest inputs it
kept need at most 20 ms of processor time. Its first seconds had found one, mended before: a digit
that is no number ("➆") in an instruction.

## Speed

`python -m evals.benchmarks.read_and_stage` reads and stages a record of 2,000 resources and says
how many times longer that takes than parsing its bytes (`orjson.loads`): 8.3 times on a quiet
machine of two cores (reading 6.4, staging 1.7), where the target is at most 10. The time goes into
what is of interest: an order, a fill or a result that staging reads costs some ten times what
another one does, an unread type next to nothing. What stands in a record often is understood
once: a coding, an instruction but for its dates, a unit, a date.
"""


def page() -> str:
    """The page as it should stand."""
    lines = [
        "| source | " + " | ".join(COLUMNS) + " |",
        "|---|" + "---:|" * len(COLUMNS),
    ]
    for folder, title in SOURCES:
        counts = _counts(FHIR / folder)
        lines.append(f"| {title} | " + " | ".join(str(counts[name]) for name in COLUMNS) + " |")
    return HEAD + "\n".join(lines) + "\n" + TAIL


def _counts(folder: Path) -> Counter[str]:
    total: Counter[str] = Counter()
    for path in _files(folder):
        total["files"] += 1
        try:
            facts = read_files([path]).treatment
        except AdapterError:
            total["refused"] += 1
            continue
        total["resources"] += facts.completeness.resources_total
        total["drug uses"] += sum(not exposure.set_aside for exposure in facts.exposures)
        total["with a dose"] += sum(exposure.dose is not None for exposure in facts.exposures)
        total["scores"] += len(facts.scores)
        total["diagnoses"] += len(facts.diagnoses)
        total["laboratory values"] += len(facts.labs)
        total["sessions"] += len(facts.sessions)
        total["reactions"] += len(facts.reactions)
        total["issues"] += len(facts.issues)
    return total


def _files(folder: Path) -> Iterator[Path]:
    yield from sorted(folder.glob("*.json"))


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
