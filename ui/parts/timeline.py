"""The treatment history drawn, each mark one click away from the record."""

from functools import partial
from typing import Any

import streamlit as st

from ui.parts.drawing import PICKED, Drawing
from ui.parts.evidence import show_element, show_resources
from ui.plain_text import plain
from ui.session import Session

_PICK = "timeline_pick"


def show_timeline(session: Session) -> None:
    """Scores and trials over time; a click on a mark opens what stands behind it."""
    drawing = Drawing(session.report, session.reference, theme=st.context.theme.type or "light")
    if drawing.is_empty:
        st.caption("No dated trial and no score in the record up to this date.")
        return
    show_drawing(drawing, clickable=True)
    if drawing.undated:
        names = ", ".join(plain(row) for row in dict.fromkeys(drawing.undated))
        st.markdown(f":gray-badge[no date in the record] Not drawn: {names}")
    st.caption(
        "Solid bars: dose at or above the minimum adequate dose. Pale bars: below it, or dose "
        "unknown. Dark rule under a bar: the adequate run. Dashed outline: the day is not known "
        "(date recorded to the month or year, or end not recorded). Green line: remission. "
        "Amber dashes: the score that response would need. Click a bar or a point for the record."
    )
    _open_picked(session, drawing)


def show_drawing(drawing: Drawing, *, clickable: bool = False) -> None:
    """One chart a scale, then the trials, all on the same time axis."""
    with st.container(gap=None):
        for place, (chart, words) in enumerate(drawing.charts()):
            key = f"timeline-{place}"
            if clickable:
                st.altair_chart(
                    chart, width="stretch", alt=words, key=key, on_select=partial(_pick, key)
                )
            else:
                st.altair_chart(chart, width="stretch", alt=words)


def _pick(key: str) -> None:
    """Note what was clicked, once: the selection itself outlives many reruns."""
    selection: Any = st.session_state[key].selection
    for name in PICKED:
        for mark in selection.get(name) or ():
            st.session_state[_PICK] = int(mark["pick"])


def _open_picked(session: Session, drawing: Drawing) -> None:
    place = st.session_state.pop(_PICK, None)
    if place is None or place >= len(drawing.picks):
        return
    title, evidence = drawing.picks[place]
    if len(evidence) == 1:
        reference, _, element = evidence[0].partition("#")
        show_element(session, reference, element)
    else:
        show_resources(session, title, evidence)
