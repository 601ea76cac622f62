"""Evidence one click away: the element of the resource, the passage of the source."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.client import ServiceCallError
from ui.naming import names_at, score_at
from ui.plain_text import plain
from ui.readable import path_in_words, rows
from ui.session import Session, show_problem
from ui.wording import SOURCES, resource_type

_MOST_BUTTONS = 4


@st.dialog("In the record", width="medium", icon=":material/description:")
def show_element(session: Session, reference: str, element: str) -> None:
    """The element a fact was read from, readable, then raw."""
    kind, _, _identifier = reference.partition("/")
    st.markdown(f"**{plain(resource_type(kind))}** · {plain(path_in_words(element) or 'whole')}")
    try:
        found = session.client.element(reference, element)
    except ServiceCallError as problem:
        show_problem(problem)
        return
    show_rows(found["value"])
    st.caption(f"{plain(reference)} · element {plain(element or 'whole resource')}")
    with st.expander("Whole resource, readable", expanded=bool(element)):
        show_rows(found["resource"])
    with st.expander("Whole resource, raw FHIR"):
        st.json(found["resource"], expanded=2)


@st.dialog("In the record", width="medium", icon=":material/description:")
def show_resources(session: Session, title: str, evidence: Sequence[str]) -> None:
    """Every resource that ``evidence`` names, readable."""
    st.markdown(f"**{plain(title)}**")
    references = list(dict.fromkeys(entry.partition("#")[0] for entry in evidence))
    for place, reference in enumerate(references):
        kind = resource_type(reference.partition("/")[0])
        with st.expander(f"{plain(kind)} · {plain(reference)}", expanded=place == 0):
            try:
                found = session.client.element(reference)
            except ServiceCallError as problem:
                show_problem(problem)
                continue
            show_rows(found["resource"])


def show_rows(value: Any) -> None:
    """Readable rows of FHIR JSON."""
    found = rows(value)
    if not found:
        st.caption("Nothing readable here; see the raw resource.")
        return
    st.table(
        [{"label": plain(row.label), "value": _one_line(row.value)} for row in found],
        hide_header=True,
        hide_index=True,
        border="horizontal",
    )


def _one_line(value: str) -> str:
    return plain(" ".join(value.split()))


@st.dialog("In the source", width="medium", icon=":material/menu_book:")
def show_passage(session: Session, passage_id: str, excerpt: str = "") -> None:
    """A passage in its section."""
    try:
        passage = session.client.passage(passage_id)
    except ServiceCallError as problem:
        if excerpt:
            st.markdown(plain(excerpt))
        show_problem(problem)
        return
    passage_card(session, passage, border=False)


@st.dialog("Behind this rule", width="medium", icon=":material/menu_book:")
def show_rules(session: Session, rule_ids: Sequence[str]) -> None:
    """Rules, each with its passages and sources."""
    for rule_id in rule_ids:
        _show_rule(session, rule_id)


def _show_rule(session: Session, rule_id: str) -> None:
    rule = session.reference["rules"].get(rule_id)
    if rule:
        st.markdown(f"**{plain(rule['title'])}**")
        st.caption(source_line(session, rule["sources"]))
    try:
        passages = session.client.passages_for_rule(rule_id)
    except ServiceCallError as problem:
        show_problem(problem)
        return
    if not passages:
        st.caption("This rule stands on the sources named above; the corpus has no passage of it.")
    for passage in passages:
        passage_card(session, passage)


def passage_card(session: Session, passage: dict[str, Any], *, border: bool = True) -> None:
    """A passage with its section and where it comes from."""
    with st.container(border=border):
        st.markdown(f"**{plain(passage['section'])}**")
        if passage["beyond_source"]:
            st.badge("goes beyond the source text", color="orange", icon=":material/add_circle:")
        st.markdown(plain(passage["text"]))
        st.caption(source_line(session, passage["citations"] or [passage["source_id"]]))


def source_line(session: Session, keys: Sequence[str]) -> str:
    """Citations of sources, one after the other."""
    sources = session.reference["sources"]
    names = (SOURCES.get(k) or (sources[k]["citation"] if k in sources else k) for k in keys)
    return " · ".join(plain(name) for name in dict.fromkeys(names))


def evidence_buttons(
    session: Session, evidence: Sequence[str], *, key: str, rule: str = ""
) -> None:
    """A button for the source passage of ``rule``, and one for each element of the record.

    Of many elements the first are shown, the rest is one click further away.
    """
    entries = list(dict.fromkeys(evidence))
    if not entries and not rule:
        st.caption("No single element stands behind this.")
        return
    with st.container(horizontal=True, gap="xsmall"):
        if rule and st.button(
            "Source passage", key=f"{key}-source", icon=":material/menu_book:", type="tertiary"
        ):
            show_rules(session, [rule])
        for place, entry in enumerate(entries[:_MOST_BUTTONS]):
            _evidence_button(session, entry, key=f"{key}-{place}")
    rest = entries[_MOST_BUTTONS:]
    if rest:
        with st.popover(f"{len(rest)} more elements of the record", type="tertiary"):
            for place, entry in enumerate(rest, start=_MOST_BUTTONS):
                _evidence_button(session, entry, key=f"{key}-{place}")


def _evidence_button(session: Session, entry: str, *, key: str) -> None:
    reference, _, element = entry.partition("#")
    if st.button(
        plain(_evidence_words(session.report, reference, element)),
        key=key,
        icon=":material/description:",
        type="tertiary",
    ):
        show_element(session, reference, element)


def _evidence_words(report: dict[str, Any], reference: str, element: str) -> str:
    """An element on its button: the score, or the drug it is about, as far as the report says."""
    if score := score_at(report, reference, element):
        return score
    kind, where = resource_type(reference.partition("/")[0]), path_in_words(element) or "whole"
    names = names_at(report, reference)
    return f"{kind} ({', '.join(names)}): {where}" if names else f"{kind}: {where}"
