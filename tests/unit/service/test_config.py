"""Settings: a file, the command line on top, nothing unknown."""

from pathlib import Path

import pytest

from assistant.config import ConfigError, load_settings, refuse_tracing


def test_the_command_line_stands_over_the_file(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text('port = 9000\nframe_ancestors = ["https://ehr.example"]\n', encoding="utf-8")
    settings = load_settings(file, port=9001, host=None)
    assert (settings.port, settings.host) == (9001, "127.0.0.1")
    assert settings.frame_ancestors == ("https://ehr.example",)


@pytest.mark.parametrize(
    ("text", "named"),
    [("prot = 1", "prot"), ('port = "9000"', "port"), ("port = 70000", "port"), ("= 1", "TOML")],
)
def test_a_setting_that_is_not_one_of_ours_is_named(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=named):
        load_settings(file)


def test_a_missing_settings_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["LANGSMITH_API_KEY", "LANGCHAIN_TRACING_V2"])
def test_a_tracing_variable_stops_the_service(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        refuse_tracing({name: "x"})
    refuse_tracing({"PATH": "/bin"})
