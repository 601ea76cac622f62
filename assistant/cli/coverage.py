"""``trd-assistant sig`` and ``trd-assistant days-covered``: instructions and days of medication."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, print_json
from assistant.cli.inputs import OutputFormat, moment, readable

if TYPE_CHECKING:
    from fhir_adapter.coverage import Coverage
    from fhir_adapter.sig import Sig, SigStep


class Policy(StrEnum):
    """What overlapping supplies of one drug do."""

    MERGE = "merge"
    CARRY_FORWARD = "carry_forward"


class Source(StrEnum):
    """Which entries are counted."""

    AUTO = "auto"
    DISPENSE = "dispense"
    REQUEST = "request"
    STATEMENT = "statement"


class DrugClass(StrEnum):
    """A class of drugs that is pooled."""

    ANTIDEPRESSANTS = "antidepressants"


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("sig")(sig)
    app.command("days-covered")(days_covered)


def sig(
    texts: Annotated[
        list[str], typer.Argument(metavar="TEXT…", help="Dose instructions, one an argument.")
    ],
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How the result is written.")
    ] = OutputFormat.TEXT,
) -> None:
    """Read free-text dose instructions into structure; what cannot be read is named."""
    from assistant.bootstrap import read_sig  # noqa: PLC0415

    with exit_codes():
        read = [read_sig(text) for text in texts]
        if output is OutputFormat.JSON:
            print_json([one.to_json() for one in read])
            return
        for one in read:
            typer.echo(_sig_line(one))


def _sig_line(read: "Sig") -> str:
    steps = read.segments or (read,)
    told = "; then ".join(
        ", ".join(part for part in (_dose(step), _frequency(step), step.route or "") if part)
        or "nothing that can be read"
        for step in steps
    )
    problems = f"  ({'; '.join(read.problems)})" if read.problems else ""
    return f"{read.text}: {told}{problems}"


def _dose(step: "Sig | SigStep") -> str:
    if step.dose is None:
        return ""
    shown = step.dose.to_json()
    amount = shown["low"] if shown["low"] == shown["high"] else f"{shown['low']}-{shown['high']}"
    return f"{amount} {step.dose.unit or ''}".strip()


def _frequency(step: "Sig | SigStep") -> str:
    if step.frequency is None:
        return ""
    shown = step.frequency.to_json()
    often = f"{_number(shown['times'])} x"
    if shown["unit"] is None:
        return often
    return f"{often} every {_number(shown['per'])} {shown['unit']}"


def _number(value: object) -> str:
    if isinstance(value, dict):
        return f"{value['low']}-{value['high']}"
    return str(value)


def days_covered(  # noqa: PLR0913, PLR0917 - one parameter an option
    inputs: Annotated[
        list[str],
        typer.Argument(metavar="INPUT…", help="As for stage; several are one record."),
    ],
    drug: Annotated[str | None, typer.Option("--drug", help="One drug, by name or brand.")] = None,
    drug_class: Annotated[
        DrugClass | None, typer.Option("--class", help="A class, pooled.")
    ] = None,
    first: Annotated[str | None, typer.Option("--from", help="First day looked at.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day looked at.")] = None,
    policy: Annotated[
        Policy, typer.Option("--policy", help="What overlapping supplies do.")
    ] = Policy.MERGE,
    source: Annotated[Source, typer.Option("--source", help="Which entries count.")] = Source.AUTO,
    patient: Annotated[
        str | None, typer.Option("--patient", help="Id or identifier, where there are several.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Date or date-time; default today.")
    ] = None,
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How the result is written.")
    ] = OutputFormat.TEXT,
) -> None:
    """Count the days that the recorded supplies of a drug cover, with the intervals."""
    with exit_codes():
        if drug is not None and drug_class is not None:
            raise CommandError(Exit.USAGE, "give --drug or --class, not both")
        start, end = _day(first, "--from"), _day(last, "--to")
        if start is not None and end is not None and end < start:
            raise CommandError(Exit.USAGE, "--to is before --from")
        until = moment(as_of).day
        with readable(inputs):
            from assistant.bootstrap import coverage_of  # noqa: PLC0415

            found = coverage_of(
                inputs,
                patient,
                as_of=until,
                window=(start, end),
                drug=drug,
                drug_class=None if drug_class is None else drug_class.value,
                policy=policy.value,
                source=source.value,
            )
        if output is OutputFormat.JSON:
            print_json([one.to_json() for one in found])
            return
        for one in found:
            typer.echo(_coverage_lines(one))


def _day(text: str | None, option: str) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CommandError(Exit.USAGE, f"{option}: expected a date as YYYY-MM-DD") from None


def _coverage_lines(found: "Coverage") -> str:
    lines = [f"{found.drug}: {found.days} days ({found.source or 'no supply'}, {found.policy})"]
    lines += [f"  {one.start} to {one.end}: {one.days} days" for one in found.intervals]
    lines += [f"  {one.resource} {one.path}: {one.problem}" for one in found.issues]
    return "\n".join(lines)
