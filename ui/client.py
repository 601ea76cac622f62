"""The service's public HTTP API, as the page uses it."""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httpx2

_TIMEOUT = httpx2.Timeout(60, connect=5)


class ServiceCallError(Exception):
    """The service refused, failed or did not answer; ``detail`` is fit to show."""

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


@cache
def connections(base_url: str) -> httpx2.Client:
    """The connections to the service, shared by every tab; they carry no state of any."""
    return httpx2.Client(base_url=base_url, timeout=_TIMEOUT, trust_env=False)


class ServiceClient:
    """Calls the service for one open record."""

    def __init__(self, base_url: str, ctx: str, page_token: str = "") -> None:
        self._http = connections(base_url)
        self._patient = f"/api/patients/{quote(ctx, safe='')}"
        self._headers = {"x-app-session": page_token} if page_token else {}

    # The open record

    def patient(self) -> dict[str, Any]:
        """Who the patient is, and how the record was opened."""
        return self._get(self._patient)

    def stage(self, *, as_of: str, ruleset: str) -> dict[str, Any]:
        """The staging report."""
        return self._get(f"{self._patient}/stage", as_of=as_of, ruleset=ruleset)

    def turns(self) -> list[dict[str, Any]]:
        """What was said about the record, each turn with the number of its conversation."""
        return list(self._get(f"{self._patient}/turns")["turns"])

    def forget_turns(self) -> None:
        """Forget every conversation."""
        self._call("DELETE", f"{self._patient}/turns")

    def rate(self, place: int, rating: Mapping[str, Any]) -> None:
        """Say what a turn was worth; ``place`` counts the turns from 0."""
        self._call("POST", f"{self._patient}/turns/{place}/feedback", json=dict(rating))

    def ask(
        self, question: str, *, as_of: str, ruleset: str, conversation: int
    ) -> Iterator[str | dict[str, Any]]:
        """The answer as it comes: pieces of text, then the whole answer."""
        body = {
            "question": question,
            "as_of": as_of,
            "ruleset": ruleset,
            "remember": True,
            "conversation": conversation,
        }
        try:
            with self._http.stream(
                "POST",
                f"{self._patient}/ask",
                json=body,
                headers={"accept": "text/event-stream", **self._headers},
            ) as response:
                if response.is_error:
                    response.read()
                    raise _problem(response)
                yield from _events(response.iter_lines())
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None

    # The session

    def session(self) -> str:
        """What kind of session this is: ``launch``, ``demo`` or ``api``; asking is no use of it."""
        return str(self._get(f"{self._patient}/session")["kind"])

    def read_again(self) -> None:
        """Read the record anew off the EHR."""
        self._call("POST", f"{self._patient}/session/read-again")

    def sign_out(self) -> None:
        """Close the record and end the session."""
        self._call("DELETE", self._patient)

    def report_as_fhir(self, *, as_of: str, ruleset: str) -> bytes:
        """The report as a FHIR Bundle, for a file."""
        bundle = self._get(f"{self._patient}/report.fhir.json", as_of=as_of, ruleset=ruleset)
        return json.dumps(bundle, ensure_ascii=False, indent=1).encode()

    def write_back(self, *, as_of: str, ruleset: str) -> list[str]:
        """Write the report to the EHR; the resources it keeps now. Ask the clinician first."""
        body = {"confirmed": True, "as_of": as_of, "ruleset": ruleset}
        return list(self._call("POST", f"{self._patient}/write-back", json=body)["written"])

    # What the clinician adds

    def assertions(self) -> list[dict[str, Any]]:
        """Facts the clinician vouched for."""
        return list(self._get(f"{self._patient}/assertions")["assertions"])

    def assert_fact(self, fact: Mapping[str, Any]) -> dict[str, Any]:
        """Add one."""
        return self._call("POST", f"{self._patient}/assertions", json=dict(fact))

    def withdraw(self, assertion_id: str) -> None:
        """Remove one."""
        self._call("DELETE", f"{self._patient}/assertions/{quote(assertion_id, safe='')}")

    # Evidence

    def record(self) -> dict[str, Any]:
        """What was read of this patient."""
        return self._get(f"{self._patient}/record")

    def element(self, reference: str, element: str = "") -> dict[str, Any]:
        """One element of a resource, with the resource."""
        return self._get(f"{self._patient}/record/{quote(reference)}", element=element)

    # Knowledge

    def reference(self) -> dict[str, Any]:
        """Rules, thresholds, scales, sources, rulesets."""
        return self._get("/api/reference")

    def passage(self, passage_id: str) -> dict[str, Any]:
        """One passage."""
        return self._get(f"/api/knowledge/passages/{quote(passage_id)}")

    def passages_for_rule(self, rule_id: str) -> list[dict[str, Any]]:
        """The passages behind a rule."""
        return list(self._get(f"/api/knowledge/rules/{quote(rule_id)}")["passages"])

    def search(self, query: str, k: int) -> list[dict[str, Any]]:
        """Passages nearest to a query."""
        return list(self._get("/api/knowledge/search", q=query, k=k)["passages"])

    # Demo

    def demo_patients(self) -> list[dict[str, Any]]:
        """The demo patients on offer."""
        return list(self._get("/api/patients")["patients"])

    def open_demo_patient(self, patient_id: str) -> str:
        """Open another demo patient; the id of the open record."""
        return str(self._call("POST", f"/api/demo/{quote(patient_id)}")["ctx"])

    def review(self) -> dict[str, Any] | None:
        """The pairs of the blind review with what was said of them; None where none is set up."""
        try:
            return self._get(f"{self._patient}/review")
        except ServiceCallError as problem:
            if problem.status == HTTPStatus.NOT_FOUND:
                return None
            raise

    def judge(self, judgment: Mapping[str, Any]) -> None:
        """Say what is to be said of a pair."""
        self._call("POST", f"{self._patient}/review", json=dict(judgment))

    def version(self) -> dict[str, Any]:
        """Versions of product and ruleset."""
        return self._get("/version")

    def transparency(self) -> list[dict[str, str]]:
        """The source attributes of this decision support."""
        return list(self._get("/api/transparency")["attributes"])

    def learned_parts(self) -> list[dict[str, str]]:
        """The source attributes of the learned parts, in their groups."""
        return list(self._get("/api/transparency")["predictive"])

    def readiness(self) -> dict[str, Any]:
        """State of the parts; also where one is not ready."""
        try:
            response = self._http.get("/ready")
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None
        return dict(response.json())

    def _get(self, path: str, **query: Any) -> dict[str, Any]:
        return self._call(
            "GET", path, params={k: v for k, v in query.items() if v not in ("", None)}
        )

    def _call(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        try:
            response = self._http.request(method, path, headers=self._headers, **request)
        except httpx2.HTTPError as error:
            raise _unreachable(error) from None
        if response.is_error:
            raise _problem(response)
        return dict(response.json()) if response.content else {}


def _events(lines: Iterator[str]) -> Iterator[str | dict[str, Any]]:
    for line in lines:
        if line.startswith("data: "):
            data = json.loads(line.removeprefix("data: "))
            if isinstance(data, str | dict):
                yield data


def _problem(response: httpx2.Response) -> ServiceCallError:
    try:
        detail = str(response.json().get("detail") or response.reason_phrase)
    except ValueError:
        detail = response.reason_phrase
    return ServiceCallError(response.status_code, detail)


def _unreachable(error: httpx2.HTTPError) -> ServiceCallError:
    if isinstance(error, httpx2.TimeoutException):
        return ServiceCallError(0, "The service did not answer in time. Try again in a moment.")
    return ServiceCallError(0, "The service cannot be reached. Try again in a moment.")
