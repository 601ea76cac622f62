"""Every patient of an export gets the report that the single-patient path gives, to the byte."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from assistant.cohort.grouping import check_where
from assistant.cohort.work import CohortError, Work
from tests.lib import demo
from tests.lib.cohorts import AS_OF, PATIENTS, Run, export, run, single, without
from tests.lib.commands import trd_assistant
from tests.lib.shared_data import FHIR, need


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def whole(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    rulesets = [
        part
        for name in ("source_text", "sforzini_2022", "register")
        for part in ("--ruleset", name)
    ]
    return run(tmp_path_factory.mktemp("out") / "run", folder, *rulesets)


def test_each_patient_of_the_export_has_one_report_a_ruleset(whole: Run) -> None:
    rows = whole.table("report")
    assert len(rows) == 3 * PATIENTS
    assert {row["patient"] for row in rows} == {f"Patient/p{n}" for n in range(PATIENTS)}
    assert len({(row["patient"], row["ruleset"]) for row in rows}) == len(rows)


@pytest.mark.parametrize("ruleset", ["source_text", "sforzini_2022", "register"])
def test_a_report_is_the_bytes_of_the_single_patient_path(
    whole: Run, folder: Path, ruleset: str
) -> None:
    reports = whole.reports(ruleset)
    for number in range(0, PATIENTS, 20):
        alone = single([str(folder)], f"p{number}", ruleset=ruleset)
        assert reports[f"Patient/p{number}"] == alone


def test_a_report_is_what_the_command_stage_prints(whole: Run, folder: Path) -> None:
    printed = trd_assistant(
        "stage", folder, "--patient", "p3", "--as-of", AS_OF, "--format", "json"
    )
    assert printed.out == whole.reports()["Patient/p3"]


def test_the_columns_of_a_report_say_what_the_report_says(whole: Run) -> None:
    for row in whole.table("report"):
        report = json.loads(row["report"])
        staging = report["staging"]
        assert row["trd_working"] == staging["trd"]["working"]
        assert row["maudsley_at_most"] == staging["maudsley"]["at_most"]
        assert row["trials"] == len(report["trials"])
        assert row["trials_dose_met"] >= row["trials_duration_met"] >= row["trials_adequate"]
    drugs = {(row["patient"], row["trial"]): row["drug"] for row in whole.table("trial")}
    assert drugs
    statements = whole.table("finding")
    assert all(row["rule"] and row["statement"] for row in statements)


def test_the_manifest_names_inputs_by_hash_and_counts_what_came_out(
    whole: Run, folder: Path
) -> None:
    manifest = whole.manifest
    digests = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()
    }
    assert {item["name"]: item["sha256"] for item in manifest["inputs"]} == digests
    assert manifest["rows"] == {
        name: len(whole.table(name))
        for name in ("report", "trial", "finding", "definition", "issue")
    }
    assert [item["name"] for item in manifest["rulesets"]] == [
        "source_text",
        "sforzini_2022",
        "register",
    ]
    assert not (whole.out / ".work").exists()


def test_the_register_labels_more_patients_than_a_ruleset_that_checks_the_dose(
    whole: Run,
) -> None:
    resistant = {
        name: sum(r["ruleset"] == name and r["trd_working"] == "yes" for r in whole.table("report"))
        for name in ("source_text", "register")
    }
    assert resistant["register"] > resistant["source_text"]


def test_definitions_of_claims_studies_stand_beside_our_label(whole: Run) -> None:
    rows = whole.table("definition")
    assert len(rows) == 2 * PATIENTS
    ours = {
        r["patient"]: r["trd_working"]
        for r in whole.table("report")
        if r["ruleset"] == "source_text"
    }
    for row in rows:
        assert row["trd_working"] == ours[row["patient"]]
        differs = row["at_least"] != row["trd_working"] and row["trd_working"] is not None
        assert (row["change"] in ("only_definition", "only_ours")) == differs
    assert any(row["change"] == "only_definition" for row in rows)


def test_the_summary_page_needs_nothing_from_outside(whole: Run) -> None:
    page = (whole.out / "summary.html").read_text("utf-8")
    assert not re.search(r"(?:src|href)=|https?://|url\(", page)
    assert f"{PATIENTS} patients staged of {PATIENTS} in the input" in page
    for heading in ("By method and bound", "What is missing most", "Adequacy funnel"):
        assert heading in page


def test_the_same_command_again_finds_the_run_complete(whole: Run, folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in whole.out.rglob("*") if path.is_file()}
    rulesets = ("--ruleset", "source_text", "--ruleset", "sforzini_2022", "--ruleset", "register")
    run(whole.out, folder, *rulesets)
    assert {p: p.stat().st_mtime_ns for p in whole.out.rglob("*") if p.is_file()} == before


def test_other_options_or_inputs_over_a_run_are_refused(whole: Run, tmp_path: Path) -> None:
    with pytest.raises(CohortError, match="over other inputs or with other options"):
        Work(whole.out).finished("another run")
    with Work(tmp_path / "half").opened("a run"):
        pass
    with pytest.raises(CohortError, match="over other inputs"), Work(tmp_path / "half").opened("b"):
        pass
    (tmp_path / "full" / "something").mkdir(parents=True)
    with pytest.raises(CohortError, match="not empty"), Work(tmp_path / "full").opened("a"):
        pass


def test_two_runs_at_once_in_one_folder_are_refused(tmp_path: Path) -> None:
    work = Work(tmp_path / "out")
    with (
        work.opened("a run"),
        pytest.raises(CohortError, match="a run is under way"),
        Work(tmp_path / "out").opened("a run"),
    ):
        pass


def test_a_condition_chooses_patients(folder: Path, tmp_path: Path, whole: Run) -> None:
    some = run(tmp_path / "out", folder, "--where", "gender = 'male' and birth_year < 1980")
    people = [
        json.loads(line)
        for file in folder.glob("Patient.*")
        for line in file.read_text().splitlines()
    ]
    wanted = {
        f"Patient/{p['id']}" for p in people if p["gender"] == "male" and p["birthDate"] < "1980"
    }
    assert 0 < len(wanted) < PATIENTS
    assert set(some.reports()) == wanted
    assert some.manifest["counts"]["patients"] == PATIENTS
    assert all(some.reports()[name] == whole.reports()[name] for name in wanted)


@pytest.mark.parametrize("condition", ["patient = 'secret", "secret = 1", "1; DROP TABLE secret"])
def test_a_condition_that_is_none_is_wrong_usage(
    condition: str,
) -> None:
    with pytest.raises(CohortError, match="expected SQL such as") as refused:
        check_where(condition)
    assert refused.value.exit_code == 2
    assert "secret" not in refused.value.message


def test_bundles_give_the_reports_of_the_bundles(tmp_path: Path) -> None:
    done = run(tmp_path / "out", demo.FOLDER, as_of="2024-06-03")
    reports = done.reports()
    assert len(reports) == len(demo.IDS)
    for patient_id in demo.IDS:
        alone = single([str(demo.path(patient_id))], None, as_of="2024-06-03")
        assert reports[json.loads(alone)["patient"]["reference"]] == alone


def test_no_input_and_a_missing_one_are_named(tmp_path: Path) -> None:
    done = trd_assistant("cohort", tmp_path / "nothing", "--out", tmp_path / "out")
    assert done.exit == 3
    assert "gives no file" in done.err
    assert "Traceback" not in done.err


@pytest.mark.shared_data
def test_the_synthea_export_gives_the_reports_of_the_single_patient_path(tmp_path: Path) -> None:
    source = need(FHIR / "synthea" / "bulk-10-patients")
    kept = tmp_path / "export"
    kept.mkdir()
    for path in source.glob("*.000.ndjson"):
        (kept / path.name).symlink_to(path)
    done = run(tmp_path / "out", kept, as_of="2021-06-01")
    reports = done.reports()
    assert len(reports) == 13
    for reference in reports:
        alone = single([str(kept)], reference.removeprefix("Patient/"), as_of="2021-06-01")
        assert reports[reference] == alone


@pytest.mark.shared_data
def test_the_mimic_demo_gives_the_answers_of_the_single_patient_path(tmp_path: Path) -> None:
    """Equal but for the counts: alone, a patient is read among all Medications of the export."""
    source = need(FHIR / "mimic-iv-demo-full")
    done = run(tmp_path / "out", source, as_of="2200-01-01")
    reports = done.reports()
    assert len(reports) == 100
    files = [str(path) for path in sorted(source.glob("*.ndjson.gz"))]
    for reference in sorted(reports)[::50]:
        alone = json.loads(single(files, reference.removeprefix("Patient/"), as_of="2200-01-01"))
        grouped = json.loads(reports[reference])
        assert without(grouped, "completeness") == without(alone, "completeness")
        assert grouped["completeness"]["incomplete"] == alone["completeness"]["incomplete"]
