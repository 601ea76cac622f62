"""The same record under another ruleset: weeks, cut, class rule and dose set may differ."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from assistant.staging.comparison import compare
from assistant.staging.ruleset import NAMES, UnknownRulesetError, load_ruleset
from assistant.staging.tables import sources
from tests.lib.expectations import expect, expect_value
from tests.lib.histories import (
    Line,
    depression,
    diagnosis,
    failed,
    record,
    score,
    session,
    took,
    unread,
)

TITLE = "Rulesets"


def test_five_rulesets_are_shipped_and_the_source_text_is_the_default() -> None:
    """The default is the source text; four others are shipped."""
    expect_value(
        "rulesets",
        ", ".join(NAMES),
        "source_text, source_text_strict, sforzini_2022, canada_2021, register",
    )
    expect_value("default", load_ruleset().name, "source_text")


@pytest.mark.parametrize("name", NAMES)
def test_every_entry_of_a_ruleset_has_a_source(name: str) -> None:
    """No number of a ruleset stands without a source of the list, and quantities have a unit."""
    for parameter in load_ruleset(name).parameters.values():
        assert parameter.source in sources(), parameter.name
        if not isinstance(parameter.value, bool | str):
            assert parameter.unit, parameter.name


def _differences(name: str) -> dict[str, object]:
    base, other = load_ruleset(), load_ruleset(name)
    return {
        key: p.value
        for key, p in other.parameters.items()
        if key not in base.parameters or p.value != base.parameters[key].value
    }


def test_what_each_ruleset_changes() -> None:
    """A ruleset names only what it reads otherwise than the source text."""
    expect_value("source_text_strict", _differences("source_text_strict"), {"min_days": 56})
    expect_value(
        "sforzini_2022",
        _differences("sforzini_2022"),
        {"min_days": 28, "dose_set": "canmat", "failure_below_percent": 25, "class_rule": False},
    )
    expect_value(
        "canada_2021", _differences("canada_2021"), {"dose_set": "canmat", "class_rule": False}
    )
    expect_value(
        "register",
        _differences("register"),
        {
            "min_days": 28,
            "dose_set": "none",
            "proxy": True,
            "class_rule": False,
            "maudsley_trd_from": 5,
            "mgh_s_trd_from": 4,
        },
    )


def test_the_strict_reading_asks_for_eight_weeks() -> None:
    """Under the strict reading 55 days are too short and 56 are enough."""
    expect(
        took("sertraline", 50, "2023-01-02", days=55, taken="met"),
        ruleset="source_text_strict",
        gives={"t1 duration": "not_met"},
    )
    expect(
        took("sertraline", 50, "2023-01-02", days=56, taken="met"),
        ruleset="source_text_strict",
        gives={"t1 duration": "met"},
    )


def test_sforzini_fails_only_below_25_percent() -> None:
    """A fall of 24.9 % is failed, one of 25 % is a partial responder, not failed."""
    for end, verdict in ((15.02, "yes"), (15, "no")):
        expect(
            took("sertraline", 50, "2023-01-02", days=28, taken="met"),
            score("HAM-D-17", 20, "2023-01-02"),
            score("HAM-D-17", end, "2023-01-29"),
            ruleset="sforzini_2022",
            gives={"t1 adequate": "met", "t1 failed": verdict},
            because="(20 - 15) / 20 = 25 %",
        )


def test_sforzini_and_canada_need_no_second_class() -> None:
    """Two failures of one class are TRD by these consensus definitions."""
    for name in ("sforzini_2022", "canada_2021"):
        expect(
            failed("sertraline", "fluoxetine"),
            ruleset=name,
            gives={"TRD": "yes", "TRD without class rule": "yes"},
        )


def test_canada_takes_the_low_end_of_the_canmat_range() -> None:
    """Venlafaxine 75 mg is an adequate dose by CANMAT."""
    expect(
        took("venlafaxine", 75, "2023-01-02", days=42, taken="met"),
        ruleset="canada_2021",
        gives={"t1 minimum dose": 75, "t1 dose": "met", "t1 adequate": "met"},
    )


def _switch() -> list[Line]:
    return [
        took("sertraline", None, "2023-01-02", days=28),
        took("venlafaxine", None, "2023-01-30", days=28),
    ]


def test_the_register_takes_a_switch_for_a_failure() -> None:
    """Registers know neither doses nor scores: four weeks and a switch stand for a failure."""
    expect(
        _switch(),
        ruleset="register",
        gives={
            "t1 failed": "yes",
            "t1 reasons": "followed by another treatment: a failure by proxy",
            "t2 failed": "unknown",
            "TRD": "no / no / yes",
            "assumptions": "none",
        },
    )


def test_the_register_takes_an_addition_for_a_failure() -> None:
    """An antidepressant added to another stands for the failure of the first."""
    expect(
        took("sertraline", 100, "2023-01-02", days=84),
        took("venlafaxine", 150, "2023-02-06", days=49),
        ruleset="register",
        gives={"t1 failed": "yes"},
    )


def test_the_register_takes_27_days_for_no_treatment_episode() -> None:
    """Fewer than 28 days are no treatment episode."""
    expect(
        took("sertraline", None, "2023-01-02", days=27),
        took("venlafaxine", None, "2023-01-30", days=28),
        ruleset="register",
        gives={"t1 duration": "not_met", "t1 failed": "no"},
    )


def test_the_register_takes_5_maudsley_and_4_mgh_s_points_for_resistance() -> None:
    """The cut-offs of the register model stand beside the totals; other rulesets have none."""
    one = [took("sertraline", None, "2023-01-02", days=28), session("rTMS", "2023-02-06")]
    for value, total, reached in ((16, 4, "no"), (17, 5, "yes")):
        expect(
            depression("2022-12-15"),
            one,
            score("HAM-D-17", value, "2023-05-01"),
            as_of="2023-06-01",
            ruleset="register",
            gives={
                "Maudsley": total,
                "Maudsley cut-off": f"5: {reached}",
                "MGH-S": "1 / 1 / 1.5",
                "MGH-S cut-off": "4: no",
            },
            because="duration 1 + severity 2 (mild) or 3 (moderate) + failures 1",
        )
    four = ("sertraline", "venlafaxine", "bupropion", "mirtazapine")
    starts = ("2023-01-02", "2023-02-06", "2023-03-13", "2023-04-17")
    begun = [took(drug, None, day, days=28) for drug, day in zip(four, starts, strict=True)]
    expect(
        begun,
        session("rTMS", "2023-06-05"),
        ruleset="register",
        gives={"MGH-S": "4 / 4 / 6", "MGH-S cut-off": "4: yes"},
    )
    expect(
        begun,
        ruleset="register",
        gives={"MGH-S": "3 / 3 / 6", "MGH-S cut-off": "4: no / no / yes"},
        because="whether the last of the four failed is not known",
    )


def test_a_cut_off_is_told_only_where_the_total_is() -> None:
    """Nothing failed: not reached. Severity unknown: open. Blocked: none. Not read whole: may be.

    Rulesets other than the register's name no cut-off.
    """
    lone = [took("sertraline", None, "2023-01-02", days=28)]
    switch = _switch()
    for lines, told in (
        ([], "5: no"),
        (lone, "5: no / no / yes"),
        (switch, "5: no / none / yes"),
        ([*switch, diagnosis("bipolar", "bipolar disorder")], "5: none"),
        ([*switch, unread("MedicationRequest")], "5: no / none / yes"),
    ):
        expect(lines, ruleset="register", gives={"Maudsley cut-off": told})
    expect(
        [*lone, unread("MedicationRequest")],
        ruleset="register",
        gives={"MGH-S": "0 / none / none", "MGH-S cut-off": "4: no / none / yes"},
    )
    expect(failed("sertraline", "venlafaxine"), gives={"Maudsley cut-off": "none"})


def test_a_site_names_a_cut_off_of_its_own(tmp_path: Path) -> None:
    """A site's file may name a cut-off, with its source like every entry."""
    added = (
        SITE
        + """[staging]
mgh_s_trd_from = { value = 4.5, unit = "point", source = "plosone2020" }
"""
    )
    wrong = added.replace("mgh_s_trd_from", "maudsley_trd_from")
    with pytest.raises(UnknownRulesetError, match="expected int, got Decimal"):
        load_ruleset(_site(tmp_path, wrong))
    found = load_ruleset(_site(tmp_path, added))
    assert (found.maudsley_trd_from, found.mgh_s_trd_from) == (None, Decimal("4.5"))


def test_the_register_never_speaks_of_an_adequate_trial() -> None:
    """A proxy says nothing of adequacy, so its sentences do not use the word."""
    report = expect(_switch(), ruleset="register", gives={"t1 remarks": "none"})
    words = [f.statement for f in report.findings] + list(report.assumptions)
    words += [r for t in report.trials for r in (*t.reasons, *t.remarks)]
    words += [s.detail for s in report.next_steps] + [c.detail for c in report.pseudo_resistance]
    assert not [w for w in words if "adequate" in w]


def test_two_rulesets_on_one_record_differ_by_one_argument() -> None:
    """One record under two rulesets: the same trials, another verdict."""
    lines = failed("sertraline", "fluoxetine")
    one = expect(lines, gives={"TRD": "no"})
    other = expect(lines, ruleset="sforzini_2022", gives={"TRD": "yes"})
    assert one.ruleset.name == "source_text"
    assert other.ruleset.name == "sforzini_2022"
    assert [t.drug for t in one.trials] == [t.drug for t in other.trials]


SITE = """
name = "our_clinic"
extends = "source_text"
version = "1"
title = "Our clinic"
[adequacy]
min_days = { value = 28, unit = "day", source = "sforzini2022" }
"""


def _site(tmp_path: Path, text: str) -> str:
    file = tmp_path / "clinic.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_a_site_gives_a_ruleset_of_its_own(tmp_path: Path) -> None:
    """A site's file names the ruleset it extends and gives only what differs."""
    found = load_ruleset(_site(tmp_path, SITE))
    assert (found.name, found.min_days, found.bridge_days) == ("our_clinic", 28, 14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("source_text", "nowhere"), "extends must be one of"),
        (('extends = "source_text"\n', ""), "missing entries"),
        (("min_days", "min_weeks"), "unknown entries: min_weeks"),
        (('source = "sforzini2022"', 'source = "my memory"'), "unknown source"),
        ((', source = "sforzini2022"', ""), "needs a value and a source"),
        (("value = 28", 'value = "28"'), "expected int, got str"),
        (('name = "our_clinic"\n', ""), "name"),
        (("[adequacy]", "[adequacy"), "not a TOML file"),
    ],
)
def test_a_broken_ruleset_file_says_what_is_wrong(
    tmp_path: Path, change: tuple[str, str], message: str
) -> None:
    """A site's file that breaks the format is refused with file, entry and expectation."""
    with pytest.raises(UnknownRulesetError, match=message):
        load_ruleset(_site(tmp_path, SITE.replace(*change)))


@pytest.mark.parametrize("name", ["source", "source_text.json", "missing.toml"])
def test_an_unknown_name_is_refused(name: str) -> None:
    """An unknown ruleset is wrong usage; the message names those there are."""
    with pytest.raises(UnknownRulesetError, match="source_text_strict"):
        load_ruleset(name)


def test_the_register_takes_a_cross_taper_for_a_failure_of_the_first_drug_only() -> None:
    """A drug begun while the first still ran stands for its failure, not for its own."""
    expect(
        took("sertraline", 50, "2023-01-02", to="2023-03-05", taken="not_met"),
        took("venlafaxine", 150, "2023-02-20", to="2023-05-05"),
        ruleset="register",
        gives={"t1 adherence": "met", "t1 failed": "yes", "t2 failed": "unknown"},
    )


def test_the_register_takes_two_drugs_begun_together_for_no_failure() -> None:
    """Two drugs begun on one day do not follow each other."""
    expect(
        took("sertraline", 50, "2023-01-02", days=28),
        took("venlafaxine", 150, "2023-01-02", days=28),
        ruleset="register",
        gives={"t1 failed": "unknown", "t2 failed": "unknown"},
    )


def test_the_register_says_that_its_resistance_is_a_proxy() -> None:
    """It asks for what comes next, not for a score, and calls nothing established."""
    open_end = [
        *_switch(),
        score("HAM-D-17", 24, "2023-01-30"),
        score("HAM-D-17", 22, "2023-03-06"),
    ]
    report = expect(
        open_end,
        ruleset="register",
        gives={
            "t2 outcome": "non_response",
            "t2 failed": "unknown",
            "t2 reasons": "no later treatment is recorded",
            "next steps in words": "switch: venlafaxine: non-response. (next.switch, t2)",
        },
    )
    asked = next(m for m in report.missing_facts if m.fact == "outcome")
    assert asked.question == "Did venlafaxine fail, or did another treatment follow it?"
    expect(
        *_switch(),
        session("rTMS", "2023-03-06"),
        ruleset="register",
        gives={
            "TRD": "yes",
            "next steps in words": "switch: venlafaxine: a failure by proxy. (next.switch, t2); "
            + "; ".join(
                f"{action}: Resistance is counted by proxy only; the source text names {what}. "
                "(next.resistant)"
                for action, what in (
                    ("augment", "augmentation"),
                    ("consider_psychotherapy", "targeted psychotherapies"),
                    ("consider_neuromodulation", "ECT and TMS"),
                    ("consider_ketamine", "ketamine"),
                )
            ),
        },
    )


def test_the_register_takes_the_same_drug_again_for_no_failure() -> None:
    """A drug taken up again after a long pause is no switch: it may have helped the first time."""
    expect(
        took("sertraline", None, "2023-01-02", days=56),
        took("sertraline", None, "2023-09-04", days=56),
        ruleset="register",
        gives={"t1 failed": "unknown", "t2 failed": "unknown", "GSRD": "none / none / trd"},
    )


def test_the_register_takes_an_augmenting_agent_for_a_failure() -> None:
    """An agent added to a drug stands for the failure of that drug."""
    expect(
        took("sertraline", None, "2023-01-02", days=84),
        took("lithium", 900, "2023-02-06", days=49),
        ruleset="register",
        gives={"t1 failed": "yes"},
    )


@pytest.mark.parametrize("modality", ["ECT", "rTMS"])
def test_the_register_takes_brain_stimulation_begun_later_for_a_failure(modality: str) -> None:
    """A course of ECT or rTMS after a drug stands for the failure of that drug."""
    expect(
        took("sertraline", None, "2023-01-02", days=84),
        session(modality, "2023-04-03"),
        ruleset="register",
        gives={"t1 failed": "yes"},
    )


def test_the_register_counts_no_treatment_begun_before() -> None:
    """What began earlier, or may have begun on the same day, is no sign of failure."""
    expect(
        session("ECT", "2022-12-20"),
        took("sertraline", None, "2023-01-02", days=84),
        took("lithium", 900, "2023-01-02", days=84),
        ruleset="register",
        gives={"t1 failed": "unknown"},
    )
    expect(
        took("sertraline", None, "2023-01", to="2023-04-10"),
        took("venlafaxine", None, "2023-01", to="2023-03-20"),
        ruleset="register",
        gives={"t1 failed": "yes", "t2 failed": "unknown"},
        because="added to the first; which of the two began first is not known",
    )
    expect(
        took("sertraline", None, "2023-01-02", days=84),
        session("psychotherapy", "2023-02-06"),
        session("ECT", None),
        ruleset="register",
        gives={"t1 failed": "unknown"},
    )


def test_two_rulesets_on_one_record_are_compared_in_one_call() -> None:
    """Only what the rulesets say differently is listed, the failure of each trial included."""
    chart = record(
        [
            depression(),
            score("HAM-D-17", 24, "2023-01-02"),
            took("sertraline", 50, "2023-01-02", days=56, taken="met"),
            score("HAM-D-17", 16, "2023-02-26"),
            took("fluoxetine", 20, "2023-02-27", days=30, taken="met"),
            score("HAM-D-17", 15, "2023-03-28"),
        ]
    )
    found = compare(
        chart,
        as_of=date(2024, 6, 1),
        rulesets=[load_ruleset("source_text"), load_ruleset("sforzini_2022")],
    )
    assert [r.ruleset.name for r in found.reports] == ["source_text", "sforzini_2022"]
    assert dict(found.differences) == {
        "sertraline 2023-01-02, failed": ("yes", "no"),
        "fluoxetine 2023-02-27, failed": ("no", "yes"),
    }
    told = found.to_json()
    assert told["rulesets"] == ["source_text", "sforzini_2022"]
    assert told["reports"]["sforzini_2022"]["staging"]["source_stage"]["working"] == "I"
    assert told["differences"][0] == {
        "about": "sertraline 2023-01-02, failed",
        "values": ["yes", "no"],
    }


def test_a_comparison_shows_bounds_where_they_differ() -> None:
    """A stage that is open under one ruleset and settled under another tells both."""
    found = compare(
        record([depression(), *_switch()]),
        as_of=date(2024, 6, 1),
        rulesets=[load_ruleset("source_text"), load_ruleset("register")],
    )
    stages = dict(found.differences)
    assert stages["source_stage"] == ("0", "I / I / II")
    assert stages["mgh_s"] == ("0", "1 / 1 / 3")
    assert stages["maudsley"] == ("not given", "4 / not given / 8")
    assert compare(record([]), as_of=date(2024, 6, 1), rulesets=[load_ruleset()]).differences == ()
