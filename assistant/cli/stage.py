"""``trd-assistant stage``: the report of one patient, or of many inputs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, print_json, read_json_lines
from assistant.cli.inputs import (
    OutputFormat,
    assertions,
    moment,
    record,
    require_complete,
    ruleset,
)

if TYPE_CHECKING:
    from assistant.answering.case import AsOf
    from assistant.staging.record import Assertion
    from assistant.staging.report import StagingReport
    from assistant.staging.ruleset import Ruleset


def stage(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="INPUT…",
            help="Bundle, resource, NDJSON (.gz), a folder of these, - or a FHIR base URL; "
            "several are one record.",
        ),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Date or date-time; default today.")
    ] = None,
    ruleset_name: Annotated[
        str, typer.Option("--ruleset", help="A ruleset shipped, or a .toml file.")
    ] = "source_text",
    patient: Annotated[
        str | None, typer.Option("--patient", help="Id or identifier, where there are several.")
    ] = None,
    assert_file: Annotated[
        Path | None, typer.Option("--assert", help="JSON list of facts the clinician vouches for.")
    ] = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit 5 where the record was not read whole.")
    ] = False,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How the report is written.")
    ] = OutputFormat.TEXT,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help='JSON lines {"input", "as_of", "patient"}: one line each.'),
    ] = None,
) -> None:
    """Stage one patient's record, with bounds, evidence and what is missing."""
    with exit_codes():
        chosen = ruleset(ruleset_name)
        facts = assertions(assert_file)
        when = moment(as_of)
        if batch is not None:
            if inputs:
                raise CommandError(Exit.USAGE, "give INPUT or --batch, not both")
            _batch(batch, when, chosen, facts, patient, strict)
            return
        if not inputs:
            raise CommandError(Exit.USAGE, "give at least one INPUT, or --batch LIST.jsonl")
        report = _report(inputs, patient, when, chosen, facts, strict)
        if output is OutputFormat.JSON:
            print_json(report_json(report, when))
            return
        from assistant.cli.report_text import print_report  # noqa: PLC0415

        print_report(report)


def _report(
    inputs: list[str],
    patient: str | None,
    when: "AsOf",
    chosen: "Ruleset",
    facts: "tuple[Assertion, ...]",
    strict: bool,
) -> "StagingReport":
    from assistant.staging.engine import stage as stage_record  # noqa: PLC0415

    read = record(inputs, patient)
    if strict:
        require_complete(read)
    return stage_record(read.treatment, as_of=when.day, ruleset=chosen, assertions=facts)


def report_json(report: "StagingReport", when: "AsOf") -> dict[str, Any]:
    """The report with ``as_of`` echoed as it was given."""
    return {**report.to_json(), "as_of": when.text}


def _batch(
    listed: Path,
    when: "AsOf",
    chosen: "Ruleset",
    facts: "tuple[Assertion, ...]",
    patient: str | None,
    strict: bool,
) -> None:
    for number, item in read_json_lines(listed, "--batch"):
        print_json(_batch_line(number, item, when, chosen, facts, patient, strict), indent=False)


def _batch_line(
    number: int,
    item: dict[str, Any],
    when: "AsOf",
    chosen: "Ruleset",
    facts: "tuple[Assertion, ...]",
    patient: str | None,
    strict: bool,
) -> dict[str, Any]:
    given = item.get("input")
    line: dict[str, Any] = {"input": given, "exit": 0, "report": None, "error": None}
    try:
        inputs = [given] if isinstance(given, str) else given
        if not isinstance(inputs, list) or not all(isinstance(one, str) for one in inputs):
            raise CommandError(
                Exit.USAGE, f'line {number}: "input" must be a path or a list of paths'
            )
        own = item.get("as_of")
        at = moment(str(own)) if own is not None else when
        named = item.get("patient")
        who = str(named) if named is not None else patient
        line["report"] = report_json(_report(inputs, who, at, chosen, facts, strict), at)
    except CommandError as error:
        line |= {"exit": int(error.code), "error": error.message}
    return line
