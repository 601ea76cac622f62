"""One patient's record off a FHIR server, as entries, with what was not read."""

import asyncio
import re
import ssl
from collections.abc import Sequence
from typing import Any

import httpx2

from assistant.staging.record import IncompleteRead
from fhir_adapter.chart import local, subject_of
from fhir_adapter.entries import Gathered
from fhir_adapter.errors import PatientNotFound, SeveralPatients
from fhir_adapter.server import outcomes
from fhir_adapter.server.faults import AccessRefused, ServerUnavailable
from fhir_adapter.server.profile import SiteProfile, read_profile
from fhir_adapter.server.scopes import Grant
from fhir_adapter.server.search import Found, Search, SearchResult
from fhir_adapter.server.settings import ReadSettings
from fhir_adapter.server.tokens import FixedToken, TokenSource
from fhir_adapter.server.transport import FORBIDDEN, UNAUTHORIZED, Answer, Transport

_ID = re.compile(r"[A-Za-z0-9_.\-]{1,64}")
_ABSENT = frozenset({400, 404, 410, 422})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_SERVER = "the server"


async def fetch_record(  # noqa: PLR0913 - who, what, and how far
    base_url: str,
    patient: str,
    *,
    token: str | TokenSource | None = None,
    scope: str | None = None,
    settings: ReadSettings | None = None,
    client: httpx2.AsyncClient | None = None,
    into: Gathered | None = None,
) -> Gathered:
    """Everything the server gives of one patient, by id or identifier.

    What is missing stands in ``incomplete`` and among the issues; a foreign
    patient's resource is refused and told.

    Raises:
        ServerUnavailable: the patient cannot be read at all.
        AccessRefused: the server refuses the token.
        PatientNotFound: the server knows no such patient.
        SeveralPatients: the identifier belongs to several.
    """
    settings = settings or ReadSettings()
    base = _base(base_url)
    source = token if token is not None and not isinstance(token, str) else FixedToken(token)
    if await source.token() and base.scheme != "https" and base.host not in _LOOPBACK:
        raise AccessRefused("A token is sent over https only: give the server's https address.")
    gathered = Gathered() if into is None else into
    if client is not None:
        transport = Transport(client, source, settings)
        return await _Reading(transport, base, settings, Grant(scope), gathered).read(patient)
    async with _client(settings) as own:
        transport = Transport(own, source, settings)
        return await _Reading(transport, base, settings, Grant(scope), gathered).read(patient)


def _client(settings: ReadSettings) -> httpx2.AsyncClient:
    """A client that follows no redirect (a token must not) and no proxy of the environment."""
    try:
        trusted = ssl.create_default_context(cafile=settings.certificates)
    except OSError:
        raise ServerUnavailable(
            "The file of trusted certificates cannot be read: expected PEM."
        ) from None
    timeout = httpx2.Timeout(settings.request_seconds)
    return httpx2.AsyncClient(
        follow_redirects=False, trust_env=False, timeout=timeout, verify=trusted
    )


def _base(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text.rstrip("/"))
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if url.scheme not in ("http", "https") or not url.host or url.query or url.userinfo:
        raise ServerUnavailable(
            "The address of the server cannot be used: expected the FHIR base as "
            "https://host/path, without a query, a name or a password."
        )
    return url


class _Reading:
    """One read of one patient."""

    def __init__(
        self,
        transport: Transport,
        base: httpx2.URL,
        settings: ReadSettings,
        grant: Grant,
        gathered: Gathered,
    ) -> None:
        self._base = base
        self._settings = settings
        self._grant = grant
        self._transport = transport
        self._search = Search(transport, base, settings)
        self._gathered = gathered

    async def read(self, wanted: str) -> Gathered:
        """Patient, searches at once, then the Medications they point to."""
        profile, _ = await read_profile(self._transport, self._base)
        patient = await self._patient(wanted)
        identifier = patient["id"]
        self._gathered.add(patient, "Patient", f"{self._base}/Patient/{identifier}")
        searches = [
            entry for entry in outcomes.search_table()["search"] if self._asks(entry, profile)
        ]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(self._run(entry, identifier, profile)) for entry in searches]
        results = [task.result() for task in tasks]
        for result in results:
            self._take(result, identifier, listed=profile.serves(result.kind))
        await self._medications()
        return self._gathered

    # the patient

    async def _patient(self, wanted: str) -> dict[str, Any]:
        wanted = wanted.removeprefix("Patient/")
        answer = Answer(status=404)
        if _ID.fullmatch(wanted):
            answer = await self._transport.get(httpx2.URL(f"{self._base}/Patient/{wanted}"))
            if answer.ok and answer.resource is not None:
                return _same_patient(answer.resource, wanted)
        if answer.status in _ABSENT:
            return await self._by_identifier(wanted)
        raise _fault(answer)

    async def _by_identifier(self, value: str) -> dict[str, Any]:
        result = await self._search.run("Patient", [("identifier", value)])
        if result.incomplete and not result.found:
            raise ServerUnavailable(f"The server gives no patient: {result.incomplete[0]}.")
        patients = [
            one.resource for one in result.found
            if one.is_match and _carries(one.resource, value)
            and isinstance(one.resource.get("id"), str)
        ]  # fmt: skip
        if len(patients) > 1:
            raise SeveralPatients(
                f"{len(patients)} patients of the server carry the identifier given with "
                "--patient: choose one by its id."
            )
        if not patients:
            raise PatientNotFound(
                "The server knows no patient with the id or identifier given with --patient."
            )
        return patients[0]

    # the searches

    def _asks(self, entry: dict[str, Any], profile: SiteProfile) -> bool:
        """Whether a type is asked for; one that the scopes leave out is told as not read."""
        kind = entry["type"]
        versions = entry.get("only_versions")
        if versions and profile.version not in versions:
            return False
        covered = self._grant.covers(kind)
        if covered is None:
            self._not_whole(kind, 0, None, "restricted: the granted scopes do not cover it")
        elif self._grant.is_partial(kind):
            self._note(kind, f"the granted scopes cover only some {kind} categories")
        return covered is not None

    async def _run(self, entry: dict[str, Any], patient: str, profile: SiteProfile) -> SearchResult:
        kind = entry["type"]
        name = profile.parameter(kind, entry.get("by", "patient"))
        value = patient if name == "patient" else f"Patient/{patient}"
        parameters = [(name, value)]
        include = entry.get("include")
        if include and profile.can_include(kind, include):
            parameters.append(("_include", include))
        return await self._search.run(kind, parameters, entry.get("categories", ()))

    def _take(self, result: SearchResult, patient: str, *, listed: bool) -> None:
        """Take in the result of a search, and tell what of it is missing.

        A type that the site does not list is asked for all the same: lists are not
        always whole. Its refusal then only says that it is not served.
        """
        kind = result.kind
        if result.not_served or (not listed and result.refused):
            self._note(kind, f"the server does not serve {kind}: it is not part of the record")
            return
        foreign = 0
        for one in result.found:
            if one.is_match and not self._is_of(one, patient):
                foreign += 1
                continue
            place = f"{kind}[{len(self._gathered.entries)}]"
            self._gathered.add(one.resource, place, one.full_url)
        if foreign:
            self._refuse(kind, foreign)
        self._take_remarks(result)
        if result.total is not None and result.total > result.matches:
            self._gathered.total += result.total - result.matches
            if not result.incomplete:
                result.incomplete.append("the server counts more than it sent")
        for why in dict.fromkeys(result.incomplete):
            self._not_whole(kind, result.matches - foreign, result.total, why)

    def _refuse(self, kind: str, foreign: int) -> None:
        self._gathered.total += foreign
        self._gathered.log.error(
            _SERVER, f"{kind}.subject", f"{foreign} sent for this patient name another: refused"
        )

    def _is_of(self, one: Found, patient: str) -> bool:
        """Whether a resource names this patient; one that names nobody is left to the chart."""
        reference = subject_of(_entry(one))
        if reference is None or reference.startswith(("#", "urn:")):
            return True
        return local(reference) == f"Patient/{patient}"

    def _take_remarks(self, result: SearchResult) -> None:
        for remark in dict.fromkeys(result.remarks):
            if remark.meaning == outcomes.NONE_FOUND:
                continue
            if remark.meaning == outcomes.RESTRICTED:
                result.incomplete.append("restricted: the server holds something back")
            elif remark.meaning == outcomes.INCOMPLETE or remark.serious:
                result.incomplete.append(
                    f"the server says that its answer is not the whole record ({remark.code})"
                )
            else:
                self._note(result.kind, f"the server remarks on the search ({remark.code})")

    # Medications that orders point to

    async def _medications(self) -> None:
        wanted, elsewhere = self._missing_medications()
        for key in elsewhere:
            self._gathered.log.warning(
                key, "medicationReference", "points to another server: its own words are used"
            )
        paths = sorted(wanted)[: self._settings.medications]
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._transport.get(httpx2.URL(f"{self._base}/{path}")))
                for path in paths
            ]
        for path, task in zip(paths, tasks, strict=True):
            self._take_medication(path, wanted[path], task.result())
        if len(wanted) > len(paths):
            self._not_whole("Medication", len(paths), len(wanted), "too many to read one by one")

    def _missing_medications(self) -> tuple[dict[str, str], Sequence[str]]:
        """``Medication/id`` that is pointed to and not there, and who points elsewhere."""
        known = {entry.key for entry in self._gathered.entries}
        wanted: dict[str, str] = {}
        elsewhere: list[str] = []
        for entry in self._gathered.entries:
            reference = _medication_reference(entry.resource)
            if reference is None or reference.startswith(("#", "urn:")):
                continue
            path = local(reference)
            if "://" in reference and not reference.startswith(f"{self._base}/"):
                if path not in known:
                    elsewhere.append(entry.key)
            elif path.startswith("Medication/") and path not in known:
                wanted.setdefault(path, entry.key)
        return wanted, elsewhere

    def _take_medication(self, path: str, pointing: str, answer: Answer) -> None:
        if answer.ok and answer.resource is not None:
            self._gathered.add(answer.resource, path, f"{self._base}/{path}")
            return
        if answer.status is not None and answer.status not in (UNAUTHORIZED, 0):
            self._gathered.log.warning(
                pointing,
                "medicationReference",
                "the Medication it points to cannot be read: its own words are used",
            )
            return
        self._not_whole("Medication", 0, None, answer.reason)

    def _note(self, kind: str, problem: str) -> None:
        self._gathered.log.warning(_SERVER, kind, problem)

    def _not_whole(self, kind: str, read: int, total: int | None, why: str) -> None:
        found = IncompleteRead(type=kind, read=read, total=total, why=why)
        if found not in self._gathered.incomplete:
            self._gathered.incomplete.append(found)


def _same_patient(resource: dict[str, Any], wanted: str) -> dict[str, Any]:
    if resource.get("resourceType") != "Patient" or resource.get("id") != wanted:
        raise ServerUnavailable("The server answered with another resource than the patient asked.")
    return resource


def _carries(patient: dict[str, Any], value: str) -> bool:
    identifiers = patient.get("identifier")
    return isinstance(identifiers, list) and any(
        isinstance(one, dict) and one.get("value") == value for one in identifiers
    )


def _fault(answer: Answer) -> Exception:
    if answer.status == UNAUTHORIZED:
        return AccessRefused("The server refused the token (401): sign in again.")
    if answer.status == FORBIDDEN:
        return AccessRefused("The server does not let this reader see the patient (403).")
    return ServerUnavailable(
        f"The patient cannot be read from the server: {answer.why}. Check the address, and that "
        "the server is up."
    )


def _medication_reference(resource: dict[str, Any]) -> str | None:
    for holder in (resource.get("medicationReference"), resource.get("medication")):
        if isinstance(holder, dict):
            inner = holder.get("reference")
            if isinstance(inner, dict):
                inner = inner.get("reference")
            if isinstance(inner, str) and inner:
                return inner
    return None


def _entry(one: Found) -> Any:
    from fhir_adapter.entries import Entry  # noqa: PLC0415

    return Entry(resource=one.resource, key="", full_url=one.full_url)
