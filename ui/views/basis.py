"""The proof tree of a stage: rule, threshold, source passage, facts, resource element."""

from typing import Any

import streamlit as st

from ui.parts.evidence import evidence_buttons, source_line
from ui.parts.stages import bound_value, headline
from ui.parts.trials import verdict_badge
from ui.plain_text import plain
from ui.session import Session
from ui.wording import FAILED, METHODS, bounds_words, threshold_words

_RULES_OF_METHOD = {
    "trd": ("diagnosis", "trd.definition"),
    "trd_without_class_rule": ("diagnosis", "trd.without_class_rule"),
    "source_stage": ("diagnosis", "source_stage"),
    "thase_rush": ("diagnosis", "thase_rush"),
    "maudsley": ("diagnosis", "maudsley"),
    "gsrd": ("diagnosis", "gsrd"),
    "european": ("diagnosis", "european"),
    "mgh_s": ("diagnosis", "mgh_s"),
}
_TRIAL_RULES = ("trial", "adequacy", "outcome")


def show(session: Session) -> None:
    """Choose a method, and follow it down to the record."""
    asked = st.query_params.get("method", "trd")
    methods = list(METHODS)
    method = st.selectbox(
        "Method",
        methods,
        index=methods.index(asked) if asked in methods else 0,
        format_func=METHODS.__getitem__,
    )
    bounds = session.report["staging"][method]
    asserted = bool(session.report["asserted"])
    st.markdown(f"## {headline(method, bounds, asserted=asserted)}", anchors=False)
    named = bounds_words(asserted=asserted)
    st.markdown(
        " · ".join(f"{words}: {bound_value(method, bounds, key)}" for key, words in named.items())
    )
    _show_rules(session, method)
    _show_trials(session)
    if session.report["assumptions"]:
        st.subheader("Assumptions of the working value", anchor=False)
        for assumption in session.report["assumptions"]:
            st.markdown(f"- :orange-badge[assumed] {plain(session.named(assumption))}")


def _show_rules(session: Session, method: str) -> None:
    prefixes = _RULES_OF_METHOD[method]
    found = [
        finding
        for finding in session.report["findings"]
        if finding["rule"].startswith(prefixes) and not finding["subject"]
    ]
    st.subheader("The rule", anchor=False)
    for place, finding in enumerate(found):
        show_finding(session, finding, key=f"rule-{place}")
    if not found:
        st.caption("The report holds no finding of this rule.")


def _show_trials(session: Session) -> None:
    trials = session.report["trials"] + session.report["earlier_trials"]
    if trials:
        st.subheader("The trials it counts", anchor=False)
    for trial in trials:
        findings = [
            finding
            for finding in session.report["findings"]
            if finding["subject"] == trial["id"] and finding["rule"].startswith(_TRIAL_RULES)
        ]
        failed, color = FAILED[trial["failed"]]
        title = f"**{plain(trial['drug'])}** ({plain(trial['id'])}) :{color}-badge[{failed}]"
        with st.expander(title, expanded=len(trials) <= 1):
            for place, finding in enumerate(findings):
                show_finding(session, finding, key=f"{trial['id']}-{place}")


def show_finding(session: Session, finding: dict[str, Any], *, key: str) -> None:
    """One rule applied: verdict, sentence, threshold, sources, facts."""
    rule = session.reference["rules"].get(finding["rule"], {})
    with st.container(border=True):
        st.markdown(
            f"{verdict_badge(finding['verdict'])} **{plain(rule.get('title', finding['rule']))}**"
        )
        st.markdown(plain(finding["statement"]))
        lines = thresholds(session, rule)
        if lines:
            st.caption("  \n".join(lines))
        st.caption("Sources: " + source_line(session, finding["sources"]))
        evidence_buttons(session, finding["facts"], key=key, rule=finding["rule"])


def thresholds(session: Session, rule: dict[str, Any]) -> list[str]:
    """The thresholds a rule compares with: value, unit, source, note."""
    used = next(
        (
            r
            for r in session.reference["rulesets"]
            if r["name"] == session.report["ruleset"]["name"]
        ),
        None,
    )
    if used is None:
        return []
    lines = []
    for name in rule.get("thresholds", ()):
        entry = used["parameters"].get(name)
        if entry is None:
            continue
        lines.append(
            f"Threshold: {plain(threshold_words(name, entry))} "
            f"({source_line(session, [entry['source']])})"
        )
    return lines
