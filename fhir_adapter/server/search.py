"""One search of one type: every page, the server's remarks, and what is missing of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx2

from fhir_adapter.server import outcomes
from fhir_adapter.server.outcomes import Remark
from fhir_adapter.server.settings import ReadSettings
from fhir_adapter.server.transport import Answer, Transport

_REFUSED = frozenset({400, 422})
_NOT_SERVED = frozenset({404, 405, 410, 501})
_IDLE_PAGES = 5
"""Pages in a row that bring nothing new before the paging is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One resource of a search result."""

    resource: dict[str, Any]
    full_url: str | None
    is_match: bool


@dataclass(slots=True, kw_only=True)
class SearchResult:
    """What one search gave."""

    kind: str
    found: list[Found] = field(default_factory=list)
    total: int | None = None
    """The server's own count, where it gives one."""
    incomplete: list[str] = field(default_factory=list)
    """Why it was not read whole, in our words."""
    remarks: list[Remark] = field(default_factory=list)
    not_served: bool = False
    refused: bool = False
    """The search as such was not accepted (400): it may want to be narrower."""

    @property
    def matches(self) -> int:
        """Resources of the type that were asked for."""
        return sum(1 for one in self.found if one.is_match)


class Search:
    """Runs searches against one base."""

    def __init__(self, transport: Transport, base: httpx2.URL, settings: ReadSettings) -> None:
        self._transport = transport
        self._base = base
        self._settings = settings

    async def run(
        self, kind: str, parameters: Sequence[tuple[str, str]], categories: Sequence[str] = ()
    ) -> SearchResult:
        """All pages of a search; category by category where the plain search is refused."""
        result = await self._once(kind, parameters)
        if not (result.refused and categories):
            return _settled(result)
        parts = [
            await self._once(kind, [*parameters, ("category", category)]) for category in categories
        ]
        return _together(kind, parts, categories)

    async def _once(self, kind: str, parameters: Sequence[tuple[str, str]]) -> SearchResult:
        """One query; asked again from the start, once, where its pages expire."""
        url = self._url(kind, parameters)
        result, expired = await self._pages(kind, url)
        if expired:
            result, expired = await self._pages(kind, url)
            if expired:
                result.incomplete.append("the server let the search expire before its last page")
        return result

    def _url(self, kind: str, parameters: Sequence[tuple[str, str]]) -> httpx2.URL:
        asked = [*parameters, ("_count", str(self._settings.page_size))]
        asked += self._settings.site_parameters.items()
        return httpx2.URL(f"{self._base}/{kind}", params=asked)

    async def _pages(self, kind: str, first: httpx2.URL) -> tuple[SearchResult, bool]:
        result = SearchResult(kind=kind)
        known: set[str] = set()
        visited: set[str] = set()
        url: httpx2.URL | None = first
        idle = 0
        while url is not None:
            visited.add(str(url))
            answer = await self._transport.get(url)
            if _expired(answer) and len(visited) > 1:
                return result, True
            if not _take_answer(answer, result, is_first=len(visited) == 1):
                break
            new = _take_page(answer.resource or {}, result, known)
            idle = 0 if new else idle + 1
            url = self._next(answer.resource or {}, url, result, visited)
            if url is not None and (stop := self._enough(result, visited, idle)):
                result.incomplete.append(stop)
                break
        return result, False

    def _enough(self, result: SearchResult, visited: set[str], idle: int) -> str | None:
        if len(visited) >= self._settings.pages:
            return f"more than {self._settings.pages} pages: the rest is not read"
        if len(result.found) >= self._settings.resources:
            return f"more than {self._settings.resources} resources: the rest is not read"
        if idle >= _IDLE_PAGES:
            return "the pages go on without anything new: the rest is not read"
        return None

    def _next(
        self, page: dict[str, Any], here: httpx2.URL, result: SearchResult, visited: set[str]
    ) -> httpx2.URL | None:
        """The next link as the server wrote it, if it leads on and stays where we may go."""
        link = next((item.get("url") for item in _objects(page, "link")
                     if item.get("relation") == "next"), None)  # fmt: skip
        if not isinstance(link, str) or not link:
            return None
        try:
            url = here.join(httpx2.URL(_plus_kept(link)))
        except httpx2.InvalidURL:
            result.incomplete.append("the link to the next page is not an address")
            return None
        if str(url) in visited:
            result.incomplete.append("the link to the next page leads back: the rest is not read")
            return None
        if not self._may_follow(url):
            result.incomplete.append("the next page lies on another host than the server's own")
            return None
        return url

    def _may_follow(self, url: httpx2.URL) -> bool:
        """The token goes to the base's origin (or a host the site names), never to plain http."""
        if url.scheme not in ("http", "https"):
            return False
        if self._base.scheme == "https" and url.scheme != "https":
            return False
        own = (self._base.scheme, self._base.host, self._base.port)
        return (url.scheme, url.host, url.port) == own or url.host in self._settings.page_hosts


def _plus_kept(link: str) -> str:
    """A literal ``+`` in a query would arrive as a blank: it is sent as ``%2B``."""
    path, mark, query = link.partition("?")
    return path + mark + query.replace("+", "%2B")


def _expired(answer: Answer) -> bool:
    return any(remark.meaning == outcomes.PAGE_EXPIRED for remark in answer.remarks)


def _take_answer(answer: Answer, result: SearchResult, *, is_first: bool) -> bool:
    """Note a failed answer; whether there is a page to read."""
    if answer.ok:
        if answer.resource is not None and answer.resource.get("resourceType") == "Bundle":
            return True
        result.remarks += answer.remarks
        if not answer.remarks:
            result.incomplete.append("the server's answer to the search is no Bundle")
        return False
    result.remarks += answer.remarks
    if is_first and answer.status in _NOT_SERVED:
        result.not_served = True
    elif is_first and answer.status in _REFUSED:
        result.refused = True
    else:
        result.incomplete.append(answer.reason)
    return False


def _take_page(page: dict[str, Any], result: SearchResult, known: set[str]) -> int:
    """Take in the entries of a page; how many were new."""
    total = page.get("total")
    if result.total is None and isinstance(total, int) and not isinstance(total, bool):
        result.total = total
    new = 0
    for entry in _objects(page, "entry"):
        resource = entry.get("resource")
        if outcomes.is_outcome(resource):
            result.remarks += outcomes.remarks(resource)
            continue
        if not isinstance(resource, dict):
            result.incomplete.append("an entry of the search result holds no resource")
            continue
        key = f"{resource.get('resourceType')}/{resource.get('id', len(result.found))}"
        if key in known:
            continue
        known.add(key)
        new += 1
        url = entry.get("fullUrl")
        result.found.append(
            Found(
                resource=resource,
                full_url=url if isinstance(url, str) else None,
                is_match=resource.get("resourceType") == result.kind,
            )
        )
    return new


def _settled(result: SearchResult) -> SearchResult:
    """A refusal that no narrower search mends is a type that was not read."""
    if result.refused:
        result.incomplete.append("the server refused the search")
    return result


def _together(kind: str, parts: Sequence[SearchResult], categories: Sequence[str]) -> SearchResult:
    """Several narrower searches as one; a category the server does not know is told."""
    whole = SearchResult(kind=kind)
    known: set[tuple[object, object]] = set()
    for part, category in zip(parts, categories, strict=True):
        whole.remarks += part.remarks
        whole.incomplete += part.incomplete
        if part.refused or part.not_served:
            whole.remarks.append(Remark(outcomes.IGNORED, f"category {category}", serious=False))
        for one in part.found:
            key = (one.resource.get("resourceType"), one.resource.get("id", id(one)))
            if key not in known:
                known.add(key)
                whole.found.append(one)
    if all(part.refused or part.not_served for part in parts):
        whole.incomplete.append("the server refused the search")
    return whole


def _objects(holder: dict[str, Any], name: str) -> Iterator[dict[str, Any]]:
    value = holder.get(name)
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict):
            yield item
