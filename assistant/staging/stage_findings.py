"""What each staging method says, in one sentence: its rule, what counted, and the result."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from assistant.staging.findings import dosing, one_a_resource
from assistant.staging.judgement import Judgement
from assistant.staging.methods.failures import Reading
from assistant.staging.record import Evidence, each_once
from assistant.staging.report import Bounds, Finding, Maudsley, Staging
from assistant.staging.stages import Counted, StagingBasis
from assistant.staging.tables import methods, rules
from assistant.staging.verdicts import Answer, Verdict


def about_stages(
    staging: Staging, judgements: Sequence[Judgement], basis: StagingBasis, counted: Counted
) -> list[Finding]:
    """One finding a method, resting on the drugs and scores of the trials that count."""
    facts = () if basis.gates.blocked_by else each_once(_facts(judgements))
    evidence = {"maudsley.total": each_once((*facts, *basis.severity.evidence))}
    told = _by_the_source(staging, counted, basis)
    told += [
        (rule, _known(getattr(staging, method)), sentence(staging, counted, basis))
        for rule, method, sentence in _METHODS
    ]
    closing, known = _closing(basis), rules()
    return [
        Finding(rule, verdict, text + closing, None, evidence.get(rule, facts), known[rule].sources)
        for rule, verdict, text in told
    ]


def _by_the_source(
    staging: Staging, counted: Counted, basis: StagingBasis
) -> list[tuple[str, Verdict, str]]:
    """TRD and the two stages of the source text: rule, verdict and sentence."""
    table, failed, trials = methods()["trd"], _failed(basis), _failed_trials(counted)
    needed = f"{table['trials']} {failed}"
    classes = f" of {table['classes']} classes" if basis.ruleset.class_rule else ""
    any_class, stage = staging.trd_without_class_rule, staging.source_stage
    return [
        (
            "trd.definition",
            _trd(staging.trd),
            f"TRD needs {needed}{classes} in the current episode: {_words(staging.trd)}; {trials}",
        ),
        (
            "trd.without_class_rule",
            _trd(any_class),
            f"TRD by number alone needs {needed} of any class: {_words(any_class)}; {trials}",
        ),
        (
            "source_stage.I",
            _reached(stage, ("I", "II")),
            f"Stage I needs one of the {failed}: {_words(stage)}; {trials}",
        ),
        (
            "source_stage.II",
            _reached(stage, ("II",)),
            f"Stage II needs two {failed} of different classes: {_words(stage)}; {trials}",
        ),
    ]


_READINGS = {
    Reading.AT_LEAST: "proven",
    Reading.WORKING: "with the assumptions",
    Reading.AT_MOST: "possible",
}


def _closing(basis: StagingBasis) -> str:
    """How every sentence closes; a gate that overrules the count is named."""
    gates = basis.gates
    if gates.blocked_by:
        return "; a recorded diagnosis rules out unipolar resistance."
    if gates.documented is not Verdict.MET:
        return "; depression is not documented."
    if not (gates.medication_read_whole and gates.conditions_read_whole):
        return "; the record was not read whole."
    return "."


def _facts(judgements: Sequence[Judgement]) -> list[Evidence]:
    """Drug and scores of the trials that failed or may have."""
    return [
        e
        for j in judgements
        if j.failed(assume_adherence=True) is not Answer.NO
        for e in (*dosing(j.course)[:1], *one_a_resource(j.outcome.evidence))
    ]


def _failed(basis: StagingBasis) -> str:
    return "failed trials by proxy" if basis.ruleset.proxy else "failed adequate trials"


def _failed_trials(counted: Counted) -> str:
    """Which trials count, and on what footing, where it differs."""
    names = {
        reading: ", ".join([f"{t.drug} ({t.drug_class})" for t in failed.trials]) or "none"
        for reading, failed in counted.items()
    }
    if len(set(names.values())) == 1:
        return f"counted: {names[Reading.WORKING]}"
    return "; ".join(f"{_READINGS[reading]}: {listed}" for reading, listed in names.items())


def _thase_rush(staging: Staging, counted: Counted, basis: StagingBasis) -> str:
    del basis, counted
    return (
        "Thase-Rush climbs from one failed trial (I) to a second class (II), a tricyclic (III), "
        f"an MAOI (IV) and bilateral ECT (V), each on top of the last: {_words(staging.thase_rush)}"
    )


def _maudsley(staging: Staging, counted: Counted, basis: StagingBasis) -> str:
    del counted
    found, table = staging.maudsley, methods()["maudsley"]
    if found.items is None:
        return (
            f"Maudsley ({table['minimum']} to {table['maximum']}) needs a failed drug, a severity "
            f"and a duration: {_words(found)}; {_severity(basis)}{_cut_off(staging, 'maudsley')}"
        )
    parts = " + ".join(f"{_ITEMS.get(name, name)} {n}" for name, n in found.items.items())
    bounds = "" if found.at_least == found.at_most else f"; {_words(found)}"
    otherwise = "".join(f"; by {a.basis} {a.value}, {a.band}" for a in found.alternatives)
    return (
        f"Maudsley: {parts} = {found.working} of {table['maximum']}, {found.band}{bounds}; "
        f"{_severity(basis)}{otherwise}{_cut_off(staging, 'maudsley')}"
    )


def _severity(basis: StagingBasis) -> str:
    found = basis.severity
    return "severity not recorded" if found.points.working is None else f"severity by {found.basis}"


def _cut_off(staging: Staging, method: str) -> str:
    return "".join(
        f"; the ruleset takes {_shown(c.points)} or more for resistance: {_words(c.reached)}"
        for c in staging.cut_offs
        if c.method == method
    )


def _gsrd(staging: Staging, counted: Counted, basis: StagingBasis) -> str:
    needed = methods()["gsrd"]["trd_from_trials"]
    return (
        f"GSRD needs {needed} {_failed(basis)} of any class for TRD; {_count(counted)}: "
        f"{_words(staging.gsrd)}"
    )


def _european(staging: Staging, counted: Counted, basis: StagingBasis) -> str:
    return (
        "European staging: one failed trial or class is A, two of different classes TRD1, each "
        f"further trial one more, and more than {basis.ruleset.european_crd_days} days within them "
        f"CRD; {_count(counted)}: {_words(staging.european)}"
    )


def _mgh_s(staging: Staging, counted: Counted, basis: StagingBasis) -> str:
    del basis
    table = methods()["mgh_s"]
    return (
        f"MGH-S gives {table['trial_points']} point a failed trial, "
        f"{table['optimised_points']} for its optimization, "
        f"{table['addition_points']} for each addition to it, "
        f"{table['ect_points']} for failed ECT; {_count(counted)}: {_words(staging.mgh_s)}"
        f"{_cut_off(staging, 'mgh_s')}"
    )


_ITEMS = {"ect": "ECT"}
_METHODS: tuple[tuple[str, str, Callable[[Staging, Counted, StagingBasis], str]], ...] = (
    ("thase_rush.stage", "thase_rush", _thase_rush),
    ("maudsley.total", "maudsley", _maudsley),
    ("gsrd.category", "gsrd", _gsrd),
    ("european.stage", "european", _european),
    ("mgh_s.points", "mgh_s", _mgh_s),
)


def _count(counted: Counted) -> str:
    numbers = [str(len(failed.trials)) for failed in counted.values()]
    if len(set(numbers)) == 1:
        return f"{numbers[0]} failed"
    listed = zip(_READINGS.values(), numbers, strict=True)
    return "failed " + ", ".join(f"{number} {name}" for name, number in listed)


def _known(bounds: Bounds[Any] | Maudsley) -> Verdict:
    same = bounds.at_least is not None and bounds.at_least == bounds.at_most
    return Verdict.MET if same else Verdict.UNKNOWN


def _trd(bounds: Bounds[Answer | None]) -> Verdict:
    if bounds.at_least is Answer.YES:
        return Verdict.MET
    return Verdict.NOT_MET if bounds.at_most is Answer.NO else Verdict.UNKNOWN


def _reached(bounds: Bounds[str | None], stages: tuple[str, ...]) -> Verdict:
    if bounds.at_least in stages:
        return Verdict.MET
    if bounds.at_most is not None and bounds.at_most not in stages:
        return Verdict.NOT_MET
    return Verdict.UNKNOWN


def _words(bounds: Bounds[Any] | Maudsley) -> str:
    """The three readings of a stage, or the one they share."""
    values = (bounds.at_least, bounds.working, bounds.at_most)
    shown = ["not given" if v is None else _shown(v) for v in values]
    if shown[0] == shown[1] == shown[2]:
        return shown[0]
    return f"at least {shown[0]}, working {shown[1]}, at most {shown[2]}"


def _shown(value: object) -> str:
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)
