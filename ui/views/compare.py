"""The same record under several rulesets, side by side."""

import streamlit as st

from ui.parts.stages import show_compared
from ui.plain_text import plain
from ui.session import Session
from ui.wording import PARAMETERS, RULESETS, amount_words


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
    st.caption("Bold: settled. A range: from what is proven to what is still possible.")
    st.markdown("**What differs between them**")
    lines = ["| Threshold | " + " | ".join(RULESETS.get(n, n) for n in chosen) + " |"]
    lines.append(f"|:--|{':--|' * len(chosen)}")
    first = rulesets[chosen[0]]["parameters"]
    for name, entry in first.items():
        amounts = [amount_words(rulesets[other]["parameters"][name]) for other in chosen]
        if len(set(amounts)) > 1:
            cells = " | ".join(plain(amount) for amount in amounts)
            lines.append(f"| {plain(PARAMETERS.get(name, entry['note']))} | {cells} |")
    st.markdown("\n".join(lines))
