"""Practice cases: judge a synthetic patient yourself, then see what the core says and why."""

from typing import Any

import streamlit as st

from ui.client import ServiceClient
from ui.parts.drawing import Drawing
from ui.parts.timeline import show_drawing
from ui.plain_text import plain
from ui.session import Session
from ui.wording import ACTIONS, stage_value

_CASE = "practice_case"
_ANSWERS = {
    "trd": ("Is it treatment-resistant, as far as the record proves?", ["no", "yes"]),
    "source_stage": ("Stage of the source text, as far as the record proves?", ["0", "I", "II"]),
}
_NO_STAGE = "does not apply"


def show(session: Session) -> None:
    """Choose a case, diagnose, stage, plan; then compare."""
    st.subheader("Practice", anchor=False)
    st.markdown(
        "Read the history, judge it, then compare with the rules. "
        "The cases are synthetic and are not the patient of this page."
    )
    cases = session.client.demo_patients()
    if not cases:
        st.caption("This service offers no practice cases.")
        return
    number = st.selectbox(
        "Case", range(len(cases)), format_func=lambda place: f"Case {place + 1}", key="practice_no"
    )
    client, opened = _opened(cases[number]["id"])
    report = client.stage(as_of=opened["as_of"], ruleset=session.ruleset)
    _show_history(session, report)
    answers = _judge(number)
    if answers:
        _grade(session, report, answers, cases[number])


def _opened(case_id: str) -> tuple[ServiceClient, dict[str, Any]]:
    held = st.session_state.setdefault(_CASE, {})
    base_url = st.secrets["service"]["base_url"]
    if case_id not in held:
        opener = ServiceClient(base_url, "")
        held[case_id] = ServiceClient(base_url, opener.open_demo_patient(case_id))
    client: ServiceClient = held[case_id]
    return client, client.patient()


def _show_history(session: Session, report: dict[str, Any]) -> None:
    drawing = Drawing(report, session.reference, theme=st.context.theme.type or "light")
    if not drawing.is_empty:
        show_drawing(drawing)
    diagnoses = "; ".join(plain(line["label"]) for line in report["diagnoses"])
    st.markdown(f"Diagnoses: {diagnoses or 'none coded'}. As of {plain(report['as_of'])}.")


def _judge(number: int) -> dict[str, Any] | None:
    with st.form(f"practice-{number}"):
        applies = st.radio(
            "Does unipolar staging apply to this diagnosis?", ["yes", "no"], index=None
        )
        given: dict[str, Any] = {"applies": applies}
        for method, (question, choices) in _ANSWERS.items():
            given[method] = st.radio(question, [*choices, _NO_STAGE], index=None, horizontal=True)
        given["plan"] = st.multiselect(
            "Which steps come next?", list(ACTIONS), format_func=ACTIONS.__getitem__
        )
        done = st.form_submit_button("Compare with the rules", type="primary")
    if not done:
        return None
    if None in (given["applies"], given["trd"], given["source_stage"]):
        st.warning("Answer the first three questions first.")
        return None
    return given


def _grade(
    session: Session, report: dict[str, Any], given: dict[str, Any], case: dict[str, Any]
) -> None:
    blocked = bool(report["staging_blocked_by"])
    _line("Staging applies", given["applies"], "no" if blocked else "yes")
    for method in _ANSWERS:
        proven = report["staging"][method]["at_least"]
        expected = _NO_STAGE if proven is None else str(proven)
        _line(stage_question(method), given[method], expected)
        if not blocked:
            top = stage_value(method, report["staging"][method]["at_most"])
            st.caption(f"Not excluded by the record: {plain(top)}")
    named = {step["action"] for step in report["next_steps"]}
    right = sorted(named & set(given["plan"]))
    missed = sorted(named - set(given["plan"]))
    beyond = sorted(set(given["plan"]) - named)
    st.markdown(
        f"**Plan.** Named by the sources and by you: {_actions(right)}. "
        f"Named by the sources only: {_actions(missed)}. By you only: {_actions(beyond)}."
    )
    st.markdown(f"**Why.** {plain(case['story'])}")
    for trial in report["trials"]:
        reasons = "; ".join(plain(reason) for reason in trial["reasons"])
        st.markdown(f"- **{plain(trial['drug'])}**: {reasons or 'no reason given'}")
    rules = session.reference["rules"]
    for rule in report["staging_blocked_by"]:
        st.markdown(f"- {plain(rules[rule]['title'])}")


def stage_question(method: str) -> str:
    """What a graded line is about."""
    return {"trd": "Treatment-resistant, proven", "source_stage": "Stage, proven"}[method]


def _line(about: str, given: str, expected: str) -> None:
    if given == expected:
        st.markdown(f":green-badge[:material/check: right] **{about}**: {plain(expected)}")
    else:
        st.markdown(
            f":orange-badge[:material/close: differs] **{about}**: you said {plain(given)}, "
            f"the rules say {plain(expected)}"
        )


def _actions(actions: list[str]) -> str:
    return ", ".join(ACTIONS.get(action, action) for action in actions) or "none"
