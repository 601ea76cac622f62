"""Who the patient is, how much of the record was read, and what the view is made for."""

from datetime import date
from typing import Any

import streamlit as st

from ui.partial_dates import days_of
from ui.plain_text import plain
from ui.session import Session
from ui.wording import EMERGENCY, FLAGS, RULESETS, counted, humanized


def show_banner(session: Session) -> None:
    """Name, birth, date and ruleset of the view."""
    with st.container(border=True, key="banner"):
        identity, view = st.columns([3, 2], vertical_alignment="center")
        with identity:
            _identity(session)
            _completeness(session.report)
        with view:
            _view_settings(session)
    _incomplete_read(session.report)


def show_safety(session: Session) -> None:
    """Safety flags, before anything else."""
    for flag in session.report["safety"]:
        name = FLAGS.get(flag["flag"], humanized(flag["flag"]).capitalize())
        when = f" ({plain(flag['date'])})" if flag["date"] else ""
        detail = f"{plain(flag['detail'].rstrip('.'))}. " if flag["detail"] else ""
        st.error(
            f"**Safety: {plain(name)} in the record{when}.** {detail}{EMERGENCY}",
            icon=":material/emergency_home:",
        )


def _identity(session: Session) -> None:
    patient = session.opened["patient"]
    parts = []
    if session.opened["need_patient_banner"]:  # else the EHR around the page says who it is
        name = patient["name"] or "Name not recorded"
        st.markdown(f"### {plain(name)}", anchors=False)
        parts += [
            _born(patient["birth_date"], session.as_of),
            plain(patient["gender"] or "sex not recorded"),
            *(plain(identifier) for identifier in patient["identifiers"][:2]),
        ]
    if session.opened["origin"] == "demo":
        parts.append(":gray-badge[synthetic demo patient]")
    if session.opened["encounter"]:
        parts.append(f"opened from {plain(session.opened['encounter'])}")
    if parts:
        st.markdown(" · ".join(parts))


def _born(birth_date: str | None, as_of: str) -> str:
    born = days_of(birth_date)
    if born is None:
        return "date of birth not recorded"
    day = date.fromisoformat(as_of[:10])
    ages = {_years(born.earliest, day), _years(born.latest, day)}
    return f"{' or '.join(str(age) for age in sorted(ages))} years, born {plain(birth_date)}"


def _years(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _completeness(report: dict[str, Any]) -> None:
    read = report["completeness"]
    parts = [f"Read {read['resources_read']} of {read['resources_total']} entries"]
    if read["after_as_of"]:
        parts.append(f"{read['after_as_of']} dated after this view, not used")
    if report["issues"]:
        parts.append(counted(len(report["issues"]), "reading issue"))
    if report["asserted"]:
        parts.append(f"{counted(len(report['asserted']), 'fact')} asserted by a clinician")
    st.caption(" · ".join(parts))


def _view_settings(session: Session) -> None:
    with st.container(horizontal=True, gap="small"):
        st.date_input("As of", key="as_of", width=140, max_value=date(9999, 12, 31))
        names = [ruleset["name"] for ruleset in session.reference["rulesets"]]
        st.selectbox(
            "Ruleset",
            names,
            key="ruleset",
            format_func=lambda name: RULESETS.get(name, name),
            width=170,
        )


def _incomplete_read(report: dict[str, Any]) -> None:
    for gap in report["completeness"]["incomplete"]:
        total = gap["total"] if gap["total"] is not None else "an unknown number"
        st.warning(
            f"**{plain(gap['type'])}: read {gap['read']} of {plain(total)}.** {plain(gap['why'])} "
            "No stage below is certain where it rests on these.",
            icon=":material/rule:",
        )
