"""``sig`` and ``days-covered`` at the command line."""

import json

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from tests.lib.fhir import bundle, patient, statement
from tests.lib.schemas import violations

runner = CliRunner()


@pytest.fixture
def record(tmp_path):
    path = tmp_path / "record.json"
    path.write_text(json.dumps(bundle(patient(), statement())), encoding="utf-8")
    return str(path)


def run(*arguments):
    return runner.invoke(app, list(arguments))


def test_sig_answers_a_list_in_input_order():
    done = run("sig", "1 tab qd", "nonsense", "--format", "json")
    assert done.exit_code == 0
    read = json.loads(done.stdout)
    assert violations("sig-1", read) == []
    first, second = read
    assert first["dose"] == {"low": 1, "high": 1, "unit": "tablet"}
    assert second["dose"] is None
    assert second["problems"]


def test_sig_in_text_names_the_problems():
    done = run("sig", "1 pill qd")
    assert "1, 1 x every 1 day" in done.stdout
    assert "the unit is not one we can name" in done.stdout


def test_days_covered_answers_one_object_a_drug(record):
    done = run("days-covered", record, "--as-of", "2024-01-01", "--format", "json")
    assert done.exit_code == 0
    read = json.loads(done.stdout)
    assert violations("days-covered-1", read) == []
    (found,) = read
    assert (found["drug"], found["days"], found["source"]) == ("sertraline", 56, "statement")


def test_days_covered_looks_at_the_window_only(record):
    done = run(
        "days-covered", record, "--from", "2023-02-01", "--to", "2023-02-10",
        "--class", "antidepressants", "--format", "json",
    )  # fmt: skip
    assert json.loads(done.stdout)[0]["days"] == 10


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--from", "2023-02-30"), 2),
        (("--from", "2023-02-10", "--to", "2023-02-01"), 2),
        (("--drug", "sertraline", "--class", "antidepressants"), 2),
        (("--policy", "guess"), 2),
        (("--patient", "nobody"), 4),
    ],
)
def test_wrong_usage_has_its_exit_code(record, arguments, code):
    assert run("days-covered", record, *arguments).exit_code == code


def test_a_missing_file_is_unreadable():
    assert run("days-covered", "no-such-file.json").exit_code == 3
