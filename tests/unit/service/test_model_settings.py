"""A chat model is named by the settings file or the environment; its key is never shown."""

from pathlib import Path

import pytest

from assistant.config import ConfigError, load_settings
from assistant.model_settings import (
    ModelSettings,
    ModelUnavailableError,
    model_settings,
    open_configured_model,
)

_KEY = "sk-very-secret"


def test_no_model_is_used_unless_one_is_named() -> None:
    assert model_settings(None, {}) is None
    assert model_settings(None, {"TRD_ASSISTANT_MODEL_API_KEY": _KEY}) is None


def test_the_environment_stands_over_the_file() -> None:
    own = ModelSettings(name="openai:a", base_url="http://127.0.0.1:1/v1")
    assert model_settings(own, {}) == own
    keyed = model_settings(own, {"TRD_ASSISTANT_MODEL_API_KEY": _KEY})
    assert keyed is not None
    assert keyed.name == "openai:a"
    assert keyed.api_key is not None
    assert keyed.api_key.get_secret_value() == _KEY
    other = model_settings(own, {"TRD_ASSISTANT_MODEL": "b", "TRD_ASSISTANT_MODEL_PROVIDER": "x"})
    assert other == ModelSettings(name="b", provider="x")


def test_the_settings_file_holds_a_table_of_the_model(tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(
        f'[model]\nname = "local"\nbase_url = "http://127.0.0.1:9/v1"\napi_key = "{_KEY}"\n',
        encoding="utf-8",
    )
    settings = load_settings(file)
    assert settings.model is not None
    assert settings.model.name == "local"
    assert _KEY not in repr(settings)


@pytest.mark.parametrize(
    "table", ['name = "a"\nbase_url = "file:///etc"', 'name = ""', 'nmae = "a"', 'provider = "x"']
)
def test_a_table_that_cannot_be_meant_does_not_start(table: str, tmp_path: Path) -> None:
    file = tmp_path / "site.toml"
    file.write_text(f"[model]\n{table}\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="model"):
        load_settings(file)


def test_a_provider_that_is_not_there_is_told_with_what_to_do() -> None:
    with pytest.raises(ModelUnavailableError, match="a-model"):
        open_configured_model(ModelSettings(name="a-model", provider="no-such-provider"))
