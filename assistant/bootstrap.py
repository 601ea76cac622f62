"""Builds the real adapters; the only file of the package that knows them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.staging.engine import stage
from assistant.staging.record import Assertion, TreatmentRecord
from assistant.staging.report import StagingReport
from assistant.staging.ruleset import Ruleset, load_ruleset

if TYPE_CHECKING:
    from assistant.answering.case import Case
    from assistant.answering.ports import KnowledgePort
    from assistant.cds_hooks.hooks import CdsHooks, FhirAccess
    from assistant.cohort.local import Step
    from assistant.cohort.ports import ExportReader
    from assistant.cohort.run import Cohort
    from assistant.config import Settings
    from assistant.launch.access import Access
    from assistant.launch.ehr import Ehr
    from assistant.launch.ports import TokenSource
    from assistant.launch.site import SiteSettings
    from assistant.read_limits import ReadLimits
    from assistant.service.service import AssistantService
    from fhir_adapter.coverage import Coverage
    from fhir_adapter.read import PatientRecord
    from fhir_adapter.sig import Sig
    from knowledge.ingest.shelf import AddedDocument
    from knowledge.vector_index import Progress

_EXCERPT_DEPTH = 4
_CDS_SECONDS = 5.0
"""A CDS client waits no longer for a card; what was not read by then is told on it."""


@dataclass(frozen=True, slots=True)
class Chart:
    """A patient's raw resources, as answering reads them."""

    record: "PatientRecord"

    @property
    def resources(self) -> Any:
        """Raw FHIR JSON by ``Type/id``."""
        return self.record.resources

    def excerpt(self, reference: str, element: str) -> str:
        """What stands at ``element``, as short text."""
        from fhir_adapter.paths import element_at  # noqa: PLC0415

        try:
            resource = self.record.resources[reference]
            told = _flat(element_at(resource, element))
            concept, coding, _ = element.partition(".coding[")
            if not coding or not element.endswith(".code"):
                return told
            named = _flat(element_at(resource, concept))  # a code says nothing without its name
        except KeyError:
            return ""
        return f"{told} ({named})" if named != told else told


def _flat(value: Any, depth: int = 0) -> str:
    if isinstance(value, dict) and depth < _EXCERPT_DEPTH:
        return _flat_object(value, depth)
    if isinstance(value, list) and depth < _EXCERPT_DEPTH:
        return "; ".join(_flat(item, depth + 1) for item in value)
    return str(value) if isinstance(value, str | int | float) else ""


_NAMING = ("text", "display", "code", "reference")
_UNSHOWN = ("system", "id", "extension", "div", "url", "meta")


def _flat_object(value: dict[str, Any], depth: int) -> str:
    """A quantity with its unit, a concept by its names, anything else key by key."""
    if isinstance(value.get("value"), int | float):
        unit = value.get("unit") or value.get("code") or ""
        return f"{value.get('comparator') or ''}{value['value']} {unit}".strip()
    if "coding" in value or any(key in value for key in _NAMING):
        codings = [one for one in value.get("coding") or () if isinstance(one, dict)]
        concepts = [value, *codings]
        named = [part.get(key) for key in _NAMING for part in concepts]
        return " ".join(dict.fromkeys(name for name in named if isinstance(name, str)))
    parts = ((key, _flat(item, depth + 1)) for key, item in value.items() if key not in _UNSHOWN)
    return " ".join(f"{key} {part}" for key, part in parts if part)


def open_record(paths: Sequence[str], patient: str | None = None) -> "PatientRecord":
    """Read one patient's record from files, folders, standard input or a FHIR server."""
    from fhir_adapter.inputs import read_inputs  # noqa: PLC0415

    return read_inputs(paths, patient=patient)


def report_as_fhir(report: StagingReport, **how: Any) -> dict[str, Any]:
    """The report as a FHIR R4 Bundle, made now by this version."""
    from assistant import __version__  # noqa: PLC0415
    from fhir_adapter.report_bundle import report_bundle  # noqa: PLC0415

    return report_bundle(report, recorded=datetime.now(UTC), version=__version__, **how)


def read_sig(text: str) -> "Sig":
    """A free-text dose instruction, read into structure."""
    from fhir_adapter.sig import parse_sig  # noqa: PLC0415

    return parse_sig(text)


def coverage_of(  # noqa: PLR0913 - one parameter an option of the command
    paths: Sequence[str],
    patient: str | None,
    *,
    as_of: date,
    window: tuple[date | None, date | None] = (None, None),
    drug: str | None = None,
    drug_class: str | None = None,
    policy: str = "merge",
    source: str = "auto",
) -> "tuple[Coverage, ...]":
    """The days that one patient's recorded supplies cover."""
    from fhir_adapter.coverage import Window, days_covered  # noqa: PLC0415
    from fhir_adapter.inputs import chart_of_inputs  # noqa: PLC0415

    return days_covered(
        chart_of_inputs(paths, patient),
        Window(as_of=as_of, start=window[0], end=window[1]),
        drug=drug,
        drug_class=drug_class,
        policy=policy,
        source=source,
    )


def open_case(
    record: "PatientRecord",
    *,
    ruleset: Ruleset | None = None,
    assertions: Sequence[Assertion] = (),
) -> "Case":
    """A record ready to be asked about."""
    chosen = ruleset or load_ruleset("source_text")
    from assistant.answering.case import Case  # noqa: PLC0415

    return Case(
        treatment=record.treatment,
        chart=Chart(record),
        assess=partial(_assess, chosen),
        assertions=tuple(assertions),
    )


def _assess(
    ruleset: Ruleset, record: Any, day: date, assertions: tuple[Assertion, ...]
) -> StagingReport:
    return stage(record, as_of=day, ruleset=ruleset, assertions=assertions)


def open_knowledge() -> "KnowledgePort":
    """The knowledge of this machine; :class:`NoKnowledge` where it cannot be opened."""
    from assistant.answering.ports import NoKnowledge  # noqa: PLC0415
    from knowledge.base import open_knowledge as open_base  # noqa: PLC0415

    try:
        return open_base()
    except OSError:
        return NoKnowledge()


def search_knowledge(
    query: str,
    k: int,
    *,
    topic: str | None = None,
    source_id: str | None = None,
    progress: "Progress | None" = None,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The rows of a search of the knowledge, and what has to be said beside them."""
    from knowledge.base import open_knowledge as open_base  # noqa: PLC0415
    from knowledge.rows import notes_of, rows_of  # noqa: PLC0415

    base = open_base(progress=progress)
    if unknown := base.unknown_filters(topic=topic, source_id=source_id):
        return [], unknown
    findings = base.find(query, k, topic=topic, source_id=source_id)
    return rows_of(findings), notes_of(findings, base.health())


def add_documents(
    paths: Sequence[Path], *, progress: "Progress | None" = None
) -> "tuple[list[AddedDocument], list[str]]":
    """The documents added to the knowledge, and why the others were refused."""
    from knowledge.library import add  # noqa: PLC0415

    return add(paths, progress=progress)


def remove_document(source_id: str, *, progress: "Progress | None" = None) -> str | None:
    """Take an added document out of the knowledge; what is wrong if there is none."""
    from knowledge.library import remove  # noqa: PLC0415
    from knowledge.passages import KnowledgeError  # noqa: PLC0415

    try:
        remove(source_id, progress=progress)
    except KnowledgeError as error:
        return str(error)
    return None


def knowledge_sources() -> list[dict[str, Any]]:
    """Every source of the knowledge with its number of passages."""
    from knowledge.library import sources  # noqa: PLC0415

    return sources()


def export_reader() -> "ExportReader":
    """How the exports of a cohort are read."""
    from assistant.cohort.ports import ExportReader  # noqa: PLC0415
    from fhir_adapter.chart import PATIENT_TYPES  # noqa: PLC0415
    from fhir_adapter.export import assemble, files, rows, scan  # noqa: PLC0415

    return ExportReader(
        find=files.find,
        survey=files.survey,
        scan=scan.scan,
        patients=assemble.patients,
        assemble=assemble.assemble,
        row_schema=rows.row_schema,
        issue_schema=rows.issue_schema,
        patient_types=PATIENT_TYPES,
    )


def stage_cohort(asked: "Cohort", step: "Step") -> dict[str, Any]:
    """Every patient of an export, staged; the manifest of the run."""
    from assistant.cohort.run import run  # noqa: PLC0415
    from fhir_adapter.inputs import is_server  # noqa: PLC0415

    local = [_fetched(given, asked, step) if is_server(given) else given for given in asked.inputs]
    return run(replace(asked, inputs=tuple(local)), export_reader(), step)


def _fetched(address: str, asked: "Cohort", step: "Step") -> str:
    """The folder that a server's export was fetched into; it goes when the run is done."""
    from assistant.cohort.work import Work  # noqa: PLC0415
    from fhir_adapter.export import bulk  # noqa: PLC0415

    folder = Work(asked.out).for_export(bulk.folder_name(address))
    bulk.fetch(address, folder, bulk.BulkSettings.from_environment(), step)
    return str(folder)


class FhirReader:
    """Reads uploaded Bundles for the service; adapter errors become the service's own."""

    def read(self, data: bytes, *, patient: str | None = None) -> "PatientRecord":
        """Read one patient's record."""
        from assistant.service.errors import AmbiguousPatientError, UnreadableRecordError  # noqa: PLC0415
        from fhir_adapter.errors import (  # noqa: PLC0415
            AdapterError,
            PatientNotFound,
            SeveralPatients,
        )
        from fhir_adapter.read import read_bundle  # noqa: PLC0415

        try:
            return read_bundle(data, patient=patient)
        except (SeveralPatients, PatientNotFound) as error:
            raise AmbiguousPatientError(error.message) from None
        except AdapterError as error:
            raise UnreadableRecordError(error.message) from None

    def element(self, resource: Mapping[str, Any], path: str) -> object:
        """The element at ``path``."""
        from assistant.service.errors import UnknownEvidenceError  # noqa: PLC0415
        from fhir_adapter.paths import element_at  # noqa: PLC0415

        try:
            return element_at(dict(resource), path)
        except KeyError:
            raise UnknownEvidenceError from None

    def report_bundle(self, report: StagingReport, **how: Any) -> dict[str, Any]:
        """The report as a FHIR Bundle."""
        return report_as_fhir(report, **how)

    def chart(self, record: "PatientRecord") -> Chart:
        """The record as answering reads it."""
        return Chart(record)


def build_service(settings: "Settings") -> "AssistantService":
    """The service with the real adapters; the knowledge base opens in the background."""
    from assistant.audit import FileAuditTrail  # noqa: PLC0415
    from assistant.logs import log  # noqa: PLC0415
    from assistant.model_settings import model_settings, open_configured_model  # noqa: PLC0415
    from assistant.service.knowledge_access import KnowledgeAccess  # noqa: PLC0415
    from assistant.service.service import AssistantService  # noqa: PLC0415
    from knowledge.live import LiveKnowledge  # noqa: PLC0415

    chosen = model_settings(settings.model)
    return AssistantService(
        settings=settings,
        model=open_configured_model(chosen) if chosen else None,
        reader=FhirReader(),
        knowledge=KnowledgeAccess(LiveKnowledge),
        audit=FileAuditTrail(
            settings.audit_path,
            observer=settings.origin,
            on_failure=lambda error: log("audit_failed", error=type(error).__name__),
        ),
        today=date.today,
        now=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
    )


class CdsRecords:
    """Reads the records of CDS Hooks calls; adapter errors become a failed precondition."""

    def read(self, bundle: dict[str, Any], *, patient: str) -> TreatmentRecord:
        """The facts of ``patient`` in a Bundle."""
        from assistant.cds_hooks.hooks import RecordUnavailableError  # noqa: PLC0415
        from fhir_adapter.errors import AdapterError  # noqa: PLC0415
        from fhir_adapter.read import read_bundle  # noqa: PLC0415

        try:
            return read_bundle(bundle, patient=patient).treatment
        except AdapterError as error:
            raise RecordUnavailableError(error.message) from None

    async def fetch(self, server: "FhirAccess") -> TreatmentRecord:
        """The facts of a patient off a FHIR server."""
        from assistant.cds_hooks.hooks import RecordUnavailableError  # noqa: PLC0415
        from fhir_adapter.errors import AdapterError  # noqa: PLC0415
        from fhir_adapter.read_server import read_server  # noqa: PLC0415
        from fhir_adapter.server import ReadSettings  # noqa: PLC0415

        settings = ReadSettings(
            total_seconds=_CDS_SECONDS,
            request_seconds=_CDS_SECONDS,
            attempts=1,
            certificates=server.certificates,
        )
        try:
            record = await read_server(
                server.base,
                server.patient,
                token=server.token,
                scope=server.scope,
                settings=settings,
            )
        except AdapterError as error:
            raise RecordUnavailableError(error.message) from None
        return record.treatment


def build_cds_hooks(service: "AssistantService") -> "CdsHooks | None":
    """The CDS Hooks services; None where no client is configured."""
    from assistant.cds_hooks.feedback import FeedbackFile  # noqa: PLC0415
    from assistant.cds_hooks.hooks import CdsHooks  # noqa: PLC0415
    from assistant.cds_hooks.keys import ConfiguredKeys  # noqa: PLC0415
    from assistant.cds_hooks.tokens import TokenVerifier  # noqa: PLC0415

    settings = service.settings
    if not settings.cds_clients:
        return None
    return CdsHooks(
        verifier=TokenVerifier(settings.cds_clients, ConfiguredKeys()),
        records=CdsRecords(),
        audit=service.audit,
        feedback=FeedbackFile(settings.audit_path.with_name("cds_feedback.jsonl")),
        ruleset=partial(service.ruleset, None),
        today=date.today,
        public_url=settings.origin,
    )


class EhrRecords:
    """Reads records off the FHIR servers of launches."""

    def __init__(self, limits: "ReadLimits | None" = None) -> None:
        self._limits = {} if limits is None else limits.model_dump()

    @property
    def types(self) -> tuple[str, ...]:
        """The resource types a launch asks for."""
        from fhir_adapter.server.outcomes import search_table  # noqa: PLC0415

        searches = search_table()["search"]
        current = [entry["type"] for entry in searches if "only_versions" not in entry]
        return ("Patient", *current, "Medication")

    async def read(
        self, ehr: "Ehr", patient: str, *, tokens: "TokenSource", scope: str | None
    ) -> "PatientRecord":
        """The record of ``patient``; ``scope`` is what was granted."""
        from assistant.service.errors import UnreadableRecordError  # noqa: PLC0415
        from fhir_adapter.errors import AdapterError  # noqa: PLC0415
        from fhir_adapter.read_server import read_server  # noqa: PLC0415
        from fhir_adapter.server import ReadSettings  # noqa: PLC0415

        settings = ReadSettings(
            **self._limits,
            certificates=ehr.certificates,
            page_hosts=frozenset(ehr.page_hosts),
            site_parameters=ehr.site_parameters,
        )
        try:
            return await read_server(
                ehr.fhir_base, patient, token=tokens, scope=scope, settings=settings
            )
        except AdapterError as error:
            raise UnreadableRecordError(error.message) from None

    async def write(
        self, ehr: "Ehr", bundle: dict[str, Any], *, tokens: "TokenSource"
    ) -> tuple[str, ...]:
        """Post a transaction; ``Type/id`` of what is kept now."""
        from assistant.service.errors import WriteBackFailedError  # noqa: PLC0415
        from fhir_adapter.errors import AdapterError  # noqa: PLC0415
        from fhir_adapter.server.write import post_transaction  # noqa: PLC0415

        try:
            return await post_transaction(
                ehr.fhir_base, bundle, tokens=tokens, certificates=ehr.certificates
            )
        except AdapterError as error:
            raise WriteBackFailedError(error.message) from None


def build_access(service: "AssistantService") -> "Access":
    """The sessions and launches of a service.

    Raises:
        ConfigError: its settings or the keys in the environment cannot be used.
    """
    from assistant.config import ConfigError  # noqa: PLC0415
    from assistant.launch import site  # noqa: PLC0415

    try:
        return site.build_access(
            service, _site_settings(service.settings), EhrRecords(service.settings.read)
        )
    except site.SiteError as error:
        raise ConfigError(str(error)) from None


def kept_feedback(settings: "Settings") -> list[dict[str, Any]]:
    """Every rating of an answer that the service's database holds, oldest first.

    Raises:
        ConfigError: the database or the keys in the environment cannot be used.
    """
    from assistant.config import ConfigError  # noqa: PLC0415
    from assistant.launch import site  # noqa: PLC0415

    try:
        return site.open_store(_site_settings(settings)).conversations.feedback()
    except site.SiteError as error:
        raise ConfigError(str(error)) from None


def _site_settings(settings: "Settings") -> "SiteSettings":
    from assistant.config import data_folder  # noqa: PLC0415
    from assistant.launch.site import SiteSettings  # noqa: PLC0415
    from assistant.sessions import Lifetimes  # noqa: PLC0415

    return SiteSettings(
        ehrs=settings.ehrs,
        public_url=settings.public_url,
        database=settings.database,
        data_folder=str(data_folder()),
        lifetimes=Lifetimes(
            idle=timedelta(minutes=settings.idle_minutes).total_seconds(),
            absolute=timedelta(hours=settings.session_hours).total_seconds(),
        ),
    )


def page_script() -> Path:
    """The Streamlit script of the page."""
    return Path(str(files("ui").joinpath("app.py")))
