"""Strict JSON: what is not JSON is refused with its place, never repaired."""

import json
from typing import Any, NamedTuple

import orjson

_BOM = b"\xef\xbb\xbf"


class NotJsonError(ValueError):
    """The text is not JSON; the message names the place, not the content."""


class _Place(NamedTuple):
    line: int
    column: int
    path: str

    def __str__(self) -> str:
        where = f"line {self.line}, column {self.column}"
        return f"{where} (at {self.path})" if self.path else where


def parse(data: bytes) -> Any:
    """The value of a JSON text.

    A byte order mark is allowed; NaN, numbers beyond a double, lone surrogates,
    text after the value, keys given twice and nesting over 1,000 levels are not.

    Raises:
        NotJsonError: with line, column and element path of the first fault.
    """
    data = data.removeprefix(_BOM)
    if not data.strip():
        raise NotJsonError("the text is empty")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError as fault:
        raise NotJsonError(_explain(data, fault)) from None
    if may_repeat_keys(data, orjson.dumps(value)):
        _refuse_repeated_keys(data)
    return value


def may_repeat_keys(data: bytes, written: bytes) -> bool:
    """Whether an object of ``data`` may give a key twice; ``written`` is its value written out."""
    # One key of two in an object is lost in parsing, so the text then holds more colons
    # than the value written out. Those inside strings count on both sides, unless escaped.
    if b"\\" in data and b"\\u003" in data:
        return True
    return data.count(b":") > written.count(b":")


def _refuse_repeated_keys(data: bytes) -> None:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            repeated = next(name for name in names if names.count(name) > 1)
            shown = f' ("{repeated}")' if repeated.isalpha() else ""
            raise NotJsonError(f"a key is given twice in one object{shown}")
        return found

    json.loads(data, object_pairs_hook=unique)


def _explain(data: bytes, fault: orjson.JSONDecodeError) -> str:
    reason = fault.msg.split(":")[0]
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "the text is UTF-16; FHIR JSON is UTF-8"
    if data.lstrip()[:1] == b"<":
        return "the text looks like XML; this program reads FHIR JSON"
    place = _Place(fault.lineno, fault.colno, path_at(data, fault.pos))
    return f"{reason}, {place}"


def path_at(data: bytes, position: int) -> str:
    """The element path that a position in a (broken) JSON text belongs to."""
    text = data.decode("utf-8", errors="replace")[:position]
    steps: list[str | int] = []
    index = 0
    while index < len(text):
        character = text[index]
        if character == '"':
            end = _string_end(text, index)
            if steps and isinstance(steps[-1], str) and text[end:].lstrip()[:1] == ":":
                steps[-1] = text[index + 1 : end - 1]
            index = end
            continue
        _step(steps, character)
        index += 1
    return _written(steps)


def _step(steps: list[str | int], character: str) -> None:
    if character == "{":
        steps.append("")
    elif character == "[":
        steps.append(0)
    elif character in "}]" and steps:
        steps.pop()
    elif character == "," and steps and isinstance(steps[-1], int):
        steps[-1] += 1


def _string_end(text: str, start: int) -> int:
    index = start + 1
    while index < len(text) and text[index] != '"':
        index += 2 if text[index] == "\\" else 1
    return index + 1


def _written(steps: list[str | int]) -> str:
    path = ""
    for step in steps:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.isidentifier():
            path += f".{step}" if path else step
    return path
