"""Whether a prefetch holds the whole record, and its resources."""

from collections.abc import Collection, Mapping
from typing import Any

from assistant.cds_hooks.catalogue import PREFETCH


def gaps(
    prefetch: Mapping[str, Any] | None, patient_id: str, not_served: Collection[str] = ()
) -> tuple[str, ...]:
    """The keys that are absent or not whole; empty where the prefetch can stand for the record.

    A null says that the search found nothing. A Bundle with a next page, or with
    fewer matches than its total, is a first page.
    """
    given = prefetch or {}
    found = [
        key
        for key in PREFETCH
        if key != "patient" and key not in not_served and not _is_whole(key, given)
    ]
    if not _is_patient(given.get("patient"), patient_id):
        found.insert(0, "patient")
    return tuple(found)


def _is_whole(key: str, given: Mapping[str, Any]) -> bool:
    if key not in given:
        return False
    bundle = given[key]
    if bundle is None:
        return True
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        return False
    entries, links = bundle.get("entry") or [], bundle.get("link") or []
    if not isinstance(entries, list) or not isinstance(links, list):
        return False
    if any(isinstance(link, dict) and link.get("relation") == "next" for link in links):
        return False
    total = bundle.get("total")
    return not isinstance(total, int) or total <= sum(1 for entry in entries if _is_match(entry))


def _is_match(entry: object) -> bool:
    if not isinstance(entry, dict):
        return False
    search = entry.get("search")
    return not isinstance(search, dict) or search.get("mode", "match") == "match"


def _is_patient(resource: object, patient_id: str) -> bool:
    return (
        isinstance(resource, dict)
        and resource.get("resourceType") == "Patient"
        and resource.get("id") == patient_id
    )


def bundle_of(prefetch: Mapping[str, Any]) -> dict[str, Any]:
    """The prefetched resources as one Bundle."""
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": prefetch[key]} for key in PREFETCH if prefetch.get(key)],
    }
