"""A SMART EHR on loopback that lets everything pass, and misbehaves where a test tells it to.

It answers a launch as a lax server would, keeps what the client sent, and a test
judges that afterwards. The FHIR side is the plain server of ``hostile_ehr``.
"""

import base64
import hashlib
import itertools
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.lib.hostile_ehr import HostileEhr, Reply, Seen

CLIENT_ID = "trd-assistant-test"
LAUNCH = "launch-canary-1"
USER = "Practitioner/dr-1"
ACCESS_CANARY = "access-token-canary"
REFRESH_CANARY = "refresh-token-canary"
_JSON = {"content-type": "application/json"}


@dataclass
class Misbehavior:
    """What the server does otherwise than it should."""

    configuration: dict[str, Any] = field(default_factory=dict)
    """Replaces members of the discovery document; None takes one out."""
    redirect_discovery: str = ""
    token: dict[str, Any] = field(default_factory=dict)
    """Replaces members of the token answer; None takes one out."""
    renewal: dict[str, Any] = field(default_factory=dict)
    """The same for the answer to a refresh token."""
    token_status: int = 200
    renewal_status: int = 200
    claims: dict[str, Any] = field(default_factory=dict)
    """Replaces claims of the id token; None takes one out."""
    sign_with: RSAKey | None = None
    id_token: str | None = None
    """Sent as it is."""


@cache
def _key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "ehr-1", "use": "sig"}, auto_kid=False)


def _changed(members: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in {**members, **changes}.items() if value is not None}


class SmartEhr(HostileEhr):
    """The EHR with its authorization server."""

    def __init__(self, patient: str, *resources: dict[str, Any]) -> None:
        super().__init__(*resources)
        self.patient = patient
        self.wrong = Misbehavior()
        self.key = _key()
        self.codes: dict[str, dict[str, str]] = {}
        self.exchanged: list[dict[str, str]] = []
        self.renewals: list[dict[str, str]] = []
        self.revoked: list[str] = []
        self.live_access: set[str] = set()
        self.used_refresh: set[str] = set()
        self.lifetime = 3600
        self.check_tokens = False
        self._number = itertools.count(1)
        self.on(".well-known", self._discovery)
        self.on("token", self._token)
        self.on("jwks", self._jwks)
        self.on("revoke", self._revoke)

    # The browser at the authorization endpoint

    def authorize(self, url: str, *, patient: str | None = None) -> str:
        """What a browser is sent back to when the user agrees, with ``patient`` chosen."""
        asked = dict(parse_qsl(urlsplit(url).query)) | {"patient": patient or self.patient}
        code = f"code-canary-{next(self._number)}"
        self.codes[code] = asked
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    # The endpoints

    def _discovery(self, request: Seen) -> Reply:
        if self.wrong.redirect_discovery:
            return Reply(status=302, headers={"location": self.wrong.redirect_discovery})
        document = {
            "issuer": self.base,
            "jwks_uri": f"{self.base}/jwks",
            "authorization_endpoint": f"{self.base}/authorize",
            "token_endpoint": f"{self.base}/token",
            "revocation_endpoint": f"{self.base}/revoke",
            "code_challenge_methods_supported": ["S256"],
            "capabilities": ["launch-ehr", "launch-standalone", "permission-v2"],
        }
        return Reply(body=_changed(document, self.wrong.configuration), headers=_JSON)

    def _jwks(self, request: Seen) -> Reply:
        return Reply(body={"keys": [self.key.as_dict(private=False)]}, headers=_JSON)

    def _token(self, request: Seen) -> Reply:
        form = {key: values[0] for key, values in parse_qs(request.body.decode()).items()}
        if form["grant_type"] == "refresh_token":
            return self._renewed(form)
        self.exchanged.append(form | {"authorization": request.headers.get("authorization", "")})
        if self.wrong.token_status != 200:
            return Reply(status=self.wrong.token_status, body={"error": "invalid_grant"},
                         headers=_JSON)  # fmt: skip
        asked = self.codes.pop(form["code"], None)
        if asked is None:
            return Reply(status=400, body={"error": "invalid_grant"}, headers=_JSON)
        answer = {
            **self._granted(asked["scope"]),
            "patient": asked["patient"],
            "encounter": "enc-1",
            "need_patient_banner": True,
            "id_token": self._id_token(asked),
        }
        return Reply(body=_changed(answer, self.wrong.token), headers=_JSON)

    def _renewed(self, form: dict[str, str]) -> Reply:
        self.renewals.append(form)
        if self.wrong.renewal_status != 200 or form["refresh_token"] in self.used_refresh:
            status = self.wrong.renewal_status if self.wrong.renewal_status != 200 else 400
            return Reply(status=status, body={"error": "invalid_grant"}, headers=_JSON)
        self.used_refresh.add(form["refresh_token"])  # rotation: each may be used once
        answer = self._granted(None)
        return Reply(body=_changed(answer, self.wrong.renewal), headers=_JSON)

    def _granted(self, scope: str | None) -> dict[str, Any]:
        number = next(self._number)
        access = f"{ACCESS_CANARY}-{number}"
        self.live_access.add(access)
        answer: dict[str, Any] = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": self.lifetime,
            "refresh_token": f"{REFRESH_CANARY}-{number}",
        }
        return answer if scope is None else answer | {"scope": scope}

    def _id_token(self, asked: Mapping[str, str]) -> str:
        if self.wrong.id_token is not None:
            return self.wrong.id_token
        now = int(time.time())
        claims = {
            "iss": self.base,
            "sub": "dr-1",
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "fhirUser": USER,
        }
        key = self.wrong.sign_with or self.key
        return jwt.encode({"alg": "RS256"}, _changed(claims, self.wrong.claims), key)

    def _revoke(self, request: Seen) -> Reply:
        form = parse_qs(request.body.decode())
        self.revoked.append(form["token"][0])
        return Reply(body={}, headers=_JSON)

    def answer(self, request: Seen) -> Reply:
        """As the plain server, once the token is looked at."""
        guarded = request.kind not in (".well-known", "token", "jwks", "revoke", "metadata")
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.check_tokens and guarded and token not in self.live_access:
            return Reply(status=401, headers={"www-authenticate": "Bearer"})
        return super().answer(request)


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
