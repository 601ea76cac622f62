"""``trd-assistant stage``: the report of one patient, or of many inputs."""

from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, print_json, read_json_lines
from assistant.cli.inputs import (
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
    from fhir_adapter.read import PatientRecord


class ReportFormat(StrEnum):
    """How a report is written."""

    TEXT = "text"
    JSON = "json"
    FHIR = "fhir"


def stage(  # noqa: PLR0913, PLR0917 - one parameter an option
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
    compared: Annotated[
        list[str] | None,
        typer.Option(
            "--compare", help="A further ruleset: where it and --ruleset part. Repeatable."
        ),
    ] = None,
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
        ReportFormat, typer.Option("--format", help="How the report is written.")
    ] = ReportFormat.TEXT,
    batch: Annotated[
        Path | None,
        typer.Option("--batch", help='JSON lines {"input", "as_of", "patient"}: one line each.'),
    ] = None,
) -> None:
    """Stage one patient's record, with bounds, evidence and what is missing."""
    with exit_codes():
        run = _Run(
            when=moment(as_of),
            ruleset=ruleset(ruleset_name),
            facts=assertions(assert_file),
            patient=patient,
            strict=strict,
        )
        if batch is not None:
            if inputs or compared:
                raise CommandError(Exit.USAGE, "give INPUT, or --batch alone")
            for number, item in read_json_lines(batch, "--batch"):
                print_json(_batch_line(number, item, run), indent=False)
            return
        if not inputs:
            raise CommandError(Exit.USAGE, "give at least one INPUT, or --batch LIST.jsonl")
        if compared:
            _compare(run, inputs, [ruleset(name) for name in compared], output)
            return
        report = run.report(inputs)
        if output is ReportFormat.JSON:
            print_json(run.json(report))
            return
        if output is ReportFormat.FHIR:
            from assistant.bootstrap import report_as_fhir  # noqa: PLC0415

            print_json(report_as_fhir(report))
            return
        from assistant.cli.report_text import print_report  # noqa: PLC0415

        print_report(report)


def _compare(run: "_Run", inputs: list[str], others: "list[Ruleset]", output: ReportFormat) -> None:
    from assistant.cli.report_text import print_comparison  # noqa: PLC0415
    from assistant.staging.comparison import compare  # noqa: PLC0415

    if output is ReportFormat.FHIR:
        raise CommandError(Exit.USAGE, "--compare is written as text or json")
    found = compare(
        run.read(inputs).treatment,
        as_of=run.when.day,
        rulesets=[run.ruleset, *others],
        assertions=run.facts,
    )
    if output is ReportFormat.JSON:
        print_json({**found.to_json(), "as_of": run.when.text})
        return
    print_comparison(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """What the options settle for every input."""

    when: "AsOf"
    ruleset: "Ruleset"
    facts: "tuple[Assertion, ...]"
    patient: str | None
    strict: bool

    def report(self, inputs: list[str]) -> "StagingReport":
        """The report of the record that the inputs hold."""
        from assistant.staging.engine import stage as stage_record  # noqa: PLC0415

        return stage_record(
            self.read(inputs).treatment,
            as_of=self.when.day,
            ruleset=self.ruleset,
            assertions=self.facts,
        )

    def read(self, inputs: list[str]) -> "PatientRecord":
        """The record that the inputs hold; an incomplete one is refused where asked."""
        found = record(inputs, self.patient)
        if self.strict:
            require_complete(found)
        return found

    def json(self, report: "StagingReport") -> dict[str, Any]:
        """The report with ``as_of`` echoed as it was given."""
        return {**report.to_json(), "as_of": self.when.text}

    def of_line(self, number: int, item: dict[str, Any]) -> tuple["_Run", list[str]]:
        """The run of one line of a batch, with its inputs."""
        given = item.get("input")
        inputs = [given] if isinstance(given, str) else given
        if not isinstance(inputs, list) or not all(isinstance(one, str) for one in inputs):
            raise CommandError(
                Exit.USAGE, f'line {number}: "input" must be a path or a list of paths'
            )
        own, named = item.get("as_of"), item.get("patient")
        return replace(
            self,
            when=moment(str(own)) if own is not None else self.when,
            patient=str(named) if named is not None else self.patient,
        ), inputs


def _batch_line(number: int, item: dict[str, Any], run: _Run) -> dict[str, Any]:
    line: dict[str, Any] = {"input": item.get("input"), "exit": 0, "report": None, "error": None}
    try:
        own, inputs = run.of_line(number, item)
        line["report"] = own.json(own.report(inputs))
    except CommandError as error:
        line |= {"exit": int(error.code), "error": error.message}
    return line
