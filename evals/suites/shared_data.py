"""The suites on third-party data: FHIRPath-QA and the arithmetic of three eCQMs.

The data is not ours to ship; its folder is given, and without it both say skipped.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import orjson

from evals import fhirpath_qa
from evals.fhirpath_gold import RawRecords, contradiction
from evals.scorers import Score, told
from evals.subjects import Subject
from evals.suites import EvalItem, Options, Suite, SuiteSkippedError

_AS_OF = date(2027, 1, 1)
_LOOK_BACK_DAYS = 105


def need(folder: Path) -> Path:
    """The folder, if it is there.

    Raises:
        SuiteSkippedError: it is not.
    """
    if not folder.exists():
        raise SuiteSkippedError(f"{folder.name} is not in the data folder (--data PATH)")
    return folder


# FHIRPath-QA


def fhirpath_items(options: Options) -> Iterator[EvalItem]:
    """The questions of the train split over the records of the MIMIC-IV demo."""
    questions = need(options.data / "fhir" / "fhirpath-qa") / "train.jsonl"
    need(options.data / "fhir" / "mimic-iv-demo-full")
    rows = [json.loads(line) for line in questions.read_text(encoding="utf-8").splitlines()]
    records = _Records(options.data / "fhir" / "mimic-iv-demo-full")
    known, raw = records.patients(), RawRecords(options.data / "fhir" / "mimic-iv-demo-full")
    for row in sorted(rows, key=lambda one: str(one["patient_id"])):
        if str(row["patient_id"]) not in known:
            continue  # one patient of the questions is not in the files of the demo
        template = row["question_template_id"]
        yield EvalItem(
            id=row["id"],
            family=template,
            asked=row["question"],
            expected=json.loads(row["answer"]),
            perform=partial(_ask_fhirpath, row, records),
            judge=partial(_judge_fhirpath, row),
            half=_half(row, raw),
        )


def _half(row: dict[str, Any], raw: RawRecords) -> str:
    """What the files can do for a question: answer it, nothing, or contradict its stated answer."""
    if row["question_template_id"] in fhirpath_qa.ABSENT_OBSERVATIONS:
        return "absent observations"
    return "contradicted" if contradiction(row, raw) else "answerable"


class _Records:
    """The patients' records, written out as Bundles when first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._gathered: Any = None
        self._bundles: dict[str, bytes] = {}

    def patients(self) -> frozenset[str]:
        """The ids and identifiers of the patients in the files."""
        found: set[str] = set()
        for path in self._folder.rglob("*Patient*"):
            opened = gzip.open if path.suffix == ".gz" else open
            with opened(path, "rt", encoding="utf-8") as lines:
                for row in map(json.loads, lines):
                    found |= {row["id"], *(str(one["value"]) for one in row["identifier"])}
        return frozenset(found)

    def bundle(self, patient: str) -> bytes:
        if patient not in self._bundles:
            from fhir_adapter.read import read_gathered  # noqa: PLC0415

            record = read_gathered(self._all(), patient=patient)
            entries = [{"resource": one} for one in record.resources.values()]
            whole = {"resourceType": "Bundle", "type": "collection", "entry": entries}
            self._bundles[patient] = orjson.dumps(whole)
        return self._bundles[patient]

    def _all(self) -> Any:
        from fhir_adapter.entries import Gathered, gather  # noqa: PLC0415

        if self._gathered is None:
            found = Gathered()
            gather(self._folder, found)
            self._gathered = found
        return self._gathered


def _ask_fhirpath(row: dict[str, Any], records: _Records, subject: Subject) -> dict[str, Any]:
    opened = subject.open(records.bundle(str(row["patient_id"])))
    return opened.ask(row["question"], row["now"])


def _judge_fhirpath(row: dict[str, Any], _: Subject, reply: dict[str, Any]) -> Iterable[Score]:
    expected = json.loads(row["answer"])
    step = (reply.get("plan") or [{}])[0]
    right = fhirpath_qa.right(
        expected,
        [str(value) for value in reply.get("values") or ()],
        str(reply.get("status")),
        one_moment=step.get("aggregate") in ("first", "last"),
    )
    if row["question_template_id"] in fhirpath_qa.ABSENT_OBSERVATIONS:
        right = right or reply.get("status") == "abstained"
    yield told("answer", right, f"expected {expected}, got {reply.get('values')}")


FHIRPATH_QA = Suite(
    name="fhirpath-qa",
    title="FHIRPath-QA, train split (data given by path)",
    items=fhirpath_items,
    offline=False,
)


# eCQM arithmetic


def ecqm_items(options: Options) -> Iterator[EvalItem]:
    """The test patients of CMS128, CMS136 and CMS159 with the measures' expected results."""
    judges = {"cms128": _cms128, "cms136": _cms136, "cms159": _cms159}
    for name, expected_of in judges.items():
        folder = need(options.data / "fhir" / f"ecqm-{name}")
        for case in json.loads((folder / "expected.json").read_text(encoding="utf-8")):
            yield EvalItem(
                id=f"{name}.{case['case']}",
                family=name,
                asked=str(case.get("title") or case["case"]),
                expected=case["groups"],
                perform=partial(_compute, expected_of, folder / "cases", case),
                judge=partial(_judge_ecqm, case),
            )


def _compute(measure: Any, folder: Path, case: dict[str, Any], _: Subject) -> dict[str, Any]:
    found: dict[str, Any] = measure(folder / f"{case['case']}.json", case)
    return found


def _judge_ecqm(case: dict[str, Any], _: Subject, reply: dict[str, Any]) -> Iterable[Score]:
    for name, (group, population) in reply["asks"].items():
        due = case["groups"][group]["populations"][population]
        got = reply["found"][name]
        yield told(name, got == due, f"expected {due}, got {got}")


def _covered(path: Path, source: str, start: date | None, end: date | None) -> Any:
    from fhir_adapter.coverage import Window, days_covered  # noqa: PLC0415
    from fhir_adapter.inputs import chart_of_inputs  # noqa: PLC0415

    window = Window(as_of=_AS_OF, start=start, end=end)
    (pooled,) = days_covered(
        chart_of_inputs([str(path)]), window, drug_class="antidepressants", source=source
    )
    return pooled


def _cms128(path: Path, case: dict[str, Any]) -> dict[str, Any]:
    """84 of 114 days and 180 of 231 days of antidepressants; an order active before excludes."""
    index = _covered(path, "dispense", None, None).intervals[0].start
    found, asks = {}, {}
    for name, group, window, needed in (
        ("acute phase", 0, 114, 84),
        ("continuation phase", 1, 231, 180),
    ):
        days = _covered(path, "dispense", index, index + timedelta(days=window)).days
        found[name], asks[name] = int(days >= needed), (group, "numerator")
    if "Hospice" not in str(case["title"]):
        start, end = index - timedelta(days=_LOOK_BACK_DAYS), index - timedelta(days=1)
        found["exclusion"] = int(_covered(path, "request", start, end).days > 0)
        asks["exclusion"] = (0, "denominator-exclusion")
    return {"found": found, "asks": asks}


def _cms136(path: Path, _: dict[str, Any]) -> dict[str, Any]:
    """210 of 300 days of one drug, its orders carried forward."""
    from fhir_adapter.coverage import Window, days_covered  # noqa: PLC0415
    from fhir_adapter.inputs import chart_of_inputs  # noqa: PLC0415

    chart = chart_of_inputs([str(path)])
    options = {"policy": "carry_forward", "source": "request"}
    whole = days_covered(chart, Window(as_of=_AS_OF), **options)
    index = min(coverage.intervals[0].start for coverage in whole)
    window = Window(as_of=_AS_OF, start=index, end=index + timedelta(days=300))
    (covered,) = days_covered(chart, window, **options)
    return {
        "found": {"carried forward": int(covered.days >= 210)},  # noqa: PLR2004 - the measure's
        "asks": {"carried forward": (1, "initial-population")},
    }


def _cms159(path: Path, case: dict[str, Any]) -> dict[str, Any]:
    """Remission: the last PHQ-9 within 60 days of a year after the index is below 5."""
    from assistant.staging.dates import add_months  # noqa: PLC0415
    from fhir_adapter.inputs import read_inputs  # noqa: PLC0415

    read = read_inputs([str(path)]).treatment
    start = date.fromisoformat(case["measurementPeriod"]["start"])
    scores = sorted(
        (one.date.earliest, one.date.time, one.value)
        for one in read.scores
        if one.scale == "PHQ-9" and one.date is not None
    )
    index = next(
        (day for day, _, value in scores
         if add_months(start, -14) <= day < add_months(start, -2) and value > 9),  # noqa: PLR2004
        None,
    )  # fmt: skip
    born = read.patient.birth_date
    old_enough = index is not None and born is not None and add_months(born.earliest, 144) <= index
    depressed = index is not None and any(
        one.category in ("depression", "persistent_depressive_disorder")
        and one.onset is not None
        and one.onset.earliest <= index + timedelta(days=7)
        for one in read.diagnoses
    )
    found = {"index score": int(old_enough and depressed)}
    asks = {"index score": (0, "initial-population")}
    populations = case["groups"][0]["populations"]
    if (
        index is not None
        and populations["denominator"]
        and not populations["denominator-exclusion"]
    ):
        year = add_months(index, 12)
        near = [value for day, _, value in scores if abs((day - year).days) <= 60]  # noqa: PLR2004
        found["remission"] = int(bool(near) and near[-1] < 5)  # noqa: PLR2004
        asks["remission"] = (0, "numerator")
    return {"found": found, "asks": asks}


ECQM = Suite(
    name="ecqm",
    title="eCQM arithmetic: CMS128, CMS136, CMS159 (data given by path)",
    items=ecqm_items,
    offline=False,
    needs_built_in=True,
)
