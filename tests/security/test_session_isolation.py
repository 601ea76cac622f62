"""Twenty sessions at once, each with a patient of its own: nothing of one in another (P14)."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.lib import demo, launching
from tests.lib.launching import PUBLIC, Site
from tests.lib.smart_ehr import LAUNCH, SmartEhr

SESSIONS = 20
TURNS = 5
QUESTIONS = (
    "Is this depression treatment-resistant?",
    "Which antidepressants were tried?",
    "Which stage is it, and why?",
    "What is missing?",
    "What was the last HAM-D-17 score?",
)


def _canary(number: int) -> str:
    return f"Canary{number:02d}x"


def _patient(number: int) -> list[dict[str, Any]]:
    """The worked case under ids and a name of its own."""
    text = json.dumps([entry["resource"] for entry in demo.bundle("worked-case")["entry"]])
    resources = json.loads(text.replace("worked-case", f"p-{_canary(number)}"))
    for one in resources:
        if one["resourceType"] == "Patient":
            one["name"] = [{"family": _canary(number), "given": ["Test"]}]
        elif "worked-case" not in one["id"]:
            one["id"] = f"{one['id']}-{_canary(number)}"
    return resources


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("isolation")
    ehr = SmartEhr("", *(one for number in range(SESSIONS) for one in _patient(number)))
    with ehr.running(), launching.site(folder, ehr) as found:
        yield found


async def _session(site: Site, number: int, ready: asyncio.Barrier) -> list[str]:
    """One clinician's launch and questions; every text they got."""
    transport = httpx2.ASGITransport(app=site.client.app)
    async with httpx2.AsyncClient(transport=transport, base_url=PUBLIC) as browser:
        begun = await browser.get("/launch", params={"iss": site.ehr.base, "launch": LAUNCH})
        back = site.ehr.authorize(begun.headers["location"], patient=f"p-{_canary(number)}")
        await ready.wait()
        opened = await browser.get(back)
        assert opened.status_code == 303, opened.text
        ctx = opened.headers["location"].split("/")[2]
        headers = site.page(ctx)
        path = f"/api/patients/{ctx}"
        got = [opened.headers["location"]]
        for question in QUESTIONS[:TURNS]:
            body = {"question": f"{question} ({_canary(number)})", "remember": True}
            answer = await browser.post(f"{path}/ask", json=body, headers=headers)
            assert answer.status_code == 200
            got.append(answer.text)
        for below in ("", "/record", "/turns", "/stage"):
            answer = await browser.get(f"{path}{below}", headers=headers)
            assert answer.status_code == 200
            got.append(answer.text)
        return got


def test_no_session_sees_anything_of_another(site: Site) -> None:
    async def all_at_once() -> list[list[str]]:
        ready = asyncio.Barrier(SESSIONS)
        return await asyncio.gather(*(_session(site, number, ready) for number in range(SESSIONS)))

    everything = asyncio.run(all_at_once())
    for number, texts in enumerate(everything):
        seen = "".join(texts)
        assert _canary(number) in seen
        foreign = [other for other in range(SESSIONS) if other != number
                   and _canary(other) in seen]  # fmt: skip
        assert foreign == []
        assert seen.count("answer/1") == 2 * TURNS  # as answered, and as kept
