"""Every kind of INPUT in one place: files, folders, standard input, FHIR servers."""

from collections.abc import Sequence
from pathlib import Path

from fhir_adapter.chart import Chart, chart_of
from fhir_adapter.entries import Gathered, gather
from fhir_adapter.read import PatientRecord, read_gathered


def is_server(path: str | Path) -> bool:
    """Whether an INPUT is the base address of a FHIR server."""
    return str(path).startswith(("http://", "https://"))


def gather_inputs(paths: Sequence[str | Path], patient: str | None) -> Gathered:
    """Everything the inputs hold, before a patient is chosen.

    Raises:
        AdapterError: one of them cannot be read, or a server is given without a patient.
    """
    gathered = Gathered()
    for path in paths:
        if is_server(path):
            from fhir_adapter.server import gather_server  # noqa: PLC0415 - loads the HTTP client

            gather_server(str(path), patient, gathered)
        else:
            gather(path, gathered)
    return gathered


def read_inputs(paths: Sequence[str | Path], patient: str | None = None) -> PatientRecord:
    """The record that the inputs hold together.

    Raises:
        AdapterError: as :func:`gather_inputs`, or the patient is not settled.
    """
    return read_gathered(gather_inputs(paths, patient), patient=patient)


def chart_of_inputs(paths: Sequence[str | Path], patient: str | None = None) -> Chart:
    """One patient's resources as they came.

    Raises:
        AdapterError: as :func:`read_inputs`.
    """
    return chart_of(gather_inputs(paths, patient), patient)
