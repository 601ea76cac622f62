"""Which chat model may help, if any: from the settings file, the environment on top.

========================================  ==================================================
``TRD_ASSISTANT_MODEL``                   name, as for LangChain's ``init_chat_model``
``TRD_ASSISTANT_MODEL_PROVIDER``          provider, where the name does not say it
``TRD_ASSISTANT_MODEL_BASE_URL``          of a local OpenAI-compatible server
``TRD_ASSISTANT_MODEL_API_KEY``           key, where the provider asks for one
========================================  ==================================================
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict, Field, SecretStr

if TYPE_CHECKING:
    from assistant.answering.model import Model

_VARIABLE = "TRD_ASSISTANT_MODEL"
_FIELDS = ("provider", "base_url", "api_key")


class ModelUnavailableError(Exception):
    """The model cannot be opened; the message says why, and what to do."""


class ModelSettings(BaseModel):
    """The ``[model]`` table of the settings file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="as for LangChain's init_chat_model")
    provider: str | None = Field(default=None, description="where the name does not say it")
    base_url: str | None = Field(
        default=None, pattern=r"^https?://\S+$", description="of an OpenAI-compatible server"
    )
    api_key: SecretStr | None = Field(default=None, description="never logged, never shown")


def model_settings(
    configured: ModelSettings | None = None, environment: Mapping[str, str] = os.environ
) -> ModelSettings | None:
    """The model to use, or None where neither the file nor the environment names one."""
    name = environment.get(_VARIABLE)
    own = {
        field: value
        for field in _FIELDS
        if (value := environment.get(f"{_VARIABLE}_{field.upper()}"))
    }
    if name:
        return ModelSettings.model_validate({"name": name, **own})
    if configured is None or not own:
        return configured
    return ModelSettings.model_validate({**configured.model_dump(), **own})


def open_configured_model(settings: ModelSettings) -> "Model":
    """The chat model of these settings.

    Raises:
        ModelUnavailableError: LangChain or its provider package is absent, or refuses.
    """
    try:
        from assistant.answering.model import open_model  # noqa: PLC0415

        return open_model(
            settings.name,
            provider=settings.provider,
            base_url=settings.base_url,
            api_key=settings.api_key.get_secret_value() if settings.api_key else None,
        )
    except ImportError:
        raise ModelUnavailableError(
            f"the model {settings.name} needs LangChain and its provider's package: "
            "pip install 'trd-assistant[llm]'"
        ) from None
    except Exception as error:
        raise ModelUnavailableError(
            f"LangChain cannot open the model {settings.name} ({type(error).__name__}); "
            "name it as for init_chat_model, with its provider"
        ) from error
