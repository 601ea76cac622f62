"""The trials in words: criteria, outcome, reasons, and the elements behind them."""

from typing import Any

import streamlit as st

from ui.partial_dates import span
from ui.parts.evidence import evidence_buttons
from ui.plain_text import plain
from ui.session import Session
from ui.wording import COURSES, CRITERIA, FAILED, OUTCOMES, VERDICTS, counted, humanized, remark


def show_trials(session: Session) -> None:
    """The trials of the episode, earlier ones, and what is no trial."""
    report = session.report
    if not report["trials"]:
        st.caption("No antidepressant trial in this episode in the record up to this date.")
    for trial in report["trials"]:
        _show_trial(session, trial)
    if report["earlier_trials"]:
        with st.expander(f"Earlier episodes: {counted(len(report['earlier_trials']), 'trial')}"):
            for trial in report["earlier_trials"]:
                _show_trial(session, trial)
    _show_added(session)
    _show_excluded(session)


def verdict_badge(verdict: str) -> str:
    """A verdict as a badge: word, icon and color."""
    word, color, icon = VERDICTS[verdict]
    return f":{color}-badge[{icon} {word}]"


def _show_trial(session: Session, trial: dict[str, Any]) -> None:
    failed, color = FAILED[trial["failed"]]
    title = f"**{plain(trial['drug'])}** ({plain(trial['drug_class'])}) · :{color}-badge[{failed}]"
    if trial["asserted"]:
        title += " :violet-badge[rests on asserted facts]"
    with st.expander(title, icon=":material/pill:"):
        when = span(trial["start"], trial["end"], ongoing=trial["ongoing"])
        role = "" if trial["role"] == "monotherapy" else f" · {plain(trial['role'])}"
        st.markdown(f"{plain(trial['id'])} · {plain(when)} · {_dose(trial)}{role}")
        st.markdown(_criteria(trial))
        st.markdown(_outcome(trial["outcome"]))
        for reason in trial["reasons"]:
            st.markdown(f"- {plain(reason)}")
        if trial["remarks"]:
            st.caption("Remarks: " + "; ".join(plain(remark(key)) for key in trial["remarks"]))
        if trial["asserted"]:
            names = ", ".join(plain(humanized(name)) for name in trial["asserted"])
            st.markdown(f":violet-badge[asserted by a clinician] {names}")
        evidence_buttons(session, trial["evidence"], key=f"trial-{trial['id']}")


def _dose(trial: dict[str, Any]) -> str:
    dose, labelled = trial["max_daily_dose_mg"], trial["labelled_daily_dose_mg"]
    if dose is None:
        return "dose not recorded"
    floor = trial["min_adequate_dose_mg"]
    needed = f", minimum {floor:g}" if floor is not None else ", no minimum in our tables"
    as_written = f" (labelled {labelled:g})" if labelled not in (None, dose) else ""
    return f"up to {dose:g} mg/day{as_written}{needed}"


def _criteria(trial: dict[str, Any]) -> str:
    adequacy = trial["adequacy"]
    cells = [f"{words} {verdict_badge(adequacy[key])}" for key, words in CRITERIA.items()]
    days = trial["days_at_adequate_dose"]
    return " · ".join(cells) + f"\n\n{_days(days)} at adequate dose. {_adherence(trial)}"


def _days(days: dict[str, Any]) -> str:
    if days["high"] is None:
        return f"At least {days['low']} days"
    if days["low"] == days["high"]:
        return f"{days['low']} days"
    return f"{days['low']} to {days['high']} days"


def _adherence(trial: dict[str, Any]) -> str:
    adherence = trial["adherence"]
    if adherence is None:
        return "Adherence not documented."
    share = f" {adherence['value']:.0%}" if adherence["value"] is not None else ""
    return f"Adherence{share}: {plain(adherence['basis'])}."


def _outcome(outcome: dict[str, Any]) -> str:
    words = f"**{OUTCOMES[outcome['category']]}**"
    if outcome["scale"] is None:
        return f"{words}: no score that could settle it."
    baseline = "no baseline" if outcome["baseline"] is None else f"{outcome['baseline']:g}"
    endpoint = "no endpoint" if outcome["endpoint"] is None else f"{outcome['endpoint']:g}"
    reduction = outcome["percent_reduction"]
    change = f", reduction {reduction:g} %" if reduction is not None else ""
    return f"{words}: {plain(outcome['scale'])} {baseline} → {endpoint}{change}"


def _show_added(session: Session) -> None:
    report = session.report
    for place, added in enumerate(report["augmentations"]):
        title = f"**{plain(added['drug'])}** added to {plain(session.trial_name(added['with']))}"
        with st.expander(title, icon=":material/add:"):
            st.markdown(
                f"{plain(span(added['start'], added['end']))} · adequate "
                f"{verdict_badge(added['adequate'])}"
            )
            for reason in added["reasons"]:
                st.markdown(f"- {plain(reason)}")
            evidence_buttons(session, added["evidence"], key=f"added-{place}")
    for course in report["procedures"]:
        failed, color = COURSES[course["failed"]]
        title = f"**{plain(course['modality'])}** · {counted(course['sessions'], 'session')}"
        with st.expander(f"{title} · :{color}-badge[{failed}]", icon=":material/bolt:"):
            st.markdown(
                f"{plain(span(course['start'], course['end']))} · {plain(course['laterality'])}"
            )
            if course["outcome"]:
                st.markdown(_outcome(course["outcome"]))
            evidence_buttons(session, course["evidence"], key=f"course-{course['id']}")


def _show_excluded(session: Session) -> None:
    excluded = session.report["excluded_exposures"]
    if not excluded:
        return
    with st.expander(f"Not counted as trials: {len(excluded)}", icon=":material/filter_alt_off:"):
        for place, exposure in enumerate(excluded):
            st.markdown(f"**{plain(exposure['drug'])}**: {plain(exposure['reason'])}")
            evidence_buttons(session, exposure["evidence"], key=f"excluded-{place}")
