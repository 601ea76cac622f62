"""Reading off the hostile EHR, and looking at what came."""

import asyncio

from fhir_adapter.read_server import read_server
from fhir_adapter.server import ReadSettings
from tests.lib.fhir import phq9
from tests.lib.hostile_ehr import Reply, searchset

QUICK = ReadSettings(
    attempts=3, first_wait_seconds=0.01, longest_wait_seconds=0.02, request_seconds=5,
    total_seconds=20,
)  # fmt: skip


def read(ehr, who="p1", settings=QUICK, **options):
    """The record of ``who`` on a server that runs as long as the read."""

    async def go(base):
        return await read_server(base, who, settings=settings, **options)

    with ehr.running() as base:
        return asyncio.run(go(base))


def incomplete(record):
    return {one.type: one for one in record.treatment.completeness.incomplete}


def problems(record):
    return [issue.problem for issue in record.treatment.issues]


def scores(count, start=0):
    return [phq9(place % 28, "2023-01-02") | {"id": f"s{place}"}
            for place in range(start, start + count)]  # fmt: skip


def observations(record):
    return sorted(key for key in record.resources if key.startswith("Observation/"))


def paged(ehr, kind, pages, link):
    """Serve ``pages`` of resources; ``link(number)`` is the address of page ``number``."""
    total = sum(map(len, pages))

    def rule(asked):
        number = int(asked.query.get("page", 0))
        following = link(number + 1) if number + 1 < len(pages) else None
        return Reply(body=searchset(pages[number], total=total, following=following))

    ehr.on(kind, rule)
