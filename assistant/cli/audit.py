"""`audit verify`: whether the audit trail is as it was written."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes

if TYPE_CHECKING:
    from assistant.audit.chain import Head

_HASH_CHARACTERS = 64
app = typer.Typer(help="The audit trail.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `verify` a command of its own while it is the only one."""


@app.command()
def verify(
    file: Annotated[
        Path | None, typer.Argument(help="The trail; default that of the settings.")
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
    head: Annotated[
        str | None,
        typer.Option(help="seq:hash noted earlier; finds lines cut off at the end as well."),
    ] = None,
) -> None:
    """Check every line of the audit trail; prints the number of events and the head."""
    from assistant.audit.chain import BrokenChainError  # noqa: PLC0415
    from assistant.audit.chain import verify as verify_chain  # noqa: PLC0415
    from assistant.config import ConfigError, load_settings  # noqa: PLC0415

    with exit_codes():
        try:
            path = file or load_settings(config).audit_path
            found = verify_chain(path, expected=_head(head))
        except ConfigError as error:
            raise CommandError(Exit.USAGE, str(error)) from None
        except OSError as error:
            raise CommandError(
                Exit.UNREADABLE, f"{file or 'the trail'}: {error.strerror}"
            ) from None
        except BrokenChainError as error:
            raise CommandError(
                Exit.THRESHOLD_MISSED, f"the audit trail is broken: {error}"
            ) from None
        typer.echo(f"{found.seq} events, none changed; head {found}")


def _head(text: str | None) -> "Head | None":
    from assistant.audit.chain import Head  # noqa: PLC0415

    if text is None:
        return None
    number, _, digest = text.partition(":")
    if not number.isdecimal() or len(digest) != _HASH_CHARACTERS:
        raise CommandError(Exit.USAGE, "--head: expected seq:hash as `audit verify` printed it")
    return Head(int(number), digest)
