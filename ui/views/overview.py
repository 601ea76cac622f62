"""The first ten seconds: who, how certain the stage is, what is missing; then the basis."""

import streamlit as st

from ui.parts.checklist import show_biomarkers, show_checklist, show_issues, show_next_steps
from ui.parts.missing import show_asserted, show_missing, show_missing_in_short
from ui.parts.stages import show_headline, show_other_methods, show_other_methods_in_short
from ui.parts.timeline import show_timeline
from ui.parts.trials import show_trials
from ui.plain_text import plain
from ui.session import Session
from ui.views.ask import question_box
from ui.wording import resource_type


def show(session: Session) -> None:
    """The patient at a glance."""
    show_headline(session)
    show_missing_in_short(session)
    show_other_methods_in_short(session)
    question_box()
    show_asserted(session)
    left, right = st.columns([3, 2], gap="medium")
    with left:
        st.subheader("Treatment history", anchor=False)
        _show_episode(session)
        show_timeline(session)
        show_trials(session)
        if not session.report["staging_blocked_by"]:
            with st.expander("Other staging methods", icon=":material/stairs:"):
                show_other_methods(session)
        st.subheader("Pseudo-resistance", anchor=False)
        show_checklist(session)
        if session.report["biomarkers"]:
            st.subheader("Biomarkers (change no stage)", anchor=False)
            show_biomarkers(session)
    with right:
        st.subheader("What is missing", anchor=False)
        show_missing(session)
        st.subheader("Next steps", anchor=False)
        show_next_steps(session)
        if session.report["issues"]:
            with st.expander(f"Reading issues: {len(session.report['issues'])}"):
                show_issues(session.report["issues"])


def _show_episode(session: Session) -> None:
    episode = session.report["episode"]
    if episode is None:
        st.caption("No depressive episode documented up to this date.")
        return
    low, high = episode["duration_months"]["low"], episode["duration_months"]["high"]
    months = f"{low}" if low == high else f"{low} or more" if high is None else f"{low} to {high}"
    st.markdown(
        f"Current episode since **{plain(episode['start'] or 'an unknown date')}**, "
        f"{months} months (from: {plain(_basis_words(episode['basis']))})."
    )


def _basis_words(basis: str) -> str:
    """``Condition/c1 onset`` as ``condition onset``."""
    reference, _, attribute = basis.partition(" ")
    kind, slash, _identifier = reference.partition("/")
    return f"{resource_type(kind).lower()} {attribute}" if slash else basis
