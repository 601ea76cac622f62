"""A query parameter that an operation does not know is refused, not ignored.

``?asof=2024-01-01`` would otherwise give today's stage without a word.
"""

from fastapi import Request
from fastapi.exceptions import RequestValidationError

from assistant.api.problems import route_template


async def only_known_query(request: Request) -> None:
    """A dependency of every operation that the OpenAPI describes.

    Raises:
        RequestValidationError: a parameter is unknown, or is given twice.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    if not names:
        return
    path = request.app.openapi()["paths"].get(route_template(request))
    if path is None:  # a page or a launch, whose parameters are others' to choose
        return
    operation = path.get(request.method.lower(), {})
    known = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
    if not known.issuperset(names):
        raise RequestValidationError([{"type": "extra_forbidden", "loc": ("query", "")}])
    if len(set(names)) < len(names):
        raise RequestValidationError([{"type": "given_twice", "loc": ("query",)}])
