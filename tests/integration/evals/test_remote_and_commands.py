"""A deployment evaluated through its public API; the commands, their files and exit codes."""

import json
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from assistant.answering.model import Model
from assistant.cli import app
from evals.cost import estimate, is_paid
from evals.running import LOGS, Plan, run_suite
from evals.scorers.wording import SameVendorError, wording_judge
from evals.subjects import SubjectError
from evals.subjects.built_in import BuiltIn
from evals.subjects.remote import Remote
from evals.suites.registry import suites_named
from tests.lib import demo
from tests.lib.chat_models import ScriptedChat
from tests.lib.commands import python
from tests.lib.evaluation import assistant, ran
from tests.lib.live_service import live_service


def evals(*arguments: object):
    return CliRunner().invoke(app, ["evals", *map(str, arguments)])


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with live_service() as url:
        yield url


@pytest.fixture(scope="module")
def remote(address: str) -> Iterator[Remote]:
    found = Remote(address)
    yield found
    found.close()


@pytest.mark.parametrize("suite", ["staging", "record", "retrieval"])
def test_a_deployment_is_judged_like_the_assistant_in_process(remote, tmp_path, suite):
    here = ran(suite, assistant(), tmp_path / "here", limit=5)
    there = ran(suite, remote, tmp_path / "there", limit=5)
    assert there.status == here.status, there.reason
    assert there.status in ("passed", "missed")
    assert [(i.id, i.scores) for i in there.items] == [(i.id, i.scores) for i in here.items]


@pytest.mark.parametrize("suite", ["ecqm", "knowledge"])
def test_a_suite_that_the_public_api_cannot_answer_is_skipped(remote, tmp_path, suite):
    result = ran(suite, remote, tmp_path)
    assert result.status == "skipped"
    assert "public API" in result.reason


def test_a_deployment_that_is_not_there_is_named(tmp_path):
    subject = Remote("http://127.0.0.1:9")
    with pytest.raises(SubjectError):
        subject.describe()
    subject.close()
    done = evals("run", "staging", "--url", "http://127.0.0.1:9", "--out", tmp_path)
    assert done.exit_code == 2


def test_a_run_leaves_every_report_and_compare_finds_no_change(tmp_path):
    first, second = tmp_path / "a", tmp_path / "b"
    for folder in (first, second):
        done = evals("run", "staging", "--limit", 6, "--out", folder)
        assert done.exit_code == 0, done.output
    names = {path.name for path in first.iterdir()}
    assert names == {"results.json", "scoreboard.md", "report.html", "junit.xml", LOGS}
    results = json.loads((first / "results.json").read_text())
    assert {"datasets", "prompts", "rulesets", "tables", "corpus", "gate"} <= set(
        results["header"]["hashes"]
    )
    assert results["header"]["seed"] == 0
    (suite,) = ET.fromstring((first / "junit.xml").read_text())  # noqa: S314 - our own
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ("staging", "7", "0")
    page = (first / "report.html").read_text()
    assert "<svg" in page
    assert "<script" not in page
    assert "src=" not in page
    board = (first / "scoreboard.md").read_text()
    assert "| trd working | all |" in board
    assert evals("compare", first, second).exit_code == 0


def test_compare_exits_1_on_a_lost_clinical_fact_and_lists_it(tmp_path):
    evals("run", "staging", "--limit", 6, "--out", tmp_path / "a")
    results = json.loads((tmp_path / "a" / "results.json").read_text())
    item = results["suites"][0]["items"][0]
    item["scores"]["trd working"] = 0.0
    worse = tmp_path / "b"
    worse.mkdir()
    (worse / "results.json").write_text(json.dumps(results))
    done = evals("compare", tmp_path / "a", worse)
    assert done.exit_code == 1
    assert f"staging / {item['id']}: trd working 1 → 0" in done.output
    assert json.loads(evals("compare", tmp_path / "a", worse, "--format", "json").stdout)


def test_a_run_that_was_cut_short_goes_on_where_it_stopped(tmp_path):
    (suite,) = suites_named("record")
    asked = []

    class Counting(BuiltIn):
        def ask_of(self, case, question, as_of, history):
            asked.append(question)
            if len(asked) == 12:
                raise KeyboardInterrupt
            return super().ask_of(case, question, as_of, history)

    plan = Plan(subject=Counting(), folder=tmp_path, limit=30, header={"seed": 0}, parallel=1)
    with pytest.raises(KeyboardInterrupt):
        raise_again(run_suite(suite, plan))
    before = len(asked)
    resumed = Plan(
        subject=Counting(), folder=tmp_path, limit=30, header={"seed": 0}, parallel=1, resume=True
    )
    result = run_suite(suite, resumed)
    assert result.status in ("passed", "missed"), result.reason
    assert len(result.items) == 30
    assert len(asked) - before <= 30 - 10  # at least the ten that the log had are not asked again


def raise_again(result) -> None:
    """Inspect keeps an interrupt to itself: the suite is incomplete."""
    assert result.status == "incomplete", result.status
    raise KeyboardInterrupt


def test_an_earlier_run_with_another_seed_is_not_taken_over(tmp_path):
    (suite,) = suites_named("staging")
    run_suite(suite, Plan(subject=assistant(), folder=tmp_path, limit=4, header={"seed": 0}))
    asked = []

    class Counting(BuiltIn):
        def open(self, bundle):
            asked.append(bundle)
            return super().open(bundle)

    other = Plan(subject=Counting(), folder=tmp_path, limit=4, header={"seed": 1}, resume=True)
    run_suite(suite, other)
    assert len(asked) == 4


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["run", "no-such-suite"], "no-such-suite: no such suite; there are staging"),
        (["run", "--url", "http://x", "--model", "y"], "not both"),
        (["run", "--url", "http://x", "--header", "nothing"], "--header"),
        (["compare", "absent", "absent"], "absent"),
        (["twins", "absent.json"], "no such file"),
    ],
)
def test_wrong_usage_says_what_was_expected(arguments, told):
    done = evals(*arguments)
    assert done.exit_code in (2, 3)
    assert told in done.output
    assert "Traceback" not in done.output


def test_the_suites_are_listed_with_their_items(monkeypatch):
    done = evals("list", "--format", "json")
    assert done.exit_code == 0
    rows = {row["suite"]: row["items"] for row in json.loads(done.stdout)}
    assert int(rows["injection"]) >= 300
    assert int(rows["twins"]) > 100


def test_twins_of_any_record_are_printed_as_json():
    done = evals("twins", demo.path("bipolar"), "--as-of", "2024-03-04")
    assert done.exit_code == 0, done.output
    printed = json.loads(done.stdout)
    assert printed["schema"] == "evidence-twins/1"
    assert len({pair["family"] for pair in printed["pairs"]}) >= 10


def scripted(name: str, text: str) -> Model:
    return Model(name=name, chat=ScriptedChat(reply=lambda prompt: text, prompts=[]))


def test_what_a_paid_run_will_use_is_told_before_it_starts(tmp_path):
    (suite,) = suites_named("record")
    plan = Plan(subject=assistant(), folder=tmp_path, limit=10)
    assert estimate([suite], plan, None).startswith("at most 20 model calls")
    # 20 calls of 900 tokens in and 700 out: 18,000 x 1 and 14,000 x 10 a million
    assert estimate([suite], plan, (1.0, 10.0)).endswith("at most 0.16")
    assert is_paid("openai:some-model", None)
    assert not is_paid("local", "http://127.0.0.1:8080/v1")


def test_a_model_is_counted_call_by_call(tmp_path):
    subject = BuiltIn(model=scripted("stub:model", "Nothing [1]"))
    result = ran("record", subject, tmp_path, limit=4)
    assert sum(item.tokens["calls"] for item in result.items if item.tokens) >= 1


def test_the_wording_is_judged_by_another_vendor_only_and_decides_nothing(tmp_path):
    with pytest.raises(SameVendorError):
        wording_judge(scripted("openai:judge", "5"), judged="openai:model")
    (suite,) = suites_named("record")
    judge = wording_judge(scripted("other:judge", "4"), judged="openai:model")
    result = run_suite(suite, Plan(subject=assistant(), folder=tmp_path, limit=4, judges=(judge,)))
    assert not any(measure.measure == "wording" and measure.missed for measure in result.measures)
    assert {item.scores["wording"] for item in result.items} == {0.75}  # (4 - 1) / (5 - 1)


def test_the_command_line_loads_nothing_of_the_evaluation_before_it_is_asked_for():
    program = (
        "import sys, assistant.cli; "
        "print([m for m in ('evals', 'inspect_ai', 'yaml') if m in sys.modules])"
    )
    assert python(program).out.strip() == "[]"
