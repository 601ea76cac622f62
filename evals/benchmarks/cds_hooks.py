"""A CDS Hooks call with a prefetch of 2,000 resources beside an empty service, in one run.

Both answer over HTTP on the loopback, in turns. The call is whole: its JWT is
verified, the read audited to the disk, the record read and staged, the card made.
The empty service takes in the same body and answers no card. Run:
``python -m evals.benchmarks.cds_hooks``. Target: 500 ms, the budget of a CDS client.
"""

import argparse
import json
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

from assistant.api.app import create_app
from assistant.bootstrap import build_cds_hooks, build_service
from assistant.cds_hooks.catalogue import PREFETCH
from assistant.cds_hooks.client import CdsClient
from assistant.cli.serve import listen
from assistant.config import Settings
from evals.benchmarks.read_and_stage import bundle

TARGET_MS = 500
_ROUNDS = 20
_MILLISECONDS = 1000
_ISSUER = "https://ehr.example/cds"
_ORIGIN = "https://trd.example"
_PATH = "/cds-services/trd-patient-view"
_KEY_OF_TYPE = {
    "Condition": "conditions",
    "MedicationRequest": "requests",
    "MedicationStatement": "statements",
    "MedicationDispense": "dispenses",
    "Observation": "laboratory",
    "Procedure": "procedures",
}


def call_body() -> dict[str, Any]:
    """A call that brings the whole record; what no query asks for stands beside the procedures."""
    prefetch: dict[str, Any] = dict.fromkeys(PREFETCH)
    for entry in bundle()["entry"]:
        resource = entry["resource"]
        if resource["resourceType"] == "Patient":
            prefetch["patient"] = resource
            continue
        key = _KEY_OF_TYPE.get(resource["resourceType"], "procedures")
        if prefetch[key] is None:
            prefetch[key] = {"resourceType": "Bundle", "type": "searchset", "entry": []}
        prefetch[key]["entry"].append({"resource": resource, "search": {"mode": "match"}})
    return {
        "hook": "patient-view",
        "hookInstance": str(uuid.uuid4()),
        "context": {"userId": "Practitioner/1", "patientId": "p"},
        "prefetch": prefetch,
    }


def empty_app() -> FastAPI:
    """A service that takes the body in and answers no card."""
    app = FastAPI()

    @app.post("/empty")
    async def empty(request: Request) -> dict[str, Any]:
        await request.body()
        return {"cards": []}

    return app


def real_app(folder: Path, key: ECKey) -> FastAPI:
    """The product, with one CDS client."""
    keys = folder / "jwks.json"
    keys.write_text(json.dumps(KeySet([key]).as_dict(private=False)), encoding="utf-8")
    client = CdsClient(issuer=_ISSUER, jwks_file=keys)
    service = build_service(
        Settings(public_url=_ORIGIN, audit_file=str(folder / "audit.jsonl"), cds_clients=(client,))
    )
    return create_app(service, cds_hooks=build_cds_hooks(service))


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """``app`` on a free port of the loopback."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(app, log_config=None, access_log=False, ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listener.close()


def measure(rounds: int = _ROUNDS) -> tuple[list[float], list[float]]:
    """Milliseconds of each call to the product, and of each to the empty service."""
    body = json.dumps(call_body()).encode()
    key = ECKey.generate_key("P-384", {"kid": "k1"})
    times: tuple[list[float], list[float]] = ([], [])
    with (
        tempfile.TemporaryDirectory() as folder,
        served(real_app(Path(folder), key)) as real,
        served(empty_app()) as empty,
        httpx2.Client(trust_env=False, timeout=60) as http,
    ):
        for _ in range(rounds + 1):
            for at, url in ((0, f"{real}{_PATH}"), (1, f"{empty}/empty")):
                headers = {"authorization": f"Bearer {_token(key)}"}
                headers["content-type"] = "application/json"
                began = time.perf_counter()
                answer = http.post(url, content=body, headers=headers)
                times[at].append((time.perf_counter() - began) * _MILLISECONDS)
                answer.raise_for_status()
    return times[0][1:], times[1][1:]  # the first call reads the tables


def _token(key: ECKey) -> str:
    now = int(time.time())
    claims = {
        "iss": _ISSUER, "aud": f"{_ORIGIN}{_PATH}", "iat": now, "exp": now + 300,
        "jti": str(uuid.uuid4()),
    }  # fmt: skip
    return jwt.encode({"alg": "ES384", "kid": "k1"}, claims, key, algorithms=["ES384"])


def main() -> int:
    """Print the table; 1 where the target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    real, empty = measure(parser.parse_args().rounds)
    for name, found in (("card", real), ("empty service", empty)):
        worst, middle = max(found), statistics.median(found)
        print(f"{name:14} median {middle:7.1f} ms   slowest {worst:7.1f} ms   n={len(found)}")
    print(f"target {TARGET_MS} ms for the median: {statistics.median(real) <= TARGET_MS}")
    return int(statistics.median(real) > TARGET_MS)


if __name__ == "__main__":
    raise SystemExit(main())
