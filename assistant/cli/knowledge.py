"""``trd-assistant knowledge``: search the passages, add a site's own documents, list, remove."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.exits import CommandError, Exit, exit_codes, print_json
from assistant.cli.inputs import OutputFormat

app = typer.Typer(
    help="Search the knowledge; add, list and remove documents.", no_args_is_help=True
)

Output = Annotated[OutputFormat, typer.Option("--format", help="How the result is written.")]


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="A question, in any wording.")],
    k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many passages.")] = 5,
    topic: Annotated[str | None, typer.Option(help="Keep to one topic.")] = None,
    source: Annotated[str | None, typer.Option(help="Keep to one source or document.")] = None,
    output: Output = OutputFormat.TEXT,
) -> None:
    """Passages that answer the question, best first, each with its source."""
    from assistant.bootstrap import search_knowledge  # noqa: PLC0415

    with exit_codes(), _progress("building the index") as progress:
        rows, notes = search_knowledge(query, k, topic=topic, source_id=source, progress=progress)
    for note in notes:
        typer.echo(note, err=True)
    if output is OutputFormat.JSON:
        print_json(rows)
        return
    for rank, row in enumerate(rows, start=1):
        typer.echo(f"{rank}. {row['section']}  [{row['source_id']}, {row['passage_id']}]")
        typer.echo(f"   {row['text']}")


@app.command()
def add(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE…", help="Markdown, text, HTML, PDF or DOCX.")
    ],
) -> None:
    """Add documents under their own headings; a poisoned or unreadable one is refused."""
    from assistant.bootstrap import add_documents  # noqa: PLC0415

    with exit_codes(), _progress("adding") as progress:
        added, refused = add_documents(files, progress=progress)
    for document in added:
        state = f"{document.passages} passages" if document.changed else "already there, unchanged"
        typer.echo(f"{document.source_id}: {document.title}, {state}")
    if refused:
        with exit_codes():
            raise CommandError(Exit.UNREADABLE, "not added: " + "; ".join(refused))


@app.command("list")
def list_(output: Output = OutputFormat.TEXT) -> None:
    """Every source: the shipped ones and the added documents."""
    from assistant.bootstrap import knowledge_sources  # noqa: PLC0415

    rows = knowledge_sources()
    if output is OutputFormat.JSON:
        print_json(rows)
        return
    for row in rows:
        typer.echo(f"{row['source_id']:24} {row['passages']:4} passages  {row['title']}")


@app.command()
def remove(
    source_id: Annotated[str, typer.Argument(metavar="ID", help="As `list` shows it.")],
) -> None:
    """Take an added document away."""
    from assistant.bootstrap import remove_document  # noqa: PLC0415

    with exit_codes(), _progress("removing") as progress:
        if (problem := remove_document(source_id, progress=progress)) is not None:
            raise CommandError(Exit.USAGE, problem)
    typer.echo(f"removed {source_id}")


@contextmanager
def _progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on standard error while the index is built; nothing where there is no terminal."""
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import Progress  # noqa: PLC0415

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
