"""A launch from a lax EHR to an open record, as each kind of client."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from assistant.launch.keys import new_client_key
from assistant.launch.site import CLIENT_KEYS
from tests.lib import launching
from tests.lib.launching import PUBLIC, Site
from tests.lib.smart_ehr import CLIENT_ID, LAUNCH, USER, SmartEhr, challenge


def test_a_launch_opens_the_patient_the_ehr_named_for_the_browser_it_came_from(site: Site) -> None:
    ctx = site.launched()
    told = site.client.get(f"/api/patients/{ctx}", headers=site.page(ctx)).json()
    assert told["patient"]["reference"] == "Patient/worked-case"
    assert (told["origin"], told["encounter"]) == ("launch", "Encounter/enc-1")
    stage = site.client.get(f"/api/patients/{ctx}/stage", headers=site.page(ctx)).json()
    assert stage["completeness"]["incomplete"] == []
    assert len(stage["trials"]) > 0


def test_the_client_sends_what_smart_app_launch_asks_of_it(site: Site) -> None:
    begun = site.begin()
    url = begun.headers["location"]
    asked = dict(parse_qsl(urlsplit(url).query))
    assert url.startswith(f"{site.ehr.base}/authorize?")
    assert asked["response_type"] == "code"
    assert asked["client_id"] == CLIENT_ID
    assert asked["redirect_uri"] == f"{PUBLIC}/auth/callback"
    assert (asked["launch"], asked["aud"]) == (LAUNCH, site.ehr.base)
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 22  # 122 bits take 21 characters of base64
    assert len(asked["nonce"]) >= 22
    scopes = asked["scope"].split()
    assert {"launch", "openid", "fhirUser", "online_access"} <= set(scopes)
    assert {"patient/Patient.rs", "patient/MedicationRequest.rs"} <= set(scopes)
    assert not any("*" in scope for scope in scopes)
    site.client.get(site.ehr.authorize(url).removeprefix(PUBLIC))
    sent = site.ehr.exchanged[-1]
    assert sent["redirect_uri"] == asked["redirect_uri"]
    assert challenge(sent["code_verifier"]) == asked["code_challenge"]
    assert sent["client_id"] == CLIENT_ID


def test_scopes_are_asked_in_the_form_the_ehr_knows(tmp_path: Path, ehr: SmartEhr) -> None:
    further = ("patient/ClinicalImpression.write",)
    with launching.site(
        tmp_path, ehr, scopes="v1", access="offline", further_scopes=further
    ) as site:
        asked = dict(parse_qsl(urlsplit(site.begin().headers["location"]).query))
    scopes = asked["scope"].split()
    assert {"patient/Condition.read", "offline_access", *further} <= set(scopes)
    assert not [scope for scope in scopes if scope.endswith(".rs")]


def test_a_standalone_launch_asks_the_ehr_for_a_patient(site: Site) -> None:
    own = {"origin": PUBLIC}
    assert "Test EHR" in site.client.get("/").text
    begun = site.client.post("/launch/standalone/0", headers=own)
    asked = dict(parse_qsl(urlsplit(begun.headers["location"]).query))
    assert "launch" not in asked
    assert "launch/patient" in asked["scope"].split()
    back = site.client.get(site.ehr.authorize(begun.headers["location"]).removeprefix(PUBLIC))
    assert back.status_code == 303
    for number, headers in ((7, own), (0, {"origin": "https://evil.test"}), (0, {})):
        answer = site.client.post(f"/launch/standalone/{number}", headers=headers)
        assert answer.status_code == 400


def test_a_confidential_client_proves_itself_with_its_secret(tmp_path: Path, ehr: SmartEhr) -> None:
    with launching.site(
        tmp_path, ehr, authentication="secret", secret_variable="EHR_SECRET",
        environment={"EHR_SECRET": "s3cret"},
    ) as site:  # fmt: skip
        site.launched()
    assert ehr.exchanged[-1]["authorization"].startswith("Basic ")
    assert "client_secret" not in ehr.exchanged[-1]


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_a_confidential_client_proves_itself_with_a_key_it_publishes(
    tmp_path: Path, ehr: SmartEhr, algorithm: str
) -> None:
    keys = {"keys": [new_client_key("RS384"), new_client_key("ES384"), new_client_key(algorithm)]}
    with launching.site(
        tmp_path, ehr, authentication="private_key_jwt", algorithm=algorithm,
        environment={CLIENT_KEYS: json.dumps(keys)},
    ) as site:  # fmt: skip
        site.launched()
        published = site.client.get("/.well-known/jwks.json").json()
    assert not [key for key in published["keys"] if "d" in key]
    sent = ehr.exchanged[-1]
    assert sent["client_assertion_type"].endswith("client-assertion-type:jwt-bearer")
    token = jwt.decode(
        sent["client_assertion"], KeySet.import_key_set(published), algorithms=[algorithm]
    )
    assert token.header["kid"] in {key["kid"] for key in published["keys"]}
    assert (token.claims["iss"], token.claims["sub"]) == (CLIENT_ID, CLIENT_ID)
    assert token.claims["aud"] == f"{ehr.base}/token"
    assert token.claims["jti"]
    assert 0 < token.claims["exp"] - token.claims["iat"] <= 300


def test_a_launch_is_audited_with_user_authority_and_patient(site: Site) -> None:
    site.launched()
    launch, read = site.audited()[:2]
    assert launch["subtype"][0]["display"] == "Login"
    assert launch["outcome"] == "0"
    user = launch["agent"][-1]
    assert user["who"] == {"reference": USER}
    assert user["policy"] == [site.ehr.base]
    assert launch["entity"][0]["what"] == {"reference": "Patient/worked-case"}
    assert read["subtype"][0]["code"] == "search"


def test_the_banner_is_left_to_an_ehr_that_shows_its_own(site: Site) -> None:
    site.ehr.wrong.token = {"need_patient_banner": False, "encounter": None}
    ctx = site.launched()
    told = site.client.get(f"/api/patients/{ctx}", headers=site.page(ctx)).json()
    assert (told["need_patient_banner"], told["encounter"]) == (False, None)


@pytest.mark.parametrize(
    ("context", "view"),
    [
        ('{"view": "overview"}', ""),
        ('{"view": "basis"}', "basis"),
        (None, ""),
        ("not JSON", ""),
        ('["basis"]', ""),
        ('{"view": "../../auth/callback"}', ""),
        ('{"view": 1}', ""),
    ],
)
def test_a_launch_from_a_card_opens_the_view_its_link_names(
    site: Site, context: str | None, view: str
) -> None:
    site.ehr.wrong.token = {"appContext": context}
    back = site.client.get(site.way_back())
    assert back.headers["location"].split("/")[3:] == [view]


def test_which_data_class_was_not_granted_stands_in_the_report(site: Site) -> None:
    site.ehr.wrong.token = {"scope": "launch openid patient/Patient.rs patient/Condition.rs"}
    ctx = site.launched()
    stage = site.client.get(f"/api/patients/{ctx}/stage", headers=site.page(ctx)).json()
    missing = {one["type"]: one["why"] for one in stage["completeness"]["incomplete"]}
    assert "the granted scopes do not cover it" in missing["MedicationRequest"]
    assert "Condition" not in missing
    assert stage["staging"]["source_stage"]["working"] is None


def test_signing_out_forgets_everything_and_revokes_the_tokens(site: Site) -> None:
    ctx = site.launched()
    headers = site.page(ctx)
    ask = {"question": "Is it TRD?", "remember": True}
    site.client.post(f"/api/patients/{ctx}/ask", json=ask, headers=headers)
    left = site.client.post(f"/c/{ctx}/logout", headers={"origin": PUBLIC})
    assert left.status_code == 200
    assert "Max-Age=0" in left.headers["set-cookie"]
    assert sorted(site.ehr.revoked) == ["access-token-canary-2", "refresh-token-canary-2"]
    assert site.client.get(f"/api/patients/{ctx}", headers=headers).status_code == 404
    assert site.access._store.tokens(ctx) is None
    assert site.access._store.conversations.turns(ctx) == []
    assert [one["subtype"][0]["display"] for one in site.audited()][-1] == "Logout"


def test_the_patient_can_be_read_again_and_the_conversation_stays(site: Site) -> None:
    ctx = site.launched()
    headers = site.page(ctx)
    ask = {"question": "Is it TRD?", "remember": True}
    site.client.post(f"/api/patients/{ctx}/ask", json=ask, headers=headers)
    fact = {"fact": "adherence", "trial": "t1", "value": "met", "author": "Dr. Example"}
    site.client.post(f"/api/patients/{ctx}/assertions", json=fact, headers=headers)
    before = len(
        site.client.get(f"/api/patients/{ctx}/record", headers=headers).json()["resources"]
    )
    note = {"resourceType": "Condition", "id": "new-1", "code": {"text": "later"},
            "subject": {"reference": "Patient/worked-case"}}  # fmt: skip
    site.ehr.resources.append(note)
    again = site.client.post(f"/api/patients/{ctx}/session/read-again", headers=headers)
    assert again.status_code == 204
    after = site.client.get(f"/api/patients/{ctx}/record", headers=headers).json()["resources"]
    assert len(after) == before + 1
    turns = site.client.get(f"/api/patients/{ctx}/turns", headers=headers).json()["turns"]
    assert [turn["question"] for turn in turns] == ["Is it TRD?"]
    held = site.client.get(f"/api/patients/{ctx}/assertions", headers=headers).json()
    assert [one["author"] for one in held["assertions"]] == ["Dr. Example"]


def test_a_restart_loses_nothing(tmp_path: Path, ehr: SmartEhr) -> None:
    with launching.site(tmp_path, ehr) as before:
        ctx = before.launched()
        cookies = dict(before.client.cookies)
        ask = {"question": "Is it TRD?", "remember": True}
        before.client.post(f"/api/patients/{ctx}/ask", json=ask, headers=before.page(ctx))
    reads = len(ehr.asked("Patient"))
    with launching.site(tmp_path, ehr) as after:
        sid = cookies["__Secure-sid"]
        session = after.access._store.find(ctx, sid)
        assert session is not None
        path, headers = f"/api/patients/{ctx}", after.page(ctx)
        turns = after.client.get(f"{path}/turns", headers=headers).json()["turns"]
        assert [turn["question"] for turn in turns] == ["Is it TRD?"]
        assert after.client.get(f"{path}/stage", headers=headers).status_code == 200
    assert len(ehr.asked("Patient")) == reads + 1  # read once more, with the stored token


def test_two_launches_in_one_browser_stay_two_patients(tmp_path: Path, ehr: SmartEhr) -> None:
    with launching.site(tmp_path, ehr) as site:
        first_back = site.way_back()
        second_back = site.way_back()  # both under way at the same time
        first = site.client.get(first_back).headers["location"]
        second = site.client.get(second_back).headers["location"]
        assert first != second
        for page in (first, second):
            ctx = page.split("/")[2]
            mine = [c for c in site.client.cookies.jar if c.path == f"/c/{ctx}/"]
            assert len(mine) == 1
