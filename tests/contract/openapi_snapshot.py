"""The API's own description, ``docs/schemas/openapi.json``: `make docs` writes it anew."""

import json
from pathlib import Path
from typing import Any

from assistant.api.app import create_app
from assistant.bootstrap import build_service
from assistant.config import Settings
from tests.lib.demo import REPOSITORY

SNAPSHOT_NAME = "openapi.json"


def snapshot() -> dict[str, Any]:
    """The OpenAPI without the product's version, which changes with every release."""
    described = create_app(build_service(Settings())).openapi()
    return {**described, "info": {**described["info"], "version": ""}}


def write(folder: Path) -> None:
    """Write the snapshot anew."""
    text = json.dumps(snapshot(), indent=1, ensure_ascii=False, sort_keys=True)
    (folder / SNAPSHOT_NAME).write_text(f"{text}\n", encoding="utf-8")


if __name__ == "__main__":
    write(REPOSITORY / "docs" / "schemas")
