"""A file sent by a form of ours: held in memory as long as it is read, never on disk."""

from typing import NamedTuple

from fastapi import Request
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from assistant.api.strict_json import MalformedBodyError, bounded_body

_MOST_FIELD_BYTES = 1024


class Upload(NamedTuple):
    """What the form holds."""

    data: bytes
    patient: str | None
    """The patient chosen of several; None where none is named."""


async def read_upload(request: Request) -> Upload:
    """The file of the field ``record``, and the patient named beside it.

    Raises:
        BodyTooLargeError: it is larger than this service accepts.
        MalformedBodyError: the request is not such a form, or no file was chosen.
    """
    parser = MultiPartParser(
        request.headers,
        bounded_body(request),
        max_files=1,
        max_fields=1,
        max_part_size=_MOST_FIELD_BYTES,
    )
    parser.spool_max_size = request.app.state.service.settings.max_body_bytes
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError):
        raise MalformedBodyError("Choose one file on the start page and open it there.") from None
    record, patient = form.get("record"), form.get("patient")
    data = await record.read() if isinstance(record, UploadFile) else b""
    await form.close()
    if not data:
        raise MalformedBodyError("No file was chosen, or it is empty. Choose a FHIR JSON file.")
    return Upload(data, patient.strip() or None if isinstance(patient, str) else None)
