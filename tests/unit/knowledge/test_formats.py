"""Documents of every kind keep their headings and their text."""

import io
from pathlib import Path

import pytest
from docx import Document
from pypdf import PdfReader, PdfWriter

from knowledge.ingest.formats import Block, RefusedDocumentError, read_blocks

TRIAL = "An adequate trial lasts at least six weeks."


def _write(tmp_path: Path, name: str, content: str | bytes) -> Path:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_markdown_keeps_each_heading_and_drops_the_markup(tmp_path):
    text = "# Guide\n\n## Duration\n\nAn **adequate** [trial](x) lasts $\\ge 6$ weeks.\n\n- one\n"
    assert read_blocks(_write(tmp_path, "a.md", text)) == [
        Block("Duration", "An adequate trial lasts ≥ 6 weeks."),
        Block("Duration", "one"),
    ]


def test_plain_text_takes_an_underlined_line_for_a_heading(tmp_path):
    text = f"Duration\n========\n\n{TRIAL}\nStill here.\n"
    assert read_blocks(_write(tmp_path, "a.txt", text)) == [
        Block("Duration", f"{TRIAL} Still here.")
    ]


def test_html_keeps_headings_and_drops_scripts_and_comments(tmp_path):
    text = (
        "<html><head><title>x</title></head><body><h2>Duration</h2><!-- note --><script>1</script>"
        f"<p>{TRIAL}</p><ul><li>one</li></ul><table><tr><td>a</td><td>b</td></tr></table></body>"
    )
    assert read_blocks(_write(tmp_path, "a.html", text)) == [
        Block("Duration", TRIAL),
        Block("Duration", "one"),
        Block("Duration", "a b"),
    ]


def test_docx_keeps_headings_and_tables(tmp_path):
    document = Document()
    document.add_heading("Duration", level=2)
    document.add_paragraph(TRIAL)
    row = document.add_table(rows=1, cols=2).rows[0]
    row.cells[0].text, row.cells[1].text = "SSRI", "50 mg"
    stream = io.BytesIO()
    document.save(stream)
    assert read_blocks(_write(tmp_path, "a.docx", stream.getvalue())) == [
        Block("Duration", TRIAL),
        Block("Duration", "SSRI | 50 mg"),
    ]


def test_pdf_takes_numbered_lines_for_headings(tmp_path):
    lines = ["1 Duration of a trial", TRIAL, "2 Dose of a trial", "The dose is at the floor."]
    assert read_blocks(_write(tmp_path, "a.pdf", _pdf(lines))) == [
        Block("1 Duration of a trial", TRIAL),
        Block("2 Dose of a trial", "The dose is at the floor."),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"MZ", "expected one of"),
        ("a.md", b"\xff\xfe\x00", "not text in UTF-8"),
        ("a.pdf", b"%PDF-1.7 broken", "not a readable PDF"),
        ("a.docx", b"PK broken", "not a readable DOCX"),
        ("a.html", b"<p style='display:none'>x</p>", "hidden from the reader"),
        ("a.html", b"<p hidden>x</p>", "hidden from the reader"),
        ("a.html", b"<p style='font-size:0px'>x</p>", "hidden from the reader"),
    ],
)
def test_an_unreadable_document_says_why(tmp_path, name, content, said):
    with pytest.raises(RefusedDocumentError, match=said):
        read_blocks(_write(tmp_path, name, content))


def test_a_missing_file_says_so(tmp_path):
    with pytest.raises(RefusedDocumentError, match="No such file"):
        read_blocks(tmp_path / "none.md")


def test_an_encrypted_pdf_is_refused(tmp_path):
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(_pdf([TRIAL]))))
    writer.encrypt("secret", algorithm="RC4-40")
    stream = io.BytesIO()
    writer.write(stream)
    with pytest.raises(RefusedDocumentError, match="encrypted"):
        read_blocks(_write(tmp_path, "a.pdf", stream.getvalue()))


def _pdf(lines: list[str]) -> bytes:
    """A one-page PDF with one line of text a row, written by hand."""
    rows = "".join(
        f"BT /F1 12 Tf 72 {720 - 30 * at} Td ({row}) Tj ET\n" for at, row in enumerate(lines)
    )
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 /MediaBox [0 0 612 792] >>",
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        f"<< /Length {len(rows)} >>\nstream\n{rows}endstream",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    body, offsets = "%PDF-1.4\n", []
    for number, item in enumerate(objects, start=1):
        offsets.append(len(body))
        body += f"{number} 0 obj\n{item}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    start = len(body)
    body += f"xref\n0 6\n0000000000 65535 f \n{table}trailer << /Size 6 /Root 1 0 R >>\n"
    return f"{body}startxref\n{start}\n%%EOF\n".encode()


def test_html_text_outside_any_paragraph_is_kept(tmp_path):
    text = f"<h2>Duration</h2>{TRIAL}<p>At 5<b>0</b> mg.<br>Daily."
    assert read_blocks(_write(tmp_path, "a.html", text)) == [
        Block("Duration", TRIAL),
        Block("Duration", "At 50 mg. Daily."),
    ]


def test_a_page_is_read_in_the_encoding_it_declares(tmp_path):
    page = "<head><meta charset='iso-8859-1'></head><h1>Ärzte</h1><p>Gewährung</p>"
    path = _write(tmp_path, "a.html", page.encode("latin-1"))
    assert read_blocks(path) == [Block("Ärzte", "Gewährung")]


@pytest.mark.parametrize("named", ["no-such-encoding", "base64", "punycode"])
def test_an_encoding_that_cannot_be_used_falls_back_to_utf_8(tmp_path, named):
    page = f"<meta charset='{named}'><p>Gewährung</p>"
    assert read_blocks(_write(tmp_path, "a.html", page)) == [Block("", "Gewährung")]


def test_a_byte_order_mark_tells_the_encoding_of_a_text(tmp_path):
    path = _write(tmp_path, "a.txt", "Gewährung ≥ 6".encode("utf-16"))
    assert read_blocks(path) == [Block("", "Gewährung ≥ 6")]


def test_a_folder_or_an_empty_file_is_refused_by_name(tmp_path):
    (tmp_path / "folder.md").mkdir()
    with pytest.raises(RefusedDocumentError, match=r"folder\.md: it is a folder"):
        read_blocks(tmp_path / "folder.md")
    with pytest.raises(RefusedDocumentError, match=r"a\.pdf: it is empty"):
        read_blocks(_write(tmp_path, "a.pdf", ""))
