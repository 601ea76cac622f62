"""Rulesets: the dated, cited choices a staging rests on.

A ruleset is a TOML file whose every entry has a value, a unit and a source. A
site's own file names the one it ``extends`` and gives only what differs.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, get_args

from assistant.staging.tables import read_toml, sources

NAMES = ("source_text", "source_text_strict", "sforzini_2022", "canada_2021", "register")
"""The rulesets shipped; the first is the default."""

DEFAULT = NAMES[0]
_HEADER = frozenset({"name", "version", "title", "parameters"})
_SECTIONS = ("adequacy", "trials", "outcome", "staging", "procedures")


class UnknownRulesetError(Exception):
    """No ruleset has that name, or the file is not one; says what is expected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One entry of a ruleset as its file states it."""

    name: str
    value: Any
    unit: str
    source: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """The choices of one ruleset. Units and sources: :attr:`parameters`."""

    name: str
    version: str
    title: str
    min_days: int
    remark_from_days: int
    remark_below_days: int
    course_min_days: int
    min_adherence: Decimal
    dose_set: str
    coverage_policy: str
    min_fills: int
    join_gap_days: int
    bridge_days: int
    replace_overlap_days: int
    cross_taper_days: int
    response_percent: Decimal
    partial_percent: Decimal
    failure_below_percent: Decimal
    proxy: bool
    baseline_before_days: int
    baseline_after_days: int
    endpoint_after_days: int
    endpoint_next_trial_days: int
    endpoint_min_days: int
    intolerance_window_days: int
    class_rule: bool
    assume_adherence: bool
    remission_days: int
    persistent_months: int
    maudsley_acute_months: int
    maudsley_subacute_months: int
    european_crd_days: int
    optimised_factor: Decimal
    optimised_days: int
    course_gap_days: int
    ect_min_sessions: int
    ect_baseline_before_days: int
    ect_endpoint_after_days: int
    maudsley_trd_from: int | None = None
    """Maudsley total that stands for resistance; None where the ruleset names none."""
    mgh_s_trd_from: Decimal | None = None
    """The same of the MGH-S."""
    parameters: Mapping[str, Parameter] = field(compare=False, repr=False)
    """Every entry by name, with unit, source and note."""


@lru_cache(maxsize=16)
def load_ruleset(name_or_path: str = DEFAULT) -> Ruleset:
    """The ruleset of this name, or of a site's own TOML file.

    Raises:
        UnknownRulesetError: no such ruleset, or the file breaks a rule of the format.
    """
    if name_or_path in NAMES:
        return _build(read_toml(f"rulesets/{name_or_path}.toml"), name_or_path)
    path = Path(name_or_path)
    if path.suffix != ".toml" or not path.is_file():
        raise UnknownRulesetError(
            f"no ruleset is called {name_or_path!r}; "
            f"use one of {', '.join(NAMES)} or a .toml file that extends one"
        )
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UnknownRulesetError(f"{path.name} is not a TOML file: {error}") from error
    return _build(read, path.name)


def _build(read: Mapping[str, Any], where: str) -> Ruleset:
    base: dict[str, Parameter] = {}
    extends = read.get("extends")
    if extends is not None:
        if extends not in NAMES:
            raise UnknownRulesetError(f"{where}: extends must be one of {', '.join(NAMES)}")
        base = dict(load_ruleset(extends).parameters)
    for section in _SECTIONS:
        for key, entry in read.get(section, {}).items():
            base[key] = _parameter(key, entry, where)
    expected = {f.name: f.type for f in fields(Ruleset) if f.name not in _HEADER}
    optional = {f.name for f in fields(Ruleset) if f.default is None}
    missing = expected.keys() - base.keys() - optional
    unknown = base.keys() - expected.keys()
    if missing or unknown:
        listed = ", ".join(sorted(missing or unknown))
        raise UnknownRulesetError(
            f"{where}: {'missing' if missing else 'unknown'} entries: {listed}"
        )
    try:
        values = {key: _typed(parameter.value, expected[key]) for key, parameter in base.items()}
        return Ruleset(
            name=read["name"],
            version=read["version"],
            title=read["title"],
            parameters=base,
            **values,
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise UnknownRulesetError(f"{where}: {error}") from error


def _parameter(key: str, entry: Any, where: str) -> Parameter:
    if not isinstance(entry, Mapping) or "value" not in entry or "source" not in entry:
        raise UnknownRulesetError(f"{where}: {key} needs a value and a source")
    if entry["source"] not in sources():
        raise UnknownRulesetError(f"{where}: {key} names an unknown source")
    return Parameter(
        name=key,
        value=entry["value"],
        unit=entry.get("unit", ""),
        source=entry["source"],
        note=entry.get("note", ""),
    )


def _typed(value: Any, kind: Any) -> Any:
    kind, *_ = get_args(kind) or (kind,)
    if kind is Decimal:
        return Decimal(value)
    if type(value) is not kind:
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")
    return value
