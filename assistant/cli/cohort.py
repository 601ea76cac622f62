"""``trd-assistant cohort``: every patient of an export."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Annotated

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, known_errors
from assistant.cli.inputs import moment, ruleset

_NEEDED = {"local": ("duckdb", "pyarrow"), "spark": ("pyspark", "pyarrow")}
_STEPS = {
    "export": "Exporting from the server",
    "survey": "Looking over the files",
    "scan": "Finding whose each resource is",
    "group": "Grouping by patient",
    "stage": "Staging",
}


class Engine(StrEnum):
    """What groups the export and spreads the work."""

    LOCAL = "local"
    SPARK = "spark"


def cohort(  # noqa: PLR0913, PLR0917 - one parameter an option
    inputs: Annotated[
        list[str],
        typer.Argument(
            metavar="INPUT…",
            help="NDJSON (.gz) of a Bulk Data export, Bundles, folders or patterns of these, or "
            "the address of a Bulk Data server.",
        ),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder for the results.")],
    engine: Annotated[
        Engine, typer.Option("--engine", help="This machine, or a Spark cluster.")
    ] = Engine.LOCAL,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Date or date-time; default today.")
    ] = None,
    rulesets: Annotated[
        list[str] | None,
        typer.Option("--ruleset", help="A ruleset shipped, or a .toml file; may be repeated."),
    ] = None,
    where: Annotated[
        str, typer.Option("--where", metavar="EXPR", help="SQL condition a patient must fit.")
    ] = "",
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Take identifiers and dates out of the results.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=0, help="Worker processes; 0: one a core.")
    ] = 0,
) -> None:
    """Stage every patient of an export: tables, a summary page and a manifest."""
    with exit_codes():
        missing = [name for name in _NEEDED[engine.value] if find_spec(name) is None]
        if missing:
            extra = "cohort" if engine is Engine.LOCAL else "cohort,spark"
            raise CommandError(
                Exit.USAGE,
                f"--engine {engine.value} needs {', '.join(missing)}: "
                f"install trd-assistant[{extra}]",
            )
        if engine is Engine.SPARK and not (which("java") or os.environ.get("JAVA_HOME")):
            raise CommandError(
                Exit.USAGE, "--engine spark needs Java 17: install it, set JAVA_HOME"
            )
        from assistant.bootstrap import stage_cohort  # noqa: PLC0415
        from assistant.cohort.run import Cohort  # noqa: PLC0415

        when = moment(as_of)
        asked = Cohort(
            inputs=tuple(inputs),
            out=out,
            engine=engine.value,
            day=when.day,
            as_of=when.text,
            rulesets=tuple(ruleset(name) for name in dict.fromkeys(rulesets or ["source_text"])),
            where=where,
            deidentify=deidentify,
            workers=workers,
        )
        with _told() as step, known_errors():
            manifest = stage_cohort(asked, step)
    counts, rows = manifest["counts"], manifest["rows"]
    sys.stderr.write(
        f"{rows['report']} reports of {counts['patients_chosen']} patients "
        f"({counts['patients']} in the input), {rows['issue']} issues; {out / 'summary.html'}\n"
    )


@contextmanager
def _told() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr, one line a step."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TaskID,
        TextColumn,
        TimeElapsedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    begun: dict[str, TaskID] = {}
    with Progress(*columns, console=Console(stderr=True)) as bar:

        def step(name: str, done: int, total: int) -> None:
            if name not in begun:
                begun[name] = bar.add_task(_STEPS[name], total=total)
            bar.update(begun[name], completed=done, total=total)

        yield step
