"""``trd-assistant evals`` where something it needs is not there."""

from importlib.metadata import PackageNotFoundError
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli.evals import _optional_part, app
from assistant.cli.exits import CommandError


@pytest.mark.parametrize(
    "missing",
    [PackageNotFoundError("inspect-ai"), ModuleNotFoundError("no", name="inspect_ai.log")],
)
def test_an_evals_extra_that_is_not_installed_is_named(missing: Exception) -> None:
    with pytest.raises(CommandError, match="inspect") as refused, _optional_part():
        raise missing
    assert "evals" in refused.value.message


@pytest.mark.parametrize("option", ["--cases", "--data"])
def test_a_file_that_is_not_there_is_named_before_anything_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["run", "staging", option, "none", "--out", "out"])
    assert done.exit_code == 2
    assert "does not exist" in done.output
    assert not (tmp_path / "out").exists()
