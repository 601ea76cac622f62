"""``trd-assistant evals``: measure the assistant, compare runs, make evidence twins."""

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, print_json
from assistant.cli.inputs import OutputFormat, moment

if TYPE_CHECKING:
    from evals.results import RunResult, SuiteResult
    from evals.running import Plan
    from evals.subjects import Subject
    from evals.suites import Suite

app = typer.Typer(
    name="evals", help="Measure the assistant, a model or a deployment.", no_args_is_help=True
)
_OUT = Path("evals-out")
_MISSING = "this needs the optional part evals: pip install trd-assistant[evals]"


@contextmanager
def _optional_part() -> Iterator[None]:
    """Name the optional part where one of its packages is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        name = (error.name or "").partition(".")[0].replace("-", "_")
        if name in ("evals", "inspect_ai", "yaml", "krippendorff"):
            raise CommandError(Exit.USAGE, f"{_MISSING} ({error.name} is missing)") from None
        raise


@app.command("list")
def list_suites(
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How the list is written.")
    ] = OutputFormat.TEXT,
) -> None:
    """The suites, what each asks, and how many items it has here."""
    with exit_codes(), _optional_part():
        from evals.suites import Options, SuiteSkippedError  # noqa: PLC0415
        from evals.suites.registry import SUITES  # noqa: PLC0415

        rows = []
        for suite in SUITES:
            try:
                told = str(sum(1 for _ in suite.items(Options())))
            except SuiteSkippedError as reason:
                told = f"skipped: {reason}"
            rows.append({"suite": suite.name, "items": told, "title": suite.title})
            if output is OutputFormat.TEXT:  # counting some takes seconds: each as it is known
                sys.stdout.write(f"{suite.name:12} {told:>6}  {suite.title}\n")
                sys.stdout.flush()
        if output is OutputFormat.JSON:
            print_json(rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the options of ``run`` say of the subject."""

    model: str | None
    model_url: str | None
    url: str | None
    header: Sequence[str]
    price: tuple[float, float] | None
    yes: bool


@app.command("run")
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    suite: Annotated[
        str | None, typer.Argument(metavar="[SUITE]", help="One suite; default all.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="A chat model beside the built-in assistant.")
    ] = None,
    model_url: Annotated[
        str | None, typer.Option("--model-url", help="Base URL of an OpenAI-compatible server.")
    ] = None,
    url: Annotated[
        str | None, typer.Option("--url", help="A deployment, reached through its public API.")
    ] = None,
    header: Annotated[
        list[str] | None, typer.Option("--header", help='"Name: value" sent to the deployment.')
    ] = None,
    out: Annotated[Path, typer.Option("--out", help="Folder of the results.")] = _OUT,
    cases: Annotated[
        Path | None,
        typer.Option("--cases", exists=True, help="Your own cases: a file or a folder."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", exists=True, help="Folder of the third-party data.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("--limit", min=1, help="At most so many items of a suite.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws the items of --limit.")] = 0,
    parallel: Annotated[
        int, typer.Option("--parallel", min=1, help="Items asked at the same time.")
    ] = 2,
    resume: Annotated[
        bool, typer.Option("--resume", help="Keep what an earlier run of the same has done.")
    ] = False,
    judge: Annotated[
        str | None,
        typer.Option("--judge", help="A model of another vendor that rates the wording only."),
    ] = None,
    price: Annotated[
        tuple[float, float] | None,
        typer.Option("--price", help="Price of a million tokens in and out, for the estimate."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before a paid run.")] = False,
) -> None:
    """Run the suites; exit 0 passed, 1 a threshold missed, 2 incomplete or crashed."""
    with exit_codes(), _optional_part():
        from evals.gate import exit_code  # noqa: PLC0415
        from evals.running import Plan  # noqa: PLC0415
        from evals.suites import Options  # noqa: PLC0415

        suites = _suites(suite)
        asked = _Asked(
            model=model, model_url=model_url, url=url, header=header or (), price=price, yes=yes
        )
        options = Options(seed=seed, cases=cases, **({"data": data} if data else {}))
        plan = Plan(
            subject=_subject(asked),
            folder=out,
            options=options,
            limit=limit,
            parallel=parallel,
            resume=resume,
            judges=_judges(judge, model),
        )
        _confirm(asked, suites, plan)
        try:
            result = _run_all(suites, plan)
        finally:
            plan.subject.close()
        raise typer.Exit(exit_code(result.suites))


def _suites(name: str | None) -> "Sequence[Suite]":
    from evals.suites.registry import UnknownSuiteError, suites_named  # noqa: PLC0415

    try:
        return suites_named(name)
    except UnknownSuiteError as error:
        raise CommandError(Exit.USAGE, str(error)) from None


def _subject(asked: _Asked) -> "Subject":
    if asked.url is not None:
        if asked.model is not None:
            raise CommandError(Exit.USAGE, "give --model or --url, not both")
        from evals.subjects.remote import Remote  # noqa: PLC0415

        return Remote(asked.url, headers=dict(_header(one) for one in asked.header))
    from evals.subjects.built_in import BuiltIn  # noqa: PLC0415

    if asked.model is None:
        return BuiltIn()
    from assistant.cli.ask import named_model  # noqa: PLC0415

    return BuiltIn(model=named_model(asked.model, None, asked.model_url))


def _header(text: str) -> tuple[str, str]:
    name, colon, value = text.partition(":")
    if not colon or not name.strip():
        raise CommandError(Exit.USAGE, '--header: expected "Name: value"')
    return name.strip(), value.strip()


def _judges(judge: str | None, model: str | None) -> Sequence[Any]:
    if judge is None:
        return ()
    from assistant.cli.ask import named_model  # noqa: PLC0415
    from evals.scorers.wording import SameVendorError, wording_judge  # noqa: PLC0415

    opened = named_model(judge, None, None)
    if opened is None:
        return ()
    try:
        return (wording_judge(opened, judged=model),)
    except SameVendorError as error:
        raise CommandError(Exit.USAGE, f"--judge: {error}") from None


def _confirm(asked: _Asked, suites: "Sequence[Suite]", plan: "Plan") -> None:
    """Say what a run with a model will use, and ask before it costs anything."""
    if asked.model is None:
        return
    from evals.cost import estimate, is_paid  # noqa: PLC0415

    told = estimate(suites, plan, asked.price)
    sys.stderr.write(f"{told}\n")
    if not is_paid(asked.model, asked.model_url) or asked.yes:
        return
    if not sys.stdin.isatty():
        raise CommandError(Exit.USAGE, "a run with a paid model needs --yes where nobody can agree")
    if not typer.confirm("Run it?", err=True):
        raise CommandError(Exit.USAGE, "not run")


def _run_all(suites: "Sequence[Suite]", plan: "Plan") -> "RunResult":
    from evals.header import header_of  # noqa: PLC0415
    from evals.reports import write_reports  # noqa: PLC0415
    from evals.results import RunResult, write_results  # noqa: PLC0415
    from evals.running import run_suite_safely  # noqa: PLC0415
    from evals.subjects import SubjectError  # noqa: PLC0415

    try:
        described = plan.subject.describe()
    except SubjectError as error:
        raise CommandError(Exit.USAGE, str(error)) from None
    header = header_of(suites, described, plan.options, plan.limit)
    plan.folder.mkdir(parents=True, exist_ok=True)
    done: list[SuiteResult] = []
    with _progress() as show:
        for suite in suites:
            done.append(run_suite_safely(suite, replace(plan, header=header, progress=show)))
            # written after each suite: a run that is cut short leaves what it has
            write_results(RunResult(header=header, suites=done), plan.folder)
    result = RunResult(header=header, suites=done)
    write_reports(result, plan.folder)
    for one in done:
        reason = f": {one.reason}" if one.reason else ""
        sys.stdout.write(f"{one.name:12} {one.status:10} {len(one.items)} items{reason}\n")
    sys.stdout.write(f"results in {plan.folder}\n")
    return result


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A bar a suite, on stderr."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import MofNCompleteColumn, Progress, TimeRemainingColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (*Progress.get_default_columns()[:2], MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bars:
        known: dict[str, Any] = {}

        def show(suite: str, done: int, total: int) -> None:
            if suite not in known:
                known[suite] = bars.add_task(suite, total=total)
            bars.update(known[suite], completed=done, total=total)

        yield show


@app.command("compare")
def compare(
    old: Annotated[Path, typer.Argument(help="Folder of the earlier run, or a baseline.")],
    new: Annotated[Path, typer.Argument(help="Folder of the later run.")],
    output: Annotated[
        OutputFormat, typer.Option("--format", help="How it is written.")
    ] = OutputFormat.TEXT,
) -> None:
    """List each item that changed; exit 1 where a clinical fact was lost."""
    with exit_codes(), _optional_part():
        from evals.compare import compare as compared  # noqa: PLC0415
        from evals.reports.markdown import comparison  # noqa: PLC0415

        found = compared(_run_of(old), _run_of(new))
        if output is OutputFormat.JSON:
            print_json(found.to_json())
        else:
            sys.stdout.write(comparison(found))
        if found.regressions:
            message = f"{len(found.regressions)} clinical facts were lost"
            raise CommandError(Exit.THRESHOLD_MISSED, message)


@app.command("baseline")
def baseline(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    out: Annotated[Path, typer.Argument(help="File that keeps its figures.")],
) -> None:
    """Keep the figures of a run, without its texts, to compare later runs with."""
    with exit_codes(), _optional_part():
        from evals.results import figures_of  # noqa: PLC0415

        kept = figures_of(_run_of(run))
        text = json.dumps(kept.to_json(), ensure_ascii=False, sort_keys=True, indent=0)
        out.write_text(text + "\n", encoding="utf-8")


def _run_of(path: Path) -> "RunResult":
    from evals.results import ResultsError, read_results  # noqa: PLC0415

    try:
        return read_results(path)
    except ResultsError as error:
        raise CommandError(Exit.USAGE, str(error)) from None


@app.command("twins")
def twins(
    record: Annotated[Path, typer.Argument(metavar="INPUT", help="A FHIR Bundle.")],
    as_of: Annotated[str | None, typer.Option("--as-of", help="Date; default today.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Folder for the records of every pair.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws what is left to chance.")] = 0,
) -> None:
    """Make evidence twins of a record: pairs that differ in one fact, with what must follow."""
    with exit_codes(), _optional_part():
        from assistant.cli.exits import read_json  # noqa: PLC0415
        from assistant.cli.inputs import readable  # noqa: PLC0415
        from evals.twins.making import twins_of, write_twins  # noqa: PLC0415

        with readable([str(record)]):
            bundle = read_json(record, "INPUT")
            if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
                raise CommandError(Exit.UNREADABLE, f"{record}: expected a FHIR Bundle")
            found = twins_of(bundle, moment(as_of).day.isoformat(), seed=seed)
        if out is not None:
            write_twins(found, out)
        print_json(found.to_json())


@app.command("pairs")
def pairs(
    old: Annotated[Path, typer.Argument(help="Folder of one run.")],
    new: Annotated[Path, typer.Argument(help="Folder of the other run.")],
    out: Annotated[Path, typer.Option("--out", help="File of the pairs.")],
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="At most so many.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Draws pairs and sides.")] = 0,
) -> None:
    """Pair the answers of two runs for a blind review by clinicians."""
    with exit_codes(), _optional_part():
        from evals.review import ReviewError, pairs_of  # noqa: PLC0415

        try:
            found = pairs_of(_run_of(old), _run_of(new), limit=limit, seed=seed)
        except ReviewError as error:
            raise CommandError(Exit.USAGE, str(error)) from None
        text = json.dumps(found, ensure_ascii=False, indent=1)
        out.write_text(text + "\n", encoding="utf-8")
        sys.stdout.write(f"{len(found['pairs'])} pairs in {out}\n")


@app.command("agreement")
def agreement(
    pairs_file: Annotated[Path, typer.Argument(metavar="PAIRS", help="File of the pairs.")],
    judgments: Annotated[Path, typer.Argument(metavar="JUDGMENTS", help="Export of the review.")],
) -> None:
    """What the reviewers preferred, and how far they agree (Krippendorff's alpha)."""
    with exit_codes(), _optional_part():
        from evals.review import (  # noqa: PLC0415
            ReviewError,
            read_judgments,
            read_pairs,
        )
        from evals.review import agreement as agreed  # noqa: PLC0415

        try:
            found = agreed(read_pairs(pairs_file), read_judgments(judgments))
        except ReviewError as error:
            raise CommandError(Exit.USAGE, str(error)) from None
        print_json(found.to_json())
