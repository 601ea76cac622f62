"""Reading one patient off a FHIR server, whatever the server is like.

``fetch`` is the way in; ``profile`` what a site can do, ``search`` pages and
remarks, ``transport`` retries and limits, ``tokens`` and ``scopes`` what is granted.
"""

import asyncio

from fhir_adapter.entries import Gathered
from fhir_adapter.errors import SeveralPatients
from fhir_adapter.server.faults import AccessRefused, ServerUnavailable
from fhir_adapter.server.fetch import fetch_record
from fhir_adapter.server.profile import SiteProfile, SmartConfiguration, discover
from fhir_adapter.server.settings import ReadSettings
from fhir_adapter.server.tokens import FixedToken, RefreshingToken, TokenSource

__all__ = [
    "AccessRefused",
    "FixedToken",
    "ReadSettings",
    "RefreshingToken",
    "ServerUnavailable",
    "SiteProfile",
    "SmartConfiguration",
    "TokenSource",
    "discover",
    "fetch_record",
    "gather_server",
]


def gather_server(base_url: str, patient: str | None, gathered: Gathered) -> None:
    """Take in one patient of a server, with the token of the environment.

    Raises:
        SeveralPatients: no patient is chosen.
        AdapterError: as :func:`fetch_record`.
    """
    if not patient:
        raise SeveralPatients(
            "A server holds many patients: choose one with --patient (its id, or the value of "
            "one of its identifiers)."
        )
    token = FixedToken.from_environment()
    asyncio.run(fetch_record(base_url, patient, token=token, into=gathered))
