"""One patient's record off a FHIR server."""

import asyncio

from fhir_adapter.read import PatientRecord, read_gathered
from fhir_adapter.server import ReadSettings, TokenSource, fetch_record


async def read_server(
    base_url: str,
    patient: str,
    *,
    token: str | TokenSource | None = None,
    scope: str | None = None,
    settings: ReadSettings | None = None,
) -> PatientRecord:
    """The record of ``patient`` (an id or the value of an identifier) on the server.

    Raises:
        AdapterError: as :func:`fhir_adapter.server.fetch_record`.
    """
    gathered = await fetch_record(base_url, patient, token=token, scope=scope, settings=settings)
    return await asyncio.to_thread(read_gathered, gathered, patient=patient)
