"""The pseudo-resistance checklist, next steps, biomarkers, reading issues."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from ui.naming import first_upper
from ui.parts.evidence import evidence_buttons, show_rules
from ui.plain_text import plain
from ui.session import Session
from ui.wording import ACTIONS, CHECK_STATUS, CHECKS, humanized, step_words


def show_checklist(session: Session) -> None:
    """Every check, what needs attention first; "not assessed" is shown as such."""
    checks = session.report["pseudo_resistance"]
    for status, (word, color, icon) in CHECK_STATUS.items():
        found = [check for check in checks if check["status"] == status]
        if not found:
            continue
        if status in ("present", "possible"):
            for check in found:
                _show_check(session, check, f":{color}-badge[{icon} {word}]")
        else:
            names = ", ".join(plain(_name(check)) for check in found)
            st.markdown(f":{color}-badge[{icon} {word}] {names}")
    st.caption("“None found” means that the record, as read, shows none. It does not rule one out.")


def _name(check: dict[str, Any]) -> str:
    return CHECKS.get(check["check"], humanized(check["check"]).capitalize())


def _show_check(session: Session, check: dict[str, Any], badge: str) -> None:
    blocks = " · blocks unipolar staging" if check["blocks_staging"] else ""
    with st.expander(f"{badge} **{plain(_name(check))}**{blocks}"):
        if check["detail"]:
            st.markdown(plain(check["detail"]))
        if check["trials"]:
            names = ", ".join(plain(session.trial_name(trial)) for trial in check["trials"])
            st.caption(f"Concerns {names}")
        evidence_buttons(session, check["evidence"], key=f"check-{check['check']}")


def show_next_steps(session: Session) -> None:
    """Steps the sources name for this situation."""
    steps = session.report["next_steps"]
    if not steps:
        st.caption("No step follows from the record up to this date.")
    for place, step in enumerate(steps):
        action = ACTIONS.get(step["action"], humanized(step["action"]).capitalize())
        with st.container(horizontal=True, wrap=False, gap="xsmall"):
            st.markdown(
                f"**{place + 1}. {plain(action)}.** {plain(step_words(step))}", width="stretch"
            )
            _why_button(session, step["because"], key=f"step-{place}")
    st.caption("What the sources name for this situation. Not a prescription.")


def _why_button(session: Session, rule_ids: Sequence[str], *, key: str) -> None:
    rules = session.reference["rules"]
    words = "; ".join(rules[rule]["title"] if rule in rules else rule for rule in rule_ids)
    if st.button("Why", key=key, icon=":material/menu_book:", type="tertiary", help=plain(words)):
        show_rules(session, rule_ids)


def show_biomarkers(session: Session) -> None:
    """Markers of mechanism; they change no stage."""
    for place, marker in enumerate(session.report["biomarkers"]):
        when = f" ({plain(marker['date'])})" if marker["date"] else ""
        name = first_upper(marker["marker"])
        st.markdown(
            f"**{plain(name)}** {marker['value']:g} {plain(marker['unit'])}{when}: "
            f"{plain(marker['reading'])}"
        )
        evidence_buttons(session, marker["evidence"], key=f"marker-{place}")


def show_issues(issues: list[dict[str, Any]]) -> None:
    """What could not be read, or contradicts itself."""
    if not issues:
        st.markdown("Every entry was read without an issue.")
        return
    lines = ["| | Where | Problem |", "|:--|:--|:--|"]
    for issue in issues:
        color = "red" if issue["severity"] == "error" else "orange"
        where = f"{issue['resource']} {issue['path']}".strip()
        severity = f":{color}-badge[{plain(issue['severity'])}]"
        lines.append(f"| {severity} | {plain(where)} | {plain(issue['problem'])} |")
    st.markdown("\n".join(lines))
