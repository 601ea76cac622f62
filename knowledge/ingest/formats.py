"""Reads Markdown, text, HTML, PDF and DOCX into blocks of text under their headings."""

import codecs
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from knowledge.passages import KnowledgeError

MAX_BYTES = 25 * 1024 * 1024
MAX_UNPACKED_BYTES = 200 * 1024 * 1024
MAX_PAGES = 2_000
_SYMBOLS = {r"\ge": "≥", r"\le": "≤", r"\alpha": "alpha", r"\beta": "beta", r"\%": "%"}
_FORMULA = re.compile(r"\$([^$\n]{1,80})\$")
_UNDERLINE = re.compile(r"^[=\-~]{3,}$")


class RefusedDocumentError(KnowledgeError):
    """A document that is not added; nothing was changed. The message says why."""


class Block(NamedTuple):
    """A paragraph, list item or table row, and the heading it stands under."""

    section: str
    text: str


def read_blocks(path: Path) -> list[Block]:
    """The blocks of a document in reading order.

    Raises:
        RefusedDocumentError: the file is missing, of another kind, or cannot be read.
    """
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise RefusedDocumentError(
            f"{path.name}: expected one of {', '.join(sorted(_READERS))}, "
            f"found {path.suffix or 'no file extension'}"
        )
    if path.is_dir():
        raise RefusedDocumentError(f"{path.name}: it is a folder; name the files in it")
    try:
        size = path.stat().st_size
        content = path.read_bytes() if size <= MAX_BYTES else b""
    except OSError as error:
        raise RefusedDocumentError(f"{path.name}: {error.strerror or 'cannot be read'}") from None
    if not content and not size:
        raise RefusedDocumentError(f"{path.name}: it is empty")
    if size > MAX_BYTES:
        raise RefusedDocumentError(f"{path.name}: larger than {MAX_BYTES // 1024 // 1024} MB")
    blocks = [Block(block.section.strip(), " ".join(block.text.split())) for block in read(content)]
    return [block for block in blocks if block.text]


def _markdown(content: bytes) -> Iterator[Block]:
    from markdown_it import MarkdownIt  # noqa: PLC0415

    tokens = MarkdownIt("commonmark", {"html": False}).enable("table").parse(_decoded(content))
    section = ""
    in_heading = False
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            in_heading = token.type == "heading_open"
        elif token.type in ("fence", "code_block"):
            yield Block(section, token.content)
        elif token.type == "inline":
            text = _plain(token.children or [])
            if in_heading:
                section = text
            else:
                yield Block(section, text)


def _plain(children: list) -> str:  # type: ignore[type-arg]
    parts = []
    for child in children:
        if child.type in ("text", "code_inline", "text_special"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return _FORMULA.sub(lambda match: _symbols(match[1]), "".join(parts))


def _symbols(formula: str) -> str:
    for command, symbol in _SYMBOLS.items():
        formula = formula.replace(command, symbol)
    return formula


def _text(content: bytes) -> Iterator[Block]:
    section = ""
    paragraph: list[str] = []
    for line in [*_decoded(content).splitlines(), ""]:
        stripped = line.strip()
        if _UNDERLINE.match(stripped) and len(paragraph) == 1:
            section, paragraph = paragraph[0], []
        elif stripped:
            paragraph.append(stripped)
        elif paragraph:
            yield Block(section, " ".join(paragraph))
            paragraph = []


def _html(content: bytes) -> Iterator[Block]:
    from bs4 import BeautifulSoup, Comment, Tag  # noqa: PLC0415

    soup = BeautifulSoup(_decoded(content, declared=True), "html.parser")
    for dropped in soup(["script", "style", "noscript", "template", "nav", "head"]):
        dropped.decompose()
    for comment in soup.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in soup.find_all(style=True):
        if isinstance(tag, Tag) and _HIDDEN.search(str(tag["style"])):
            raise RefusedDocumentError("it holds text that is hidden from the reader (HTML style)")
    if soup.find(hidden=True) is not None:
        raise RefusedDocumentError("it holds text that is hidden from the reader (HTML hidden)")
    yield from _html_blocks(soup)


_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|opacity\s*:\s*0(?![.\d]*[1-9])"
    r"|font-size\s*:\s*0|left\s*:\s*-\d{3,}",
    re.IGNORECASE,
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_CELLS = frozenset({"td", "th"})
_BLOCKS = _HEADINGS | {
    "address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dt",
    "figcaption", "footer", "form", "header", "li", "main", "p", "pre", "section", "summary", "tr",
}  # fmt: skip


def _html_blocks(soup: "BeautifulSoup") -> Iterator[Block]:  # type: ignore[name-defined]  # noqa: F821
    """Every stretch of text that one block element holds, loose text included."""
    for line_break in soup("br"):
        line_break.replace_with(" ")
    section = ""
    for block, strings in groupby(soup.find_all(string=True), lambda text: _nearest(text, _BLOCKS)):
        cells = groupby(strings, lambda text: _nearest(text, _CELLS))
        text = " ".join("".join(map(str, inside)) for _, inside in cells)
        if block is not None and block.name in _HEADINGS:
            section = " ".join(text.split())
        else:
            yield Block(section, text)


def _nearest(text: Any, names: frozenset[str]) -> Any:
    return next((parent for parent in text.parents if parent.name in names), None)


def _pdf(content: bytes) -> Iterator[Block]:
    import logging  # noqa: PLC0415

    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise RefusedDocumentError("it is encrypted; save it without a password")
        if len(reader.pages) > MAX_PAGES:
            raise RefusedDocumentError(f"it has more than {MAX_PAGES} pages")
        headings = {title.casefold(): title for title in _outline(reader.outline)}
        lines = [line for page in reader.pages for line in (*page.extract_text().splitlines(), "")]
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise RefusedDocumentError("it is not a readable PDF") from None
    yield from _pdf_blocks(lines, headings)


def _outline(items: list) -> Iterator[str]:  # type: ignore[type-arg]
    for item in items:
        if isinstance(item, list):
            yield from _outline(item)
        elif title := str(getattr(item, "title", "") or "").strip():
            yield " ".join(title.split())


_NUMBERED = re.compile(r"^(?:\d+(?:\.\d+)*\.?)\s+[A-Z][^.;]{2,90}$")
_ENDS_SENTENCE = (".", ";", ":", "?", "!", ")")


def _pdf_blocks(lines: list[str], headings: Mapping[str, str]) -> Iterator[Block]:
    """Headings are the entries of the outline, else numbered or short lines in title case."""
    section = ""
    paragraph: list[str] = []
    for line in [*lines, ""]:
        text = " ".join(line.split())
        heading = headings.get(text.casefold()) or (
            text if not headings and _looks_like_heading(text, bool(paragraph)) else None
        )
        if heading is None and text:
            paragraph.append(text)
        if paragraph and (heading is not None or not text or text.endswith(".")):
            yield Block(section, _unhyphenated(paragraph))
            paragraph = []
        section = heading or section


def _looks_like_heading(text: str, inside_paragraph: bool) -> bool:
    if _NUMBERED.match(text):
        return True
    words = text.split()
    if inside_paragraph or not words or len(words) > 12 or text.endswith(_ENDS_SENTENCE):  # noqa: PLR2004
        return False
    capital = sum(word[0].isupper() for word in words if word[0].isalpha())
    return text[0].isupper() and capital >= 0.6 * len(words)


def _unhyphenated(lines: list[str]) -> str:
    return re.sub(r"(\w)- (?=[a-z])", r"\1", " ".join(lines))


def _docx(content: bytes) -> Iterator[Block]:
    from docx import Document  # noqa: PLC0415
    from docx.table import Table  # noqa: PLC0415

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            if sum(item.file_size for item in package.infolist()) > MAX_UNPACKED_BYTES:
                raise RefusedDocumentError("it unpacks to more than is allowed")
        document = Document(io.BytesIO(content))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise RefusedDocumentError("it is not a readable DOCX") from None
    section = ""
    for item in document.iter_inner_content():
        if isinstance(item, Table):
            for row in item.rows:
                yield Block(section, " | ".join(dict.fromkeys(cell.text for cell in row.cells)))
        elif item.style is not None and str(item.style.name).startswith(("Heading", "Title")):
            section = item.text
        else:
            if any(run.font.hidden for run in item.runs):
                raise RefusedDocumentError("it holds text that is hidden from the reader")
            yield Block(section, item.text)


_DECLARED = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
_UTF16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _decoded(content: bytes, *, declared: bool = False) -> str:
    """The text; in UTF-8 unless a byte order mark, or the head of an HTML page, says otherwise."""
    encoding = "utf-16" if content.startswith(_UTF16_MARKS) else "utf-8-sig"
    if declared and (named := _DECLARED.search(content[:4096])):
        encoding = named[1].decode("ascii")
    try:
        return content.decode(encoding)
    except (UnicodeError, LookupError):
        pass
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedDocumentError("it is not text in UTF-8; save it as UTF-8") from None


_READERS: Mapping[str, Callable[[bytes], Iterator[Block]]] = {
    ".md": _markdown,
    ".markdown": _markdown,
    ".txt": _text,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}
