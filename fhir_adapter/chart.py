"""One patient's part of what the inputs hold, with its references resolved."""

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from fhir_adapter.entries import NOTHING_LEFT_OUT, Entry, Gathered, LeftOut
from fhir_adapter.errors import PatientNotFound, SeveralPatients, UnreadableInput
from fhir_adapter.issues import IssueLog
from fhir_adapter.node import Node

SUBJECT_ELEMENTS = ("subject", "patient")
PATIENT_TYPES = frozenset(
    (
        "AdverseEvent",
        "AllergyIntolerance",
        "Condition",
        "MedicationAdministration",
        "MedicationDispense",
        "MedicationOrder",
        "MedicationRequest",
        "MedicationStatement",
        "MedicationUsage",
        "Observation",
        "Procedure",
        "QuestionnaireResponse",
    )
)
"""What we read of a patient: such a resource must say whose it is."""


class Chart:
    """The resources of one patient, and the shared ones they point to."""

    def __init__(
        self,
        patient: Entry,
        entries: list[Entry],
        log: IssueLog,
        left_out: LeftOut = NOTHING_LEFT_OUT,
    ) -> None:
        self.patient = patient
        self.entries = entries
        self.log = log
        self.left_out = left_out
        self._by_url: dict[str, Entry] | None = None

    def node(self, entry: Entry) -> Node:
        """A cursor at the root of a resource."""
        return Node(entry.resource, "", entry.key, self.log)

    def of_type(self, *kinds: str) -> list[Entry]:
        """This patient's resources of these types, in the order met."""
        return [entry for entry in self.entries if entry.resource["resourceType"] in kinds]

    def target(self, reference: Node, container: Node) -> Node | None:
        """The resource a Reference points to: contained, by URL, by ``Type/id``; None if absent."""
        text = reference.text_at("reference") if isinstance(reference.value, dict) else None
        if text is None:
            return None
        if text.startswith("#"):
            return _contained(text[1:], container)
        entry = self._find(text)
        return self.node(entry) if entry else self._stand_in(local(text))

    def _stand_in(self, key: str) -> Node | None:
        """A resource that was left out: it is there, and nothing it says is read."""
        if not self.left_out.count or key not in self.left_out.keys:
            return None
        kind, _, identifier = key.partition("/")
        return Node({"resourceType": kind, "id": identifier}, "", key, IssueLog())

    def _find(self, reference: str) -> Entry | None:
        if self._by_url is None:
            self._by_url = {}
            for entry in self.entries:
                self._by_url.setdefault(entry.key, entry)
                if entry.full_url:
                    self._by_url.setdefault(entry.full_url, entry)
        return self._by_url.get(reference) or self._by_url.get(local(reference))


def _contained(identifier: str, container: Node) -> Node | None:
    for resource in container.each("contained"):
        if isinstance(resource.value, dict) and resource.value.get("id") == identifier:
            return resource
    return None


def local(reference: str) -> str:
    """``Type/id`` of a relative or absolute reference, its version left out."""
    path = reference.partition("://")[2].partition("/")[2] if "://" in reference else reference
    path = path.partition("?")[0]
    parts = [part for part in path.split("/_history/")[0].split("/") if part]
    return "/".join(parts[-2:]) if reference[:4] != "urn:" else reference


def chart_of(gathered: Gathered, patient: str | None) -> Chart:
    """The chart of the chosen patient, or of the only one there is.

    Raises:
        PatientNotFound: ``patient`` is nobody here.
        SeveralPatients: several are here and none is chosen.
        UnreadableInput: nothing here belongs to a patient.
    """
    entries = _newest(gathered.entries, gathered.log)
    patients = [entry for entry in entries if entry.resource["resourceType"] == "Patient"]
    chosen = _choose(patients, patient) if patients else _subject_as_patient(entries, patient)
    others = [entry for entry in patients if entry is not chosen]
    kept = _own(entries, chosen, others, gathered, chosen_by_name=patient is not None)
    return Chart(chosen, kept, gathered.log, gathered.left_out)


def _newest(entries: list[Entry], log: IssueLog) -> list[Entry]:
    """One entry a resource: the newest of several versions."""
    kept: dict[str, Entry] = {}
    for index, entry in enumerate(entries):
        key = entry.key if "/" in entry.key else f"#{index}"
        known = kept.get(key)
        if known is None:
            kept[key] = entry
        elif known.resource != entry.resource:
            log.warning(entry.key, "", "met in different versions: the one updated last is read")
            if _updated(entry) > _updated(known):
                kept[key] = entry
        elif known.full_url is None:
            kept[key] = known._replace(full_url=entry.full_url)
    return list(kept.values())


def _updated(entry: Entry) -> str:
    meta = entry.resource.get("meta")
    updated = meta.get("lastUpdated") if isinstance(meta, dict) else None
    return updated if isinstance(updated, str) else ""


def _choose(patients: list[Entry], wanted: str | None) -> Entry:
    if wanted is None:
        if len(patients) > 1:
            raise SeveralPatients(
                f"The input holds {len(patients)} patients: choose one with --patient "
                "(its id, or the value of one of its identifiers)."
            )
        return patients[0]
    found = [entry for entry in patients if _is_called(entry, wanted)]
    if not found:
        raise PatientNotFound(
            f"None of the {len(patients)} patients in the input has the id or identifier given "
            "with --patient."
        )
    if len(found) > 1:
        raise SeveralPatients(
            f"{len(found)} patients in the input carry the identifier given with --patient: "
            "choose one by its id."
        )
    return found[0]


def _is_called(entry: Entry, wanted: str) -> bool:
    if wanted in (entry.key, entry.full_url, entry.resource.get("id")):
        return True
    identifiers = entry.resource.get("identifier")
    return isinstance(identifiers, list) and any(
        isinstance(identifier, dict) and identifier.get("value") == wanted
        for identifier in identifiers
    )


def _subject_as_patient(entries: list[Entry], wanted: str | None) -> Entry:
    """The patient that the resources share, where none of them is a Patient."""
    named = [
        (_whose(entry, reference), reference)
        for entry in entries
        for reference in [subject_of(entry)]
        if reference is not None and _is_patient_reference(reference)
    ]
    if not named:
        raise UnreadableInput(
            "The input is FHIR, but no resource of a patient is in it: expected a Patient, or "
            "resources that name one as subject."
        )
    if wanted is not None:
        named = [one for one in named if wanted in _short_names(*one)]
        if not named:
            raise PatientNotFound("No resource in the input is about the patient given.")
    count = max(len({whose for whose, _ in named}), len(_hosts(one for _, one in named)))
    if count > 1:
        raise SeveralPatients(
            f"The resources are about {count} patients and no Patient resource is in the "
            "input: choose one with --patient."
        )
    whose, reference = named[0]
    return Entry(resource={"resourceType": "Patient"}, key=local(reference), full_url=whose)


def _short_names(whose: str, reference: str) -> tuple[str, ...]:
    return reference, whose, whose.removeprefix("Patient/"), reference.removeprefix("#")


def _hosts(references: Iterable[str]) -> set[str]:
    return {_host(reference) for reference in references if "://" in reference}


def _is_patient_reference(reference: str) -> bool:
    if reference.startswith(("urn:", "#")):
        return True
    return local(reference).startswith("Patient/")


def subject_of(entry: Entry) -> str | None:
    """The reference a resource names as its patient, as written."""
    for name in SUBJECT_ELEMENTS:
        subject = entry.resource.get(name)
        if isinstance(subject, dict):
            reference = subject.get("reference")
            if isinstance(reference, str) and reference:
                return reference
    return None


def _whose(entry: Entry, reference: str) -> str:
    """Whom a subject reference means, comparable between resources.

    ``#p`` of one resource is not ``#p`` of another: there the contained Patient
    itself tells, by all it says.
    """
    if not reference.startswith("#"):
        return local(reference)
    held = entry.resource.get("contained")
    inside = [
        one
        for one in (held if isinstance(held, list) else [held])
        if isinstance(one, dict) and one.get("id") == reference[1:]
    ]
    told = json.dumps(inside or [entry.key, reference], sort_keys=True, default=str)
    return f"#{sha256(told.encode('utf-8', 'replace')).hexdigest()}"


def _own(
    entries: list[Entry],
    chosen: Entry,
    others: Iterable[Entry],
    gathered: Gathered,
    *,
    chosen_by_name: bool,
) -> list[Entry]:
    """The entries of the chosen patient; a stray one is noted and left out."""
    known_others = {name for other in others for name in _names(other)}
    names = _names(chosen)
    kept = []
    for entry in entries:
        if entry is chosen:
            kept.append(entry)
            continue
        kind = entry.resource["resourceType"]
        reference = subject_of(entry)
        if reference is not None and reference.startswith("#"):
            reference = _whose(entry, reference)
        if kind == "Patient" or (reference is not None and _matches(reference, known_others)):
            gathered.total -= 1
        elif reference is None:
            if kind not in PATIENT_TYPES or _unattributed(entry, chosen, gathered.log):
                kept.append(entry)
        elif _matches(reference, names) and not _elsewhere(reference, chosen):
            kept.append(entry)
        elif chosen_by_name:
            gathered.total -= 1
        else:
            gathered.log.error(
                entry.key, "subject", "names another patient: the resource is ignored"
            )
    return kept


def _names(patient: Entry) -> set[str]:
    names = {patient.key}
    if patient.full_url:
        names.add(patient.full_url)
        if not patient.full_url.startswith("urn:"):
            names.add(local(patient.full_url))
    return names


def _matches(reference: str, names: set[str]) -> bool:
    return reference in names or (bool(names) and local(reference) in names)


def _elsewhere(reference: str, patient: Entry) -> bool:
    """Whether an absolute reference names a server other than the patient's own."""
    if "://" not in reference or not patient.full_url or "://" not in patient.full_url:
        return False
    return _host(reference) != _host(patient.full_url)


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


def _unattributed(entry: Entry, patient: Entry, log: IssueLog) -> bool:
    """Whether to keep a resource that names no patient by reference."""
    subject: Any = None
    for name in SUBJECT_ELEMENTS:
        subject = entry.resource.get(name) if subject is None else subject
    if subject is None:
        log.warning(entry.key, "subject", "names no patient: read as this patient's")
        return True
    identifier = subject.get("identifier") if isinstance(subject, dict) else None
    value = identifier.get("value") if isinstance(identifier, dict) else None
    if isinstance(value, str) and _is_called(patient, value):
        return True
    log.error(
        entry.key, "subject", "names its patient without a reference: the resource is ignored"
    )
    return False
