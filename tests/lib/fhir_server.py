"""A real FHIR server (sekmet-fhir) for the integration tests, as a process of its own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

TOKEN = "sekmet-test-token"
_START_S = 60


@dataclass(frozen=True, kw_only=True)
class FhirServer:
    """A running server."""

    base: str
    process: subprocess.Popen[bytes]
    token: str | None = None

    def load(self, *resources: dict[str, Any]) -> None:
        """Store resources under their own ids."""
        entries = [
            {
                "resource": resource,
                "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
            }
            for resource in resources
        ]
        transaction = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        headers = {"Content-Type": "application/fhir+json"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        answer = httpx2.post(self.base, json=transaction, headers=headers, timeout=120)
        answer.raise_for_status()
        refused = [
            entry["response"]
            for entry in answer.json()["entry"]
            if not entry["response"]["status"].startswith("2")
        ]
        assert not refused, json.dumps(refused)[:2000]


def free_port() -> int:
    """A TCP port of this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(
    folder: Path, *, bearer: bool = False, absolute: bool = False, extra: Sequence[str] = ()
) -> Iterator[FhirServer]:
    """A server with its data in ``folder``, ended with the block; ``extra`` lines of settings."""
    port = free_port()
    base = f"http://127.0.0.1:{port}/fhir"
    settings = [
        f"base_url: {base}",
        "host: 127.0.0.1",
        f"port: {port}",
        f"data_dir: {folder}",
        "log_inbound: false",
        "simulator: {enabled: false}",
        "validation: {inbound: 'off'}",
        f"server_behaviour: {{absolute_references: {str(absolute).lower()}}}",
        *extra,
    ]
    if bearer:
        settings.append(f"server_auth: {{types: [bearer], tokens: [{TOKEN}]}}")
    config = folder / "settings.yaml"
    config.write_text("\n".join(settings) + "\n", encoding="utf-8")
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "sekmet.cli", "serve", "-c", str(config)],
            cwd=folder,
            env={**os.environ, "SEKMET_CONFIG": str(config)},
            stdout=log,
            stderr=log,
        )
        try:
            _wait(process, f"{base}/metadata", folder / "log.txt")
            yield FhirServer(base=base, process=process, token=TOKEN if bearer else None)
        finally:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text("utf-8")[-2000:]
        try:
            if httpx2.get(url, timeout=5).status_code < 500:
                return
        except httpx2.HTTPError:
            time.sleep(0.2)
    raise AssertionError(log.read_text("utf-8")[-2000:])


def resources_of(bundle: dict[str, Any]) -> Sequence[dict[str, Any]]:
    """The resources of a Bundle."""
    return [entry["resource"] for entry in bundle["entry"]]
