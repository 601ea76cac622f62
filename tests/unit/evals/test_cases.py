"""Files of cases: the published schema, records in a few words, errors that say where."""

import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from assistant.staging.engine import stage
from evals.cases import CaseError, Chart, published_schema, read_cases
from evals.charts import bundle_of
from evals.records import record_of
from evals.suites import FOLDER
from fhir_adapter.read import read_bundle
from tests.lib.demo import REPOSITORY
from tests.lib.schemas import violations

FILES = sorted(
    path
    for folder in ("questions", "staging")
    for path in (FOLDER / folder).rglob("*")
    if path.suffix in (".yaml", ".jsonl")
)


def test_the_schema_is_published_as_the_models_have_it():
    published = json.loads((REPOSITORY / "docs/schemas/eval-case-1.json").read_text("utf-8"))
    assert published == published_schema()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_shipped_file_of_cases_keeps_the_published_schema(path: Path):
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        documents = [json.loads(line) for line in text.splitlines()]
    else:
        documents = [json.loads(json.dumps(yaml.safe_load(text), default=str))]
    assert [line for one in documents for line in violations("eval-case-1", one)] == []
    assert list(read_cases(path))


def written(tmp_path: Path, text: str, name: str = "mine.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("text", "name", "told"),
    [
        ("items: [", "mine.yaml", "expected YAML"),
        ("items: [{id: a}]", "mine.yaml", r"items\.0: .*give ask"),
        ("items: [{id: a, ask: [b]}]", "mine.yaml", "needs the expected status"),
        ("items: [{id: a, asks: [b]}]", "mine.yaml", r"items\.0\.asks"),
        ("- 1", "mine.yaml", "the whole"),
        ("{", "mine.jsonl", "line 1: expected one JSON object"),
        ('{"id": "a", "ask": 3, "status": "answered"}', "mine.jsonl", r"line 1: ask"),
    ],
)
def test_a_case_of_another_shape_is_refused_with_its_place(tmp_path, text, name, told):
    with pytest.raises(CaseError, match=told):
        list(read_cases(written(tmp_path, text, name)))


def test_an_unknown_demo_patient_is_named(tmp_path):
    (case,) = read_cases(
        written(tmp_path, "patient: nobody\nitems: [{id: a, ask: [b], status: answered}]")
    )
    with pytest.raises(CaseError, match="nobody"):
        record_of(case, tmp_path, None)


def test_a_chart_in_a_few_words_is_read_as_it_says():
    chart = Chart.model_validate({
        "conditions": [{"code": "F32.1", "onset": "2023-01-01"}],
        "drugs": [{"drug": "sertraline", "mg": 100, "start": "2023-01-02", "end": "2023-02-26",
                   "taken": 0.9}],
        "scores": [{"scale": "HAM-D-17", "value": 24, "date": "2023-01-02"}],
    })  # fmt: skip
    read = read_bundle(json.dumps(bundle_of(chart)).encode())
    report = stage(read.treatment, as_of=date(2023, 3, 1))
    (trial,) = report.trials
    assert (trial.drug, trial.max_daily_dose_mg, trial.days.low) == ("sertraline", 100, 56)
    # 50 of 56 days covered
    assert round(float(trial.proportion_of_days_covered or 0), 3) == round(50 / 56, 3)
    assert not read.treatment.issues
