"""Thumb up or down for an answer, with a reason, kept for those who evaluate the assistant."""

import streamlit as st

from ui.client import ServiceCallError
from ui.plain_text import plain
from ui.session import Session

_THUMB = "thumb"
_REASONS = {
    "wrong": "Something in it is wrong",
    "incomplete": "Something is missing",
    "citation": "A citation does not support it",
    "unclear": "Hard to understand",
    "slow": "Too slow",
    "other": "Another reason",
}


def show_rating(session: Session, place: int) -> None:
    """Two thumbs; a thumb down asks for the reason. ``place`` counts the turns from 0."""
    if st.session_state.get(f"rated-{place}"):
        st.caption("Thank you; kept with the question and the answer.")
        return
    key = f"thumbs-{place}"
    st.feedback("thumbs", key=key, on_change=_note_thumb, args=(key, place))
    if st.session_state.get(_THUMB, (None, None))[0] != place:
        return
    _place, thumb = st.session_state.pop(_THUMB)
    if thumb:
        _rate(session, place, {"helpful": True})
    else:
        _ask_why(session, place)


def _note_thumb(key: str, place: int) -> None:
    """Note a click, once: the thumb itself stays chosen over many reruns."""
    thumb = st.session_state[key]
    if thumb is not None:
        st.session_state[_THUMB] = (place, thumb)


@st.dialog("What was wrong with it?", icon=":material/thumb_down:")
def _ask_why(session: Session, place: int) -> None:
    reason = st.radio("Reason", list(_REASONS), format_func=_REASONS.__getitem__, index=None)
    note = st.text_area("In your words (optional)", max_chars=1000)
    st.caption(
        "Kept encrypted on this service, with the question and the answer, for those who "
        "evaluate this assistant."
    )
    if st.button("Send", type="primary", disabled=reason is None):
        _rate(session, place, {"helpful": False, "reason": reason or "", "note": note})


def _rate(session: Session, place: int, rating: dict[str, str | bool]) -> None:
    try:
        session.client.rate(place, rating)
    except ServiceCallError as problem:
        st.warning(plain(problem.detail))
        return
    st.session_state[f"rated-{place}"] = True
    st.rerun()
