"""The staging report as readable text: safety first, stages, trials, what is missing."""

from decimal import Decimal

from rich.console import Console
from rich.table import Table
from rich.text import Text

from assistant.answering.write.missing import moves_in_words
from assistant.answering.write.phrases import ACTION_WORDS
from assistant.staging.comparison import Comparison
from assistant.staging.findings import mg as in_words
from assistant.staging.procedures import ECT
from assistant.staging.report import Procedure, StagingReport, Trial
from assistant.staging.verdicts import Verdict

_METHODS = (
    ("Treatment-resistant depression", "trd"),
    ("  without the class rule", "trd_without_class_rule"),
    ("Source text", "source_stage"),
    ("Thase and Rush", "thase_rush"),
    ("Maudsley", "maudsley"),
    ("GSRD", "gsrd"),
    ("European", "european"),
    ("MGH-S", "mgh_s"),
)
_MAX_ISSUES = 10
_PRINTED_WIDTH = 140
"""Columns where the report is written to a file or a pipe, which have no edge."""


def print_report(report: StagingReport) -> None:
    """Write the report to stdout."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _PRINTED_WIDTH)
    _header(report, console)
    _safety(report, console)
    console.print(_stages(report))
    _beside_stages(report, console)
    _trials(report, console)
    _beside_trials(report, console)
    _asserted(report, console)
    _missing(report, console)
    _checks(report, console)
    _mechanisms(report, console)
    _next_steps(report, console)
    _issues(report, console)


def print_comparison(found: Comparison) -> None:
    """Write where rulesets part on one record to stdout."""
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = max(console.width, _PRINTED_WIDTH)
    first = found.reports[0]
    _line(console, f"{first.patient.reference} as of {first.as_of}", "bold")
    _safety(first, console)
    if not found.differences:
        _line(console, "These rulesets say the same of this record.")
        return
    table = Table(title="Where they part (at least / working / at most)", title_justify="left")
    for heading in ("", *(report.ruleset.name for report in found.reports)):
        table.add_column(heading)
    labels = {key: label for label, key in _METHODS}
    for part in found.differences:
        table.add_row(labels.get(part.about, part.about), *part.values)
    console.print(table)


def _line(console: Console, text: str, style: str = "") -> None:
    console.print(Text(text, style=style))


def _header(report: StagingReport, console: Console) -> None:
    read = report.completeness
    _line(
        console,
        f"{report.patient.reference} as of {report.as_of}, "
        f"ruleset {report.ruleset.name} {report.ruleset.version}",
        "bold",
    )
    later = f", {read.after_as_of} dated after {report.as_of} not used" if read.after_as_of else ""
    _line(console, f"{read.resources_read} of {read.resources_total} entries read{later}")
    for part in read.incomplete:
        _line(console, f"incomplete: {part.type} {part.read} of {part.total} ({part.why})", "red")
    if report.episode is not None:
        start = report.episode.start or "unknown"
        low, high = report.episode.duration_months
        months = str(low) if low == high else f"{low} to {high if high is not None else '?'}"
        _line(console, f"Episode since {start} ({report.episode.basis}), {months} months")


def _safety(report: StagingReport, console: Console) -> None:
    for flag in report.safety:
        _line(console, f"SAFETY: {flag.detail or flag.flag} ({flag.date or 'no date'})", "bold red")


def _stages(report: StagingReport) -> Table:
    staging = report.to_json()["staging"]
    table = Table(title="Stage", title_justify="left", pad_edge=False)
    for heading in ("Method", "At least", "Working", "At most"):
        table.add_column(heading)
    for label, key in _METHODS:
        row = staging[key]
        working = _cell(row["working"])
        if key == "maudsley" and row["band"]:
            working = f"{working}, {row['band']}"
        table.add_row(label, _cell(row["at_least"]), working, _cell(row["at_most"]))
    return table


def _beside_stages(report: StagingReport, console: Console) -> None:
    """What gates the stages, and other readings of a total: by severity, by a cut-off."""
    for found in report.findings:
        undocumented = found.rule == "diagnosis.depression" and found.verdict is not Verdict.MET
        gates = undocumented or found.rule in report.staging_blocked_by
        if gates or found.rule.startswith("population."):
            _line(console, f"  {found.statement}", "bold")
    staging = report.staging
    for other in staging.maudsley.alternatives:
        _line(console, f"  Maudsley by {other.basis}: {other.value}, {other.band}")
    names = {key: label for label, key in _METHODS}
    for cut in staging.cut_offs:
        reached = ", ".join(
            f"{reading} {_cell(value)}"
            for reading, value in (
                ("at least", cut.reached.at_least),
                ("working", cut.reached.working),
                ("at most", cut.reached.at_most),
            )
        )
        _line(
            console,
            f"  {names[cut.method]} of {cut.points} or more stands for resistance in this "
            f"ruleset: {reached}",
        )


def _mechanisms(report: StagingReport, console: Console) -> None:
    if report.biomarkers:
        _line(console, "Mechanism notes (they change no stage)", "bold")
    for found in report.biomarkers:
        measured = f"{found.marker} {found.value} {found.unit}".strip()
        _line(console, f"  {measured} ({found.date or 'no date'}): {found.reading}")


def _cell(value: object) -> str:
    return "-" if value is None else str(value)


def _trials(report: StagingReport, console: Console) -> None:
    if not report.trials:
        _line(console, "No antidepressant trial of this episode is recorded.")
        return
    table = Table(title="Trials", title_justify="left", pad_edge=False)
    for heading in ("", "Drug", "From, to", "mg/day", "Dose", "Duration", "Adherence", "Outcome",
                    "Failed"):  # fmt: skip
        table.add_column(heading)
    judged = {found.subject for found in report.findings if found.rule == "adequacy.dose"}
    for trial in report.trials:
        table.add_row(*_trial_row(trial, judged=trial.id in judged))
    console.print(table)
    for trial in report.trials:
        for reason in trial.reasons:
            _line(console, f"  {trial.id} {trial.drug}: {reason}")
        if trial.remarks:
            remarks = ", ".join(remark.replace("_", " ") for remark in trial.remarks)
            _line(console, f"  {trial.id} {trial.drug}: remarked: {remarks}")
    for item in report.excluded_exposures:
        _line(console, f"  not counted: {item.drug} ({item.reason})")
    for assumption in report.assumptions:
        _line(console, f"  assumed: {assumption}")


def _beside_trials(report: StagingReport, console: Console) -> None:
    """What stages rest on beside the trials of the episode."""
    for added in report.augmentations:
        when = f"{_cell(added.start)} to {_cell(added.end)}"
        why = f" ({'; '.join(added.reasons)})" if added.reasons else ""
        told = f"{when}, {_met(added.adequate)}{why}"
        _line(console, f"  {added.drug} added to {added.with_}, {told}")
    for course in report.procedures:
        when = f"{_cell(course.start)} to {_cell(course.end)}"
        sessions = f"{course.sessions} session{'' if course.sessions == 1 else 's'}"
        failed = f"failed: {course.failed.value}"
        name = f"{course.id} {course.modality}{_side(course)}"
        _line(console, f"  {name}, {sessions}, {when}, {failed}")
    for trial in report.earlier_trials:
        when = f"{_cell(trial.start)} to {'ongoing' if trial.ongoing else _cell(trial.end)}"
        _line(console, f"  earlier episode: {trial.drug}, {when}, failed: {trial.failed.value}")


def _asserted(report: StagingReport, console: Console) -> None:
    if report.asserted:
        _line(console, "Asserted by the clinician, not in the record", "bold")
    for fact in report.asserted:
        about = fact.trial or fact.procedure or fact.drug
        named = f"{fact.fact.replace('_', ' ')} of {about}" if about else fact.fact
        value = fact.value
        if isinstance(value, dict):
            value = ", ".join(str(part) for part in value.values())
        by = ", ".join(filter(None, (fact.author or "author not named", fact.at)))
        _line(console, f"  {named}: {value} ({by})")


def _side(course: Procedure) -> str:
    if course.modality != ECT:
        return ""
    known = course.laterality != "unknown"
    return f" ({course.laterality})" if known else " (laterality unknown)"


def _met(verdict: Verdict) -> str:
    return f"adequate: {verdict.value.replace('_', ' ')}"


def _trial_row(trial: Trial, *, judged: bool) -> tuple[str, ...]:
    """``judged`` is false where the ruleset checks neither dose nor adherence."""
    outcome, adequacy = trial.outcome, trial.adequacy
    shown = outcome.category.replace("_", " ")
    if (outcome.baseline, outcome.endpoint) != (None, None):
        shown += f" ({outcome.scale} {_cell(outcome.baseline)}→{_cell(outcome.endpoint)})"
    end = "ongoing" if trial.ongoing else trial.end or "unknown"
    return (
        trial.id,
        f"{trial.drug} ({trial.drug_class})",
        f"{trial.start or 'unknown'} to {end}",
        _dose(trial.labelled_daily_dose_mg),
        adequacy.dose.value.replace("_", " ") if judged else "not checked",
        adequacy.duration.value.replace("_", " "),
        adequacy.adherence.value.replace("_", " ") if judged else "not checked",
        shown,
        trial.failed.value,
    )


def _dose(mg: Decimal | None) -> str:
    return "-" if mg is None else in_words(mg).removesuffix(" mg/day")


def _missing(report: StagingReport, console: Console) -> None:
    if not report.missing_facts:
        return
    _line(console, "Missing facts that would move a stage", "bold")
    for fact in report.missing_facts:
        moves = "; ".join(moves_in_words(fact))
        where = f" [{fact.trial or fact.procedure}]" if fact.trial or fact.procedure else ""
        _line(console, f"  {fact.fact}{where}: {fact.question} {moves}")


def _checks(report: StagingReport, console: Console) -> None:
    found = [c for c in report.pseudo_resistance if c.status in ("present", "possible")]
    open_ = [c for c in report.pseudo_resistance if c.status == "not_assessed"]
    if found or open_:
        _line(console, "Pseudo-resistance", "bold")
    for check in found:
        name = _sentence(check.check.replace("_", " "))
        _line(console, f"  {name}: {check.status}. {_sentence(check.detail)}")
    if open_:
        told = "; ".join(f"{c.check.replace('_', ' ')} ({c.detail})" for c in open_)
        _line(console, f"  Not assessed: {told}")


def _next_steps(report: StagingReport, console: Console) -> None:
    if report.next_steps:
        _line(console, "Next steps named by the sources (no prescription)", "bold")
    for step in report.next_steps:
        action = ACTION_WORDS.get(step.action, step.action.replace("_", " "))
        _line(console, f"  {_sentence(action)}. {_sentence(step.detail)}")


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _issues(report: StagingReport, console: Console) -> None:
    if not report.issues:
        return
    _line(console, f"Issues ({len(report.issues)})", "bold")
    for issue in report.issues[:_MAX_ISSUES]:
        where = " ".join(filter(None, (issue.resource, issue.path)))
        _line(console, f"  {issue.severity}: {where}: {issue.problem}")
    if len(report.issues) > _MAX_ISSUES:
        _line(console, f"  … and {len(report.issues) - _MAX_ISSUES} more (--format json)")
