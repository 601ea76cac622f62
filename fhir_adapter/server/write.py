"""Writing a Bundle to a FHIR server, as one transaction."""

import re
import ssl
from typing import Any

import httpx2
import orjson

from fhir_adapter.server.faults import AccessRefused, ServerUnavailable
from fhir_adapter.server.tokens import TokenSource

_SECONDS = 30.0
_UNAUTHORIZED, _FORBIDDEN = 401, 403
_MOST_BYTES = 8 * 1024 * 1024
_LOCATION = re.compile(r"([A-Z][A-Za-z]+/[A-Za-z0-9\-.]{1,64})(/_history/[^/]+)?/?$")
_HEADERS = {"Accept": "application/fhir+json", "Content-Type": "application/fhir+json"}


async def post_transaction(
    base: str, bundle: dict[str, Any], *, tokens: TokenSource, certificates: str | None = None
) -> tuple[str, ...]:
    """Post ``bundle``; ``Type/id`` of what the server keeps now.

    Nothing is tried twice but once with a renewed token: what a server did with a
    request that it did not answer is unknown.

    Raises:
        AccessRefused: the server does not let this user write.
        ServerUnavailable: it does not answer, or refuses the resources.
    """
    trusted = ssl.create_default_context(cafile=certificates)
    async with httpx2.AsyncClient(
        follow_redirects=False, trust_env=False, timeout=_SECONDS, verify=trusted
    ) as client:
        token = await tokens.token()
        answer = await _post(client, base, bundle, token)
        if answer.status_code == _UNAUTHORIZED and await tokens.renew(token):
            answer = await _post(client, base, bundle, await tokens.token())
    if answer.status_code in (_UNAUTHORIZED, _FORBIDDEN):
        raise AccessRefused("The EHR does not let this user write the report.")
    if not answer.is_success:
        raise ServerUnavailable(
            f"The EHR did not take the report (it answered {answer.status_code})."
        )
    return _kept(answer)


async def _post(
    client: httpx2.AsyncClient, base: str, bundle: dict[str, Any], token: str | None
) -> httpx2.Response:
    headers = _HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        return await client.post(base, content=orjson.dumps(bundle), headers=headers)
    except httpx2.HTTPError:
        raise ServerUnavailable(
            "The EHR did not answer: whether it took the report is not known. Look in the chart."
        ) from None


def _kept(answer: httpx2.Response) -> tuple[str, ...]:
    try:
        entries = orjson.loads(answer.content[:_MOST_BYTES]).get("entry", ())
        places = [str(entry["response"].get("location", "")) for entry in entries]
    except (AttributeError, KeyError, TypeError, orjson.JSONDecodeError):
        raise ServerUnavailable(
            "The EHR's answer names no resource: whether it took the report is not known. "
            "Look in the chart."
        ) from None
    return tuple(found[1] for place in places if (found := _LOCATION.search(place)))
