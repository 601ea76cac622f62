"""The strict authorization server (npm oidc-provider) in front of a FHIR server, as a process."""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lib.demo import REPOSITORY
from tests.lib.fhir_server import FhirServer, free_port
from tests.lib.tls import Certificate

_FOLDER = REPOSITORY / "tests" / "authorization_server"


def missing() -> str:
    """What has to be installed first; empty where nothing has."""
    if shutil.which("node") is None:
        return "node is not installed: no launch from a real authorization server"
    if not (_FOLDER / "node_modules" / "oidc-provider").is_dir():
        return "oidc-provider is not installed (npm ci in tests/authorization_server)"
    return ""


@dataclass(frozen=True, kw_only=True)
class AuthorizationServer:
    """A running one."""

    base: str
    log: Path

    @property
    def fhir_base(self) -> str:
        """The ``iss`` of a launch."""
        return f"{self.base}/fhir"

    def noted(self) -> list[dict[str, Any]]:
        """What it did so far."""
        if not self.log.exists():
            return []
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]


@contextlib.contextmanager
def running(  # noqa: PLR0913
    folder: Path,
    upstream: FhirServer,
    certificate: Certificate,
    *,
    client_id: str,
    redirect_uri: str,
    jwks: Mapping[str, Any],
    launches: Mapping[str, str],
    scopes: Sequence[str],
    lifetime: int,
) -> Iterator[AuthorizationServer]:
    """Serve until the block ends; ``launches`` names the patient of each launch."""
    port = free_port()
    base = f"https://127.0.0.1:{port}"
    log = folder / "authorization.jsonl"
    settings = {
        "port": port,
        "base": base,
        "cert": str(certificate.certificate),
        "key": str(certificate.key),
        "upstream": upstream.base,
        "clientId": client_id,
        "redirectUri": redirect_uri,
        "jwks": jwks,
        "launches": launches,
        "scopes": list(scopes),
        "lifetime": lifetime,
        "log": str(log),
    }
    with (
        (folder / "authorization.err").open("wb") as errors,
        subprocess.Popen(
            ["node", "server.mjs", json.dumps(settings)],
            cwd=_FOLDER, stdout=subprocess.PIPE, stderr=errors, text=True,
        ) as process,
    ):  # fmt: skip
        assert process.stdout is not None
        started = process.stdout.readline()
        assert started == "ready\n", (folder / "authorization.err").read_text("utf-8")[-2000:]
        try:
            yield AuthorizationServer(base=base, log=log)
        finally:
            process.kill()
            process.wait()
