"""A site's sessions and launches, built from its settings and the keys in the environment.

Whatever would only show at the first launch is looked at here, so that a service
with a bad configuration does not start.
"""

import os
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.launch.access import Access, Launching
from assistant.launch.ehr import Ehr, is_safe
from assistant.launch.flow import LaunchFlow
from assistant.launch.keys import ClientKeys, UnusableClientKeyError
from assistant.launch.oauth import Credentials
from assistant.launch.ports import EhrServer
from assistant.service.service import AssistantService
from assistant.sessions import (
    Cipher,
    DatabaseError,
    Lifetimes,
    SessionStore,
    UnusableKeyError,
    new_key,
    open_database,
)
from assistant.sessions.database import MEMORY

SESSION_KEYS = "TRD_ASSISTANT_SESSION_KEYS"
"""Environment variable: sealing keys, separated by commas; the first seals."""
CLIENT_KEYS = "TRD_ASSISTANT_CLIENT_KEYS"
"""Environment variable: a JWK Set of private keys, or the path of a file with it."""


class SiteError(Exception):
    """The configuration cannot be used; the message says what to change, and tells no key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSettings:
    """The part of the settings that launches and sessions read."""

    ehrs: Sequence[Ehr]
    public_url: str
    database: str
    """URL; empty is a file in ``data_folder``, or memory where no EHR is configured."""
    data_folder: str
    lifetimes: Lifetimes


def build_access(
    service: AssistantService,
    settings: SiteSettings,
    server: EhrServer,
    environment: Mapping[str, str] = os.environ,
) -> Access:
    """The sessions of a site, and its launches where EHRs are configured.

    Raises:
        SiteError: something of it cannot be used.
    """
    _check_addresses(settings)
    credentials = _credentials(settings.ehrs, environment)
    store = open_store(settings, environment)
    if not settings.ehrs:
        return Access(service, store)
    flow = LaunchFlow(
        ehrs=settings.ehrs,
        public_url=settings.public_url,
        credentials=credentials,
        store=store,
        types=server.types,
    )
    return Access(service, store, Launching(flow=flow, server=server))


def _check_addresses(settings: SiteSettings) -> None:
    if not settings.ehrs:
        return
    if not settings.public_url or not is_safe(settings.public_url):
        raise SiteError(
            "ehrs are configured, so public_url must be the https address under which browsers "
            'reach this service, for instance public_url = "https://assistant.example.org"'
        )
    bases = [ehr.fhir_base for ehr in settings.ehrs]
    if len(set(bases)) != len(bases):
        raise SiteError("two of the ehrs have the same fhir_base: give each its own")


def _credentials(ehrs: Sequence[Ehr], environment: Mapping[str, str]) -> Credentials:
    keys = ClientKeys()
    if environment.get(CLIENT_KEYS):
        try:
            keys = ClientKeys.read(environment[CLIENT_KEYS])
        except UnusableClientKeyError as error:
            raise SiteError(f"{CLIENT_KEYS}: {error}") from None
    for ehr in ehrs:
        _check_credentials(ehr, keys, environment)
    names = {ehr.secret_variable for ehr in ehrs if ehr.secret_variable}
    return Credentials(keys, {name: environment[name] for name in names})


def _check_credentials(ehr: Ehr, keys: ClientKeys, environment: Mapping[str, str]) -> None:
    if ehr.secret_variable and not environment.get(ehr.secret_variable):
        raise SiteError(
            f"{ehr.name}: the environment variable {ehr.secret_variable} with its client secret "
            "is not set"
        )
    if ehr.authentication == "private_key_jwt" and keys.signing(ehr.algorithm) is None:
        raise SiteError(
            f"{ehr.name}: there is no {ehr.algorithm} key in {CLIENT_KEYS}; make one with "
            f"`trd-assistant keys client --algorithm {ehr.algorithm}`"
        )
    try:
        ssl.create_default_context(cafile=ehr.certificates)
    except (OSError, ssl.SSLError):
        raise SiteError(
            f"{ehr.name}: the file of `certificates` cannot be read: expected PEM"
        ) from None


def open_store(settings: SiteSettings, environment: Mapping[str, str] = os.environ) -> SessionStore:
    """The sessions of a site, in its database.

    Raises:
        SiteError: there is no key, or the database or a key cannot be used.
    """
    url = settings.database
    if not url:
        url = f"sqlite:///{settings.data_folder}/sessions.db" if settings.ehrs else MEMORY
    named = [key.strip() for key in environment.get(SESSION_KEYS, "").split(",") if key.strip()]
    if not named:
        if url != MEMORY:
            raise SiteError(
                f"{SESSION_KEYS} is not set: sessions and tokens are kept sealed. Make a key "
                "with `trd-assistant keys session` and keep it apart from the database"
            )
        named = [new_key()]
    try:
        store = SessionStore(open_database(url), Cipher(named), lifetimes=settings.lifetimes)
        store.reseal()
    except UnusableKeyError as error:
        raise SiteError(f"{SESSION_KEYS}: {error}") from None
    except DatabaseError as error:
        raise SiteError(f"database: {error}") from None
    return store
