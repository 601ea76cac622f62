"""Every launch attack of the promises' list, against an EHR that lets it pass: refused, audited."""

import base64
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from httpx2 import Response
from joserfc.jwk import RSAKey

from assistant.sessions import Lifetimes
from tests.lib import launching
from tests.lib.hostile_ehr import Reply, Seen
from tests.lib.launching import EHR_PAGE, PUBLIC, Site
from tests.lib.smart_ehr import ACCESS_CANARY, LAUNCH, REFRESH_CANARY, SmartEhr, challenge


def _is_refused(site: Site, answer: Response, reason: str) -> None:
    """Refused with a page that says so, nothing opened, and the reason in the audit trail."""
    assert answer.status_code in (400, 502), answer.text
    assert "The launch was refused" in answer.text
    assert "sid=" not in answer.headers.get("set-cookie", "")
    assert "canary" not in answer.text
    told = site.audited(reason)
    assert len(told) == 1
    assert told[0]["outcome"] == "4"
    assert "canary" not in json.dumps(site.audited())
    assert site.ehr.asked("Patient") == []


# Who launches


def test_an_issuer_that_is_not_configured_is_refused_and_never_asked(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0.3)
        address = f"http://127.0.0.1:{inside.getsockname()[1]}/fhir"
        _is_refused(site, site.begin(iss=address), "unknown_ehr")
        with pytest.raises(TimeoutError):
            inside.accept()


@pytest.mark.parametrize(
    "disguise",
    [
        lambda base: base + "/",
        lambda base: base.upper(),
        lambda base: base.replace("127.0.0.1", "127.0.0.1.evil.test"),
        lambda base: base.replace("//", "//evil.test@"),
        lambda base: base + "#@evil.test",
        lambda base: "http://169.254.169.254/latest/meta-data",
        lambda base: "file:///etc/passwd",
    ],
)
def test_an_issuer_is_compared_character_by_character(
    site: Site, disguise: Callable[[str], str]
) -> None:
    _is_refused(site, site.begin(iss=disguise(site.ehr.base)), "unknown_ehr")
    assert site.ehr.seen == []


def test_a_launch_without_an_issuer_or_a_context_is_refused(site: Site) -> None:
    _is_refused(site, site.client.get("/launch"), "unknown_ehr")
    _is_refused(site, site.client.get("/launch", params={"iss": site.ehr.base}), "no_launch")


# Discovery


def test_a_discovery_document_moved_to_another_address_is_not_followed(site: Site) -> None:
    with socket.create_server(("127.0.0.1", 0)) as elsewhere:
        elsewhere.settimeout(0.3)
        site.ehr.wrong.redirect_discovery = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/x"
        _is_refused(site, site.begin(), "discovery_redirected")
        with pytest.raises(TimeoutError):
            elsewhere.accept()


@pytest.mark.parametrize(
    "endpoint",
    ["authorization_endpoint", "token_endpoint", "jwks_uri", "issuer", "revocation_endpoint"],
)
@pytest.mark.parametrize("host", ["https://evil.test/x", "http://evil.test/x", "javascript:x"])
def test_an_endpoint_on_a_host_that_is_not_configured_is_refused(
    site: Site, endpoint: str, host: str
) -> None:
    site.ehr.wrong.configuration = {endpoint: host}
    _is_refused(site, site.begin(), "foreign_endpoint")


def test_an_ehr_without_pkce_is_refused(site: Site) -> None:
    site.ehr.wrong.configuration = {"code_challenge_methods_supported": ["plain"]}
    _is_refused(site, site.begin(), "no_pkce")


# The way back


def test_a_missing_or_invented_state_is_refused(site: Site) -> None:
    _is_refused(site, site.client.get("/auth/callback?code=code-canary-1"), "unknown_state")
    invented = site.client.get("/auth/callback?code=code-canary-1&state=canary")
    assert invented.status_code == 400
    assert len(site.audited("unknown_state")) == 2
    assert site.ehr.exchanged == []


def test_a_replayed_state_is_refused(site: Site) -> None:
    back = site.way_back()
    assert site.client.get(back).status_code == 303
    site.ehr.seen.clear()
    _is_refused(site, site.client.get(back), "unknown_state")
    assert len(site.ehr.exchanged) == 1


def test_a_state_begun_in_another_browser_is_refused(site: Site) -> None:
    back = site.way_back(site.browser())
    _is_refused(site, site.browser().get(back), "foreign_browser")
    assert site.ehr.exchanged == []


def test_an_expired_state_is_refused(tmp_path: Path, ehr: SmartEhr) -> None:
    with launching.site(tmp_path, ehr, lifetimes=Lifetimes(launch=0.2)) as site:
        back = site.way_back()
        time.sleep(0.3)
        _is_refused(site, site.client.get(back), "unknown_state")


def test_login_csrf_the_attackers_sign_in_does_not_open_in_the_victims_browser(
    site: Site,
) -> None:
    attackers = site.way_back(site.browser())
    victim = site.browser()
    site.begin(victim)  # the victim has a launch of their own under way
    _is_refused(site, victim.get(attackers), "foreign_browser")


def test_a_code_injected_from_another_sign_in_is_refused_by_its_nonce(site: Site) -> None:
    stolen = site.way_back(site.browser()).split("code=")[1].split("&")[0]
    victim = site.browser()
    own = site.way_back(victim)
    injected = own.replace(own.split("code=")[1].split("&")[0], stolen)
    _is_refused(site, victim.get(injected), "id_token_nonce")
    sent = site.ehr.exchanged[-1]  # a strict server would have seen it before, by PKCE
    assert sent["code"] == stolen


def test_the_verifier_fits_the_challenge_of_its_own_launch_only(site: Site) -> None:
    first, second = site.begin(), site.begin()
    asked = [dict(parse_qsl(urlsplit(one.headers["location"]).query)) for one in (first, second)]
    assert asked[0]["code_challenge"] != asked[1]["code_challenge"]
    site.client.get(site.ehr.authorize(second.headers["location"]).removeprefix(PUBLIC))
    sent = challenge(site.ehr.exchanged[-1]["code_verifier"])
    assert sent == asked[1]["code_challenge"]
    assert asked[1]["code_challenge_method"] == "S256"


def test_a_code_the_server_does_not_accept_opens_nothing(site: Site) -> None:
    site.ehr.wrong.token_status = 400
    _is_refused(site, site.client.get(site.way_back()), "code_refused")


def test_an_error_from_the_ehr_is_not_repeated(site: Site) -> None:
    state = site.way_back().split("state=")[1]
    answer = site.client.get(
        f"/auth/callback?error=access_denied&error_description=canary&error_uri=http://canary"
        f"&state={state}"
    )
    _is_refused(site, answer, "ehr_refused")


def test_an_answer_of_another_server_is_refused(site: Site) -> None:
    answer = site.client.get(site.way_back() + "&iss=https://other.test")
    _is_refused(site, answer, "mixed_up")


def test_the_redirect_is_the_registered_one_whatever_host_is_asked(site: Site) -> None:
    begun = site.client.get(
        "/launch",
        params={"iss": site.ehr.base, "launch": LAUNCH},
        headers={"host": "evil.test", "x-forwarded-host": "evil.test"},
    )
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert asked["redirect_uri"] == f"{PUBLIC}/auth/callback"
    assert asked["aud"] == site.ehr.base


# What the EHR grants


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"patient": None}, "no_patient"),
        ({"patient": "../Practitioner/x"}, "no_patient"),
        ({"patient": ["worked-case"]}, "no_patient"),
        ({"access_token": None}, "no_bearer_token"),
        ({"access_token": ""}, "no_bearer_token"),
        ({"token_type": "mac"}, "no_bearer_token"),
        ({"id_token": None}, "no_id_token"),
    ],
)
def test_a_token_answer_without_what_is_needed_opens_nothing(
    site: Site, told: dict[str, Any], reason: str
) -> None:
    site.ehr.wrong.token = told
    _is_refused(site, site.client.get(site.way_back()), reason)


def test_another_patient_than_the_one_named_is_not_shown(site: Site) -> None:
    foreign = {"resourceType": "Patient", "id": "someone-else"}
    site.ehr.on("Patient", lambda _request: Reply(body=foreign))
    answer = site.client.get(site.way_back())
    assert answer.status_code == 502
    assert "someone-else" not in answer.text
    assert len(site.audited("unread_record")) == 1
    assert "__Secure-sid" not in site.client.cookies


def test_scopes_that_were_not_granted_are_said_and_no_stage_is_confident(site: Site) -> None:
    site.ehr.wrong.token = {"scope": "openid fhirUser launch online_access patient/Patient.r"}
    ctx = site.launched()
    stage = site.client.get(f"/api/patients/{ctx}/stage", headers=site.page(ctx)).json()
    types = {one["type"] for one in stage["completeness"]["incomplete"]}
    assert {"MedicationRequest", "Condition", "Observation", "Procedure"} <= types
    assert stage["staging"]["trd"]["working"] is None
    assert site.ehr.asked("Observation") == []


# Who signed in


def _unsigned(site: Site) -> str:
    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    claims = {"iss": site.ehr.base, "aud": "trd-assistant-test", "sub": "x", "exp": 9e9, "iat": 0}
    return f"{part({'alg': 'none'})}.{part(claims)}."


def test_an_id_token_without_a_signature_is_refused(site: Site) -> None:
    back = site.way_back()
    site.ehr.wrong.id_token = _unsigned(site)
    _is_refused(site, site.client.get(back), "id_token_signature")


def test_an_id_token_signed_with_another_key_is_refused(site: Site) -> None:
    site.ehr.wrong.sign_with = RSAKey.generate_key(2048, {"kid": "ehr-1"}, auto_kid=False)
    _is_refused(site, site.client.get(site.way_back()), "id_token_signature")


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"iss": "https://other.test"}, "id_token_issuer"),
        ({"aud": "another-app"}, "id_token_audience"),
        ({"aud": ["trd-assistant-test", "another-app"]}, "id_token_audience"),
        ({"aud": None}, "id_token_audience"),
        ({"nonce": "canary"}, "id_token_nonce"),
        ({"nonce": None}, "id_token_nonce"),
        ({"exp": 1_000_000}, "id_token_expired"),
        ({"exp": None}, "id_token_expired"),
        ({"exp": "never"}, "id_token_expired"),
        ({"iat": 9_999_999_999}, "id_token_not_yet"),
        ({"sub": None}, "id_token_subject"),
        ({"fhirUser": "Patient/worked-case"}, "not_a_clinician"),
        ({"fhirUser": "https://ehr.test/r4/RelatedPerson/7"}, "not_a_clinician"),
    ],
)
def test_an_id_token_that_says_something_else_is_refused(
    site: Site, claims: dict[str, Any], reason: str
) -> None:
    site.ehr.wrong.claims = claims
    _is_refused(site, site.client.get(site.way_back()), reason)


# During the session


def test_a_refresh_token_is_used_once_however_many_reads_meet_the_expiry(site: Site) -> None:
    ctx = site.launched()
    site.ehr.check_tokens = True

    def expire_now(_request: Seen) -> None:
        site.ehr.live_access.clear()  # the patient still comes, all searches at once are refused

    site.ehr.on("Patient", expire_now)
    refused_before = len(site.ehr.asked("Condition"))
    again = site.client.post(f"/api/patients/{ctx}/session/read-again", headers=site.page(ctx))
    assert again.status_code == 204
    assert len(site.ehr.asked("Condition")) == refused_before + 2  # refused, and read
    assert [form["refresh_token"] for form in site.ehr.renewals] == [f"{REFRESH_CANARY}-2"]
    kept = site.access._store.tokens(ctx)
    assert kept is not None
    assert (kept.access, kept.refresh) == (f"{ACCESS_CANARY}-3", f"{REFRESH_CANARY}-3")


def test_the_old_refresh_token_stays_where_none_came(site: Site) -> None:
    site.ehr.wrong.renewal = {"refresh_token": None}
    ctx = site.launched()
    site.ehr.check_tokens = True
    site.ehr.live_access.clear()
    site.client.post(f"/api/patients/{ctx}/session/read-again", headers=site.page(ctx))
    kept = site.access._store.tokens(ctx)
    assert kept is not None
    assert (kept.access, kept.refresh) == (f"{ACCESS_CANARY}-3", f"{REFRESH_CANARY}-2")


def test_a_sign_in_the_ehr_no_longer_accepts_ends_the_session(site: Site) -> None:
    ctx = site.launched()
    headers = site.page(ctx)
    site.ehr.check_tokens = True
    site.ehr.live_access.clear()
    site.ehr.wrong.renewal_status = 400
    again = site.client.post(f"/api/patients/{ctx}/session/read-again", headers=headers)
    assert again.status_code == 401
    assert "Launch the assistant again" in again.json()["detail"]
    assert site.client.get(f"/api/patients/{ctx}", headers=headers).status_code == 404
    assert len(site.audited("renewal_refused")) == 1


def test_a_renewal_for_another_patient_ends_the_session(site: Site) -> None:
    ctx = site.launched()
    headers = site.page(ctx)
    site.ehr.check_tokens = True
    site.ehr.live_access.clear()
    site.ehr.wrong.renewal = {"patient": "someone-else"}
    again = site.client.post(f"/api/patients/{ctx}/session/read-again", headers=headers)
    assert again.status_code == 401
    assert site.client.get(f"/api/patients/{ctx}", headers=headers).status_code == 404
    assert len(site.audited("another_patient")) == 1


def test_a_refusal_in_the_middle_of_the_session_leaves_the_record_as_it_was(site: Site) -> None:
    ctx = site.launched()
    headers = site.page(ctx)
    site.ehr.on("Patient", lambda _request: Reply(status=403))
    again = site.client.post(f"/api/patients/{ctx}/session/read-again", headers=headers)
    assert again.status_code == 422
    assert site.client.get(f"/api/patients/{ctx}/stage", headers=headers).status_code == 200


# The session itself


def test_session_fixation_a_cookie_set_before_the_launch_opens_nothing(site: Site) -> None:
    victim = site.browser()
    back = site.way_back(victim)
    victim.cookies.set("__Secure-sid", "fixed-by-the-attacker", domain="app.test", path="/")
    location = victim.get(back).headers["location"]
    ctx = location.split("/")[2]
    for secret in ("fixed-by-the-attacker", "", ctx):
        assert site.access._store.find(ctx, secret) is None


def test_a_new_launch_has_a_new_session_and_the_old_cookie_does_not_open_it(site: Site) -> None:
    first, second = site.launched(), site.launched()
    jar = {cookie.path: cookie.value for cookie in site.client.cookies.jar}
    old, new = jar[f"/c/{first}/"], jar[f"/c/{second}/"]
    assert first != second
    assert old != new
    assert site.access._store.find(second, str(old)) is None
    assert site.access._store.find(second, str(new)) is not None


def test_a_stolen_address_gives_nothing_and_is_audited(site: Site) -> None:
    ctx = site.launched()
    other = site.launched()
    thief = site.browser()
    for path in ("", "/stage", "/record", "/turns", "/assertions", "/session"):
        for headers in ({}, {"x-app-session": "guess"}, site.page(other)):
            answer = thief.get(f"/api/patients/{ctx}{path}", headers=headers)
            assert answer.status_code == 404
            assert "worked-case" not in answer.text
    assert thief.delete(f"/api/patients/{ctx}").status_code == 404
    assert len(site.audited("foreign_session")) == 19
    assert site.access._store.live(ctx) is not None


def test_signing_out_from_a_foreign_page_is_refused_and_audited(site: Site) -> None:
    ctx = site.launched()
    for headers in ({"origin": "https://evil.test"}, {}, {"origin": "null"}):
        assert site.client.post(f"/c/{ctx}/logout", headers=headers).status_code == 403
    assert len(site.audited("foreign_page")) == 3
    assert site.browser().post(f"/c/{ctx}/logout", headers={"origin": PUBLIC}).status_code == 401
    assert site.access._store.live(ctx) is not None


def test_only_the_configured_ehr_may_frame_any_page_of_a_launch(site: Site) -> None:
    begun = site.begin()
    back = site.client.get(site.ehr.authorize(begun.headers["location"]).removeprefix(PUBLIC))
    refused = site.client.get("/auth/callback")
    for answer in (begun, back, refused):
        policy = answer.headers["content-security-policy"]
        assert f"frame-ancestors 'self' {EHR_PAGE}" in policy
        assert "x-frame-options" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"


def test_cookies_are_for_one_path_out_of_reach_of_scripts_and_keyed_to_the_frame(
    site: Site,
) -> None:
    begun = site.begin()
    back = site.client.get(site.ehr.authorize(begun.headers["location"]).removeprefix(PUBLIC))
    ctx = back.headers["location"].split("/")[2]
    launch, *rest = (*begun.headers.get_list("set-cookie"), *back.headers.get_list("set-cookie"))
    assert launch.startswith("__Host-launch-")
    assert "; Path=/; " in launch
    session = next(cookie for cookie in rest if cookie.startswith("__Secure-sid="))
    assert f"; Path=/c/{ctx}/; " in session
    for cookie in (launch, *rest):
        for flag in ("HttpOnly", "Secure", "SameSite=None", "Partitioned"):
            assert f"; {flag}" in cookie
        assert "Domain" not in cookie


def test_no_token_code_or_secret_stands_in_addresses_logs_audit_or_the_database(
    tmp_path: Path, site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    begun = site.begin()
    back = site.client.get(site.ehr.authorize(begun.headers["location"]).removeprefix(PUBLIC))
    ctx = back.headers["location"].split("/")[2]
    headers = site.page(ctx)
    site.client.post(f"/api/patients/{ctx}/session/read-again", headers=headers)
    answers = [site.client.get(f"/api/patients/{ctx}{path}", headers=headers).text
               for path in ("", "/session", "/turns")]  # fmt: skip
    written = capsys.readouterr()
    files = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    shown = "".join((back.headers["location"], back.text, *answers, written.out, written.err))
    for canary in (ACCESS_CANARY, REFRESH_CANARY, "code-canary", LAUNCH):
        assert canary not in shown
        assert canary.encode() not in files
    assert b"worked-case" in (tmp_path / "audit.jsonl").read_bytes()  # the probe reads the files
    assert ACCESS_CANARY not in repr(site.access._store.tokens(ctx))
