"""`keys`: fresh keys for the environment of a service, printed once and kept nowhere."""

import json
from typing import Annotated

import typer

app = typer.Typer(help="Keys for sessions and for the sign-in at EHRs.", no_args_is_help=True)


@app.command("session")
def session() -> None:
    """Print a key that seals sessions (TRD_ASSISTANT_SESSION_KEYS)."""
    from assistant.sessions import new_key  # noqa: PLC0415

    typer.echo(new_key())


@app.command("client")
def client(
    algorithm: Annotated[str, typer.Option(help="ES384 or RS384.")] = "ES384",
) -> None:
    """Print a JWK Set with a private key (TRD_ASSISTANT_CLIENT_KEYS)."""
    from assistant.launch.keys import new_client_key  # noqa: PLC0415

    if algorithm not in ("ES384", "RS384"):
        typer.echo("--algorithm: expected ES384 or RS384", err=True)
        raise typer.Exit(2)
    typer.echo(json.dumps({"keys": [new_client_key(algorithm)]}))
