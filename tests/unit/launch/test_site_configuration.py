"""A bad configuration of a site does not start, and the message says what to write instead."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from assistant.bootstrap import EhrRecords, build_access, build_service
from assistant.config import ConfigError, load_settings
from assistant.launch.access import Access
from assistant.launch.keys import ClientKeys, UnusableClientKeyError, new_client_key
from assistant.launch.site import CLIENT_KEYS, SESSION_KEYS
from assistant.sessions import new_key
from tests.lib.commands import trd_assistant
from tests.lib.demo import REPOSITORY

EHR = {
    "name": "General Hospital",
    "fhir_base": "https://ehr.example.org/r4",
    "client_id": "abc",
}
SITE = {"public_url": "https://assistant.example.org"}


def _toml(site: dict[str, Any], *ehrs: dict[str, Any]) -> str:
    lines = [f"{key} = {json.dumps(value)}" for key, value in site.items()]
    for ehr in ehrs:
        lines += ["[[ehrs]]", *(f"{key} = {json.dumps(value)}" for key, value in ehr.items())]
    return "\n".join(lines)


@pytest.fixture(autouse=True)
def _own_folder_and_no_keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRD_ASSISTANT_DATA", str(tmp_path))
    for name in (SESSION_KEYS, CLIENT_KEYS):
        monkeypatch.delenv(name, raising=False)


def _start(folder: Path, text: str) -> Access:
    """What ``serve`` does before it listens."""
    config = folder / "site.toml"
    config.write_text(text, encoding="utf-8")
    return build_access(build_service(load_settings(config)))


@pytest.mark.parametrize(
    ("text", "environment", "expected"),
    [
        (_toml({}, EHR), {}, "public_url must be the https address"),
        (_toml({"public_url": "http://assistant.example.org"}, EHR), {}, "must be the https"),
        (_toml(SITE, EHR), {}, "trd-assistant keys session"),
        (_toml(SITE, EHR), {SESSION_KEYS: "nonsense"}, "not one of ours"),
        (_toml(SITE, EHR, EHR), {SESSION_KEYS: new_key()}, "same fhir_base"),
        (_toml(SITE, EHR | {"authentication": "secret"}), {}, "needs secret_variable"),
        (
            _toml(SITE, EHR | {"authentication": "secret", "secret_variable": "EHR_SECRET"}),
            {SESSION_KEYS: new_key()},
            "EHR_SECRET with its client secret is not set",
        ),
        (
            _toml(SITE, EHR | {"authentication": "private_key_jwt", "algorithm": "RS384"}),
            {SESSION_KEYS: new_key(), CLIENT_KEYS: json.dumps({"keys": [new_client_key("ES384")]})},
            "no RS384 key",
        ),
        (_toml(SITE, EHR), {SESSION_KEYS: new_key(), CLIENT_KEYS: "{}"}, "JWK Set"),
        (
            _toml(SITE | {"database": "mysql://host/x"}, EHR),
            {SESSION_KEYS: new_key()},
            "expected sqlite:///",
        ),
        (_toml(SITE | {"database": "sqlite:///x.db"}), {}, "trd-assistant keys session"),
        (
            _toml(SITE, EHR | {"certificates": "missing.pem"}),
            {SESSION_KEYS: new_key()},
            "expected PEM",
        ),
        (_toml(SITE, EHR | {"fhir_base": "http://ehr.example.org/r4"}), {}, "expected an https"),
        (_toml(SITE, EHR | {"fhir_base": "https://ehr.example.org/r4?x=1"}), {}, "FHIR base as"),
        (_toml(SITE, EHR | {"frame_ancestors": ["ehr.example.org"]}), {}, "expected an origin"),
        (_toml(SITE, EHR | {"frame_ancestors": ["https://*"]}), {}, "expected an origin"),
        (_toml(SITE, EHR | {"colour": "blue"}), {}, "ehrs.0.colour"),
        (_toml(SITE, {"name": "x"}), {}, "ehrs.0.fhir_base"),
    ],
)
def test_a_service_with_a_bad_configuration_does_not_start(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    environment: dict[str, str],
    expected: str,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigError) as refused:
        _start(tmp_path, text)
    assert expected in str(refused.value)
    for secret in environment.values():
        assert secret not in str(refused.value)


def test_serve_says_why_it_does_not_start(tmp_path: Path) -> None:
    config = tmp_path / "site.toml"
    config.write_text(_toml(SITE, EHR), encoding="utf-8")
    ended = trd_assistant("serve", "--port", "0", "--config", config)
    assert ended.exit == 2
    assert ended.err.startswith(f"{SESSION_KEYS} is not set")
    assert "Traceback" not in ended.err


def test_a_good_configuration_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SESSION_KEYS, f"{new_key()},{new_key()}")
    access = _start(tmp_path, _toml(SITE, EHR))
    assert access.flow is not None
    assert (tmp_path / "sessions.db").exists()
    access._store._read.dispose()


@pytest.mark.parametrize("algorithm", ["ES384", "RS384"])
def test_keys_are_read_from_a_file_and_published_without_their_secret(
    tmp_path: Path, algorithm: str
) -> None:
    made = trd_assistant("keys", "client", "--algorithm", algorithm)
    file = tmp_path / "keys.json"
    file.write_text(made.out, encoding="utf-8")
    keys = ClientKeys.read(str(file))
    assert keys.signing(algorithm) is not None
    assert keys.signing({"ES384": "RS384", "RS384": "ES384"}[algorithm]) is None
    (public,) = keys.public()["keys"]
    assert (public["alg"], public["use"]) == (algorithm, "sig")
    assert public["kid"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(public)


@pytest.mark.parametrize(
    "text",
    ["", "{}", "no-such-file.json", '{"keys": [{"kty": "oct", "k": "AAAA"}]}',
     json.dumps(ClientKeys.read(json.dumps({"keys": [new_client_key("ES384")]})).public())],
)  # fmt: skip
def test_what_is_no_set_of_private_keys_is_refused(text: str) -> None:
    with pytest.raises(UnusableClientKeyError, match="trd-assistant keys client"):
        ClientKeys.read(text)


def test_the_example_of_the_deployment_guide_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    guide = (REPOSITORY / "docs" / "deployment.md").read_text(encoding="utf-8")
    example = guide.split("```toml\n")[1].split("```")[0]
    for named in re.findall(r"^(?:database|certificates) = .*$", example, re.MULTILINE):
        example = example.replace(named, "")  # of another machine
    monkeypatch.setenv(SESSION_KEYS, new_key())
    monkeypatch.setenv(CLIENT_KEYS, json.dumps({"keys": [new_client_key("ES384")]}))
    access = _start(tmp_path, example)
    assert access.flow is not None
    asked = set(re.findall(r"[A-Z]\w+", re.findall(r"one by one: (.*?) \|", guide)[0]))
    assert asked == set(EhrRecords().types)
    access._store._read.dispose()
