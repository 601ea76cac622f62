"""`feedback`: what clinicians said of the answers, for those who evaluate."""

import json
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes


def feedback(
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
) -> None:
    """Print every rating with its question and answer, one JSON line each, oldest first.

    The lines hold what patients' records say: keep them where records may be kept.
    """
    from assistant.bootstrap import kept_feedback  # noqa: PLC0415
    from assistant.config import ConfigError, load_settings  # noqa: PLC0415

    with exit_codes():
        try:
            ratings = kept_feedback(load_settings(config))
        except ConfigError as error:
            raise CommandError(Exit.USAGE, str(error)) from None
        for rating in ratings:
            typer.echo(json.dumps(rating, ensure_ascii=False))
