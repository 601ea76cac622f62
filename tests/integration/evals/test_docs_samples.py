"""The cookbook's snippets run as printed; the samples for other harnesses reach the real API."""

import importlib.util
import json
import re
import shlex
import shutil
from collections.abc import Iterator

import httpx2
import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from assistant.cli import app
from tests.lib import demo
from tests.lib.live_service import live_service

FOLDER = demo.REPOSITORY / "docs" / "evaluation"
COOKBOOK = (FOLDER / "cookbook.md").read_text("utf-8")
SCHEMA = json.loads((FOLDER / "harness-samples.schema.json").read_text("utf-8"))


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", COOKBOOK, re.DOTALL)


def saved_as() -> list[str]:
    return re.findall(r"(?:Save|save)(?: it| this)? as `([a-z.-]+)`", COOKBOOK)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with what the cookbook says to save there."""
    for name, text in zip(saved_as(), blocks("yaml"), strict=True):
        (tmp_path / name).write_text(text)
    shutil.copy(demo.path("worked-case"), tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_case_of_ones_own_is_ten_lines():
    assert len(blocks("yaml")[0].splitlines()) <= 10


@pytest.mark.parametrize(
    "line", [line for block in blocks("console") for line in block.splitlines()]
)
def test_a_command_of_the_cookbook_runs_and_passes(folder, line):
    program, *arguments = shlex.split(line)
    assert program == "trd-assistant"
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output
    out = folder / arguments[arguments.index("--out") + 1]
    assert any(out.iterdir())


def test_the_cookbooks_own_answers_are_judged(folder):
    arguments = ["evals", "run", "staging", "--cases", "mine.yaml", "--out", "o"]
    wrong = (folder / "mine.yaml").read_text().replace("source_stage: I,", "source_stage: II,")
    (folder / "mine.yaml").write_text(wrong)
    assert CliRunner().invoke(app, arguments).exit_code == 1


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with live_service() as url:
        yield url


def violations(kind: str, document) -> list[str]:
    schema = {"$ref": f"#/$defs/{kind}", "$defs": SCHEMA["$defs"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(document)]


def test_the_promptfoo_sample_asks_what_the_api_answers(address):
    sample = yaml.safe_load((FOLDER / "promptfoo.yaml").read_text("utf-8"))
    assert violations("promptfoo", sample) == []
    (provider,) = sample["providers"]
    client = httpx2.Client()
    ctx = client.post(f"{address}/api/demo/worked-case").json()["ctx"]
    url = provider["config"]["url"].replace("{{env.ASSISTANT_URL}}", address)
    url = url.replace("{{env.ASSISTANT_CTX}}", ctx)
    for test in sample["tests"]:
        body = {**provider["config"]["body"], "question": test["vars"]["question"]}
        reply = client.post(url, json=body)
        assert reply.status_code == 200, reply.text
        output = reply.json()
        for check in test["assert"]:
            assert holds(check["value"], output), (test["vars"], output["values"])
    client.close()


def holds(expression: str, output) -> bool:
    """Whether the comparisons of a sample's JavaScript hold."""
    for part in expression.split(" && "):
        left, sign, right = re.fullmatch(r"output\.([\w.\[\]]+) (===|>) (.+)", part).groups()
        found = output
        for step in re.findall(r"\w+", left):
            if step == "length":
                found = len(found)
            else:
                found = found[int(step)] if step.isdigit() else found[step]
        if sign == ">" and not found > int(right):
            return False
        if sign == "===" and found != right.strip("'"):
            return False
    return True


def test_the_deepeval_sample_makes_test_cases_of_real_answers(address, monkeypatch):
    monkeypatch.setenv("ASSISTANT_URL", address)
    spec = importlib.util.spec_from_file_location("sample", FOLDER / "deepeval_sample.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    rows = module.rows()
    assert violations("deepeval", rows) == []
    assert all(row["expected_output"] in row["actual_output"] for row in rows)
