"""`serve` and `demo`: the service and the page, in one process on one port."""

import socket
import threading
import time
from pathlib import Path
from typing import Annotated, NoReturn

import typer

_WRONG_USAGE = 2
_BACKLOG = 128


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
) -> None:
    """Start the service and the page."""
    _run(config, host=host, port=port)


def demo(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="TCP port; 0 takes a free one.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file (TOML).")] = None,
) -> None:
    """Start the service and the page with the demo patients; prints the URL."""
    _run(config, host=host, port=port, demo=True, uploads=True)


def register(app: typer.Typer) -> None:
    """Add both commands to the command line."""
    app.command("serve")(serve)
    app.command("demo")(demo)


def _run(config: Path | None, **overrides: object) -> None:
    import uvicorn  # noqa: PLC0415  the command line starts without the service

    from assistant.api.app import create_app  # noqa: PLC0415
    from assistant.bootstrap import (  # noqa: PLC0415
        build_access,
        build_cds_hooks,
        build_service,
        page_script,
    )
    from assistant.config import ConfigError, load_settings, refuse_tracing  # noqa: PLC0415
    from assistant.logs import configure_logging  # noqa: PLC0415
    from assistant.model_settings import ModelUnavailableError  # noqa: PLC0415
    from assistant.staging.ruleset import UnknownRulesetError  # noqa: PLC0415

    try:
        refuse_tracing()
        settings = load_settings(config, **overrides)
        listener = listen(settings.host, settings.port)
        service = build_service(settings)
        service.ruleset(None)
        access = build_access(service)
    except (ConfigError, ModelUnavailableError, UnknownRulesetError) as error:
        _stop(str(error))
    configure_logging()
    host, port = listener.getsockname()[:2]
    base_url = f"http://{host}:{port}"
    app = create_app(
        service,
        access=access,
        page=page_script(),
        base_url=base_url,
        cds_hooks=build_cds_hooks(service),
    )
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, server_header=False)
    )
    threading.Thread(target=_announce, args=(base_url,), daemon=True).start()
    server.run(sockets=[listener])


def listen(host: str, port: int) -> socket.socket:
    """A socket on this address; ends the command where it cannot be had."""
    try:
        return socket.create_server((host, port), backlog=_BACKLOG)
    except OSError as error:
        _stop(
            f"cannot listen on {host}:{port} ({error.strerror}); "
            "choose another with --port, or --port 0 for a free one"
        )


def _announce(base_url: str) -> None:
    """Print the URL once the start page answers."""
    import httpx2  # noqa: PLC0415

    while True:
        try:
            httpx2.get(f"{base_url}/", timeout=5, trust_env=False).raise_for_status()
        except httpx2.HTTPError:
            time.sleep(0.05)
        else:
            typer.echo(f"TRD Assistant is ready: {base_url}/")
            return


def _stop(message: str) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(_WRONG_USAGE)
