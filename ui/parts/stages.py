"""Stages with their bounds. What is assumed never looks proven."""

from typing import Any

import streamlit as st

from ui.parts.evidence import source_line
from ui.plain_text import plain
from ui.session import Session
from ui.wording import (
    BOUNDS,
    METHOD_SCALES,
    METHODS,
    NOT_APPLICABLE,
    bound_words,
    bounds_words,
    cut_off_words,
    range_words,
    stage_value,
)

_HEADLINE = ("trd", "source_stage")
_SETTLED = "green-badge[:material/lock: settled by the record]"


def show_headline(session: Session) -> None:
    """The two answers looked for first: is it TRD, and which stage."""
    report = session.report
    if report["staging_blocked_by"]:
        _show_block(session)
        return
    for column, method in zip(st.columns(2), _HEADLINE, strict=True):
        with column, st.container(border=True, key=f"stage-{method}"):
            _show_method(session, method)
    if report["assumptions"]:
        words = "; ".join(plain(session.named(words)) for words in report["assumptions"])
        st.markdown(f":orange-badge[assumed] {words}")


def _show_block(session: Session) -> None:
    rules = session.reference["rules"]
    reasons = " ".join(
        f"{plain(rules[rule]['title'])}." for rule in session.report["staging_blocked_by"]
    )
    st.warning(f"**Unipolar staging does not apply.** {reasons}", icon=":material/block:")
    _basis_link("trd", "See the basis")


def _show_method(session: Session, method: str) -> None:
    bounds = session.report["staging"][method]
    st.markdown(f"**{METHODS[method]}**")
    asserted = bool(session.report["asserted"])
    st.markdown(f"## {headline(method, bounds, asserted=asserted)}", anchors=False)
    st.table(
        [
            {"bound": words, "value": bound_value(method, bounds, key)}
            for key, words in bounds_words(asserted=asserted).items()
        ],
        hide_header=True,
        hide_index=True,
        border="horizontal",
    )
    if method == "trd":
        _show_class_rule(session.report["staging"])
    _basis_link(method, "Basis, step by step")


def _show_class_rule(staging: dict[str, Any]) -> None:
    """Say so where the verdict hangs on the rule that the classes must differ."""
    words = range_words("trd", staging["trd"])
    without = range_words("trd_without_class_rule", staging["trd_without_class_rule"])
    if words != without:
        st.markdown(f"Where a definition does not ask for different classes: **{plain(without)}**")


def headline(method: str, bounds: dict[str, Any], *, asserted: bool) -> str:
    """One line that says how certain a stage is; the working value is never in it."""
    low, high = bounds["at_least"], bounds["at_most"]
    if is_settled(bounds):
        badge = "violet-badge[settled with asserted facts]" if asserted else _SETTLED
        return f"{plain(stage_value(method, low))} :{badge}"
    if method in ("trd", "trd_without_class_rule"):
        return "Open :gray-badge[not settled by the record]"
    if low is None:
        return f"Up to {plain(stage_value(method, high))} :gray-badge[open]"
    lowest = (
        plain(stage_value(method, low)).lower() if str(low) == "0" else plain(_short(method, low))
    )
    return f"Between {lowest} and {plain(_short(method, high))} :gray-badge[open]"


def is_settled(bounds: dict[str, Any]) -> bool:
    """Whether the record leaves nothing open."""
    return bool(bounds["at_least"] == bounds["at_most"] and bounds["at_least"] is not None)


def _short(method: str, value: Any) -> str:
    return stage_value(method, value).removeprefix("Stage ")


def bound_value(method: str, bounds: dict[str, Any], bound: str) -> str:
    """A bound as it is shown: proven in bold, assumed with its badge."""
    value = plain(bound_words(method, bounds, bound))
    proven = bound == "at_least" and bounds[bound] is not None
    if proven and value == plain(stage_value(method, bounds[bound])):
        return f"**{value}**"
    if bound == "working" and bounds["working"] not in (None, bounds["at_least"]):
        return f"{value} :orange-badge[assumed]"
    return value


def show_other_methods_in_short(session: Session) -> None:
    """One line that names the verdict of every other method."""
    if session.report["staging_blocked_by"]:
        return
    staging = session.report["staging"]
    verdicts = [
        f"{METHODS[method]} **{plain(_in_short(method, staging[method]))}**"
        for method in METHODS
        if method not in (*_HEADLINE, "trd_without_class_rule")
    ]
    st.markdown(f":gray-badge[:material/stairs: other methods] {' · '.join(verdicts)}")
    show_cut_offs(session)


def show_cut_offs(session: Session) -> None:
    """Totals that the ruleset takes for resistance; nothing where it names none."""
    cut_offs = session.report["staging"]["cut_offs"]
    if cut_offs:
        words = "; ".join(cut_off_words(cut_off) for cut_off in cut_offs)
        sources = source_line(session, [cut_off["source"] for cut_off in cut_offs])
        st.caption(
            f"Cut-offs of this ruleset, a proxy and no stage: {plain(words)}. Source: {sources}"
        )


def _in_short(method: str, bounds: dict[str, Any]) -> str:
    words = range_words(method, bounds)
    band = bounds.get("band")
    return f"{words}, {band}" if band and is_settled(bounds) else words


def show_other_methods(session: Session) -> None:
    """Every other method in one table."""
    staging = session.report["staging"]
    words = bounds_words(asserted=bool(session.report["asserted"]))
    lines = [
        f"| Method | {' | '.join(words.values())} |",
        "|:--|:--|:--|:--|",
        *(_method_line(method, staging[method]) for method in METHODS if method not in _HEADLINE),
    ]
    st.markdown("\n".join(lines))
    _show_maudsley_items(staging["maudsley"])


def _method_line(method: str, bounds: dict[str, Any]) -> str:
    cells = [bound_value(method, bounds, bound) for bound in BOUNDS]
    return f"| {METHODS[method]} ({METHOD_SCALES[method]}) | {' | '.join(cells)} |"


def _show_maudsley_items(maudsley: dict[str, Any]) -> None:
    if not maudsley["items"]:
        return
    items = ", ".join(f"{plain(name)} {points}" for name, points in maudsley["items"].items())
    st.caption(f"Maudsley, if the assumptions hold: {items}; band {plain(maudsley['band'])}.")
    for other in maudsley["alternatives"]:
        st.caption(
            f"With {plain(other['basis'])}: {other['value']} points, {plain(other['band'])}."
        )


def show_compared(reports: dict[str, dict[str, Any]], names: dict[str, str]) -> None:
    """Every method under several rulesets, side by side."""
    header = " | ".join(plain(names.get(name, name)) for name in reports)
    lines = [f"| Method | {header} |", f"|:--|{':--|' * len(reports)}"]
    for method in METHODS:
        cells = [_compared_cell(method, report["staging"][method]) for report in reports.values()]
        differs = " :yellow-badge[differs]" if len(set(cells)) > 1 else ""
        lines.append(f"| {METHODS[method]}{differs} | {' | '.join(cells)} |")
    st.markdown("\n".join(lines))


def _compared_cell(method: str, bounds: dict[str, Any]) -> str:
    low, high, working = bounds["at_least"], bounds["at_most"], bounds["working"]
    if low is None and high is None:
        return NOT_APPLICABLE
    ranged = plain(range_words(method, bounds))
    if low == high:
        return f"**{ranged}**"
    if working is None:
        return ranged
    return f"{ranged} :orange-badge[assumed: {plain(_short(method, working))}]"


def _basis_link(method: str, words: str) -> None:
    st.page_link(
        st.session_state["pages"]["basis"],
        label=words,
        icon=":material/account_tree:",
        query_params={"method": method},
    )
