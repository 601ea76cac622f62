"""The same record under several rulesets, side by side."""

import streamlit as st

from ui.parts.stages import show_compared
from ui.plain_text import plain
from ui.session import Session
from ui.wording import RULESETS


def show(session: Session) -> None:
    """Choose rulesets, see where they differ and why."""
    st.subheader("Compare rulesets", anchor=False)
    rulesets = {ruleset["name"]: ruleset for ruleset in session.reference["rulesets"]}
    chosen = st.multiselect(
        "Rulesets",
        list(rulesets),
        default=list(rulesets)[:3],
        format_func=lambda name: RULESETS.get(name, name),
    )
    if not chosen:
        st.caption("Choose at least one ruleset.")
        return
    reports = {name: session.client.stage(as_of=session.as_of, ruleset=name) for name in chosen}
    show_compared(reports, dict(RULESETS))
    st.caption("Bold: settled. A range: proven to not excluded.")
    st.markdown("**What differs between them**")
    lines = ["| Threshold | " + " | ".join(RULESETS.get(n, n) for n in chosen) + " |"]
    lines.append(f"|:--|{':--|' * len(chosen)}")
    first = rulesets[chosen[0]]["parameters"]
    for name, entry in first.items():
        values = [rulesets[other]["parameters"][name]["value"] for other in chosen]
        if len({str(value) for value in values}) > 1:
            cells = " | ".join(plain(_amount(value, entry["unit"])) for value in values)
            lines.append(f"| {plain(entry['note'] or name)} | {cells} |")
    st.markdown("\n".join(lines))


def _amount(value: object, unit: str) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value} {unit}".strip()
