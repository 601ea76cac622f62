"""The address of the request being served, for the events it causes."""

from contextvars import ContextVar

request_address: ContextVar[str] = ContextVar("request_address", default="")
"""Set by the API for each request; work on other threads of the request sees it too."""
