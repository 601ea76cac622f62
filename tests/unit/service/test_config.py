"""Settings: a file, the command line on top, nothing unknown."""

from pathlib import Path

import pytest

from assistant.config import ConfigError, load_settings, refuse_tracing
from assistant.read_limits import ReadLimits
from fhir_adapter.server import ReadSettings


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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('publik_url = "https://a.test"', "there is no such setting; did you mean public_url?"),
        ('public_url = "a.test"', "public_url: expected an address without a path"),
        ("[read]\npag = 1", "read.pag: there is no such setting"),
    ],
)
def test_what_was_expected_of_a_setting_is_said_with_its_file(
    tmp_path: Path, text: str, told: str
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        load_settings(file)
    assert told in str(refused.value)
    assert str(file) in str(refused.value)


@pytest.mark.parametrize("content", [None, "", "{}", "[1]"])
def test_a_service_does_not_start_without_the_keys_of_a_cds_client(
    tmp_path: Path, content: str | None
) -> None:
    keys, file = tmp_path / "keys.json", tmp_path / "site.toml"
    if content is not None:
        keys.write_text(content, encoding="utf-8")
    file.write_text(
        f'[[cds_clients]]\nissuer = "https://ehr.test"\njwks_file = "{keys}"\n', encoding="utf-8"
    )
    with pytest.raises(ConfigError, match=r"cds_clients\.0\.jwks_file: .*keys\.json"):
        load_settings(file)


def test_a_missing_settings_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        load_settings(tmp_path / "none.toml")


@pytest.mark.parametrize("name", ["LANGSMITH_API_KEY", "LANGCHAIN_TRACING_V2"])
def test_a_tracing_variable_stops_the_service(name: str) -> None:
    with pytest.raises(ConfigError, match=name):
        refuse_tracing({name: "x"})
    refuse_tracing({"PATH": "/bin"})


def test_a_site_sets_how_patiently_its_ehr_is_read(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text("[read]\ntotal_seconds = 30.5\npages = 20\n", encoding="utf-8")
    read = load_settings(file).read
    assert (read.total_seconds, read.pages, read.attempts) == (30.5, 20, 4)


@pytest.mark.parametrize("line", ["attempts = 0", "pages = -1", "total_seconds = 0", "page = 5"])
def test_a_limit_that_cannot_be_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "site.toml"
    file.write_text(f"[read]\n{line}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=rf"read\.{line.split(maxsplit=1)[0]}"):
        load_settings(file)


def test_the_limits_a_site_can_set_are_those_of_the_reader_with_its_defaults() -> None:
    defaults = ReadSettings()
    assert {
        name: getattr(defaults, name) for name in ReadLimits.model_fields
    } == ReadLimits().model_dump()
