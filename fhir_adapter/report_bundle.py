"""A staging report as FHIR R4: for the chart, a file, or the EHR's server.

One ClinicalImpression says what was assessed, one Observation a method holds the
stage with its bounds, and one Provenance names the rules and every resource of the
record that was used. In R4 ``Observation.derivedFrom`` takes observations and
questionnaires only; the other resources stand in the impression and the provenance.
"""

import json
import re
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from assistant.staging.report import StagingReport

SYSTEM = "urn:trd-assistant"
_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, SYSTEM)
_METHODS: Mapping[str, tuple[str, str]] = {
    "trd": ("Treatment-resistant depression", "trd."),
    "source_stage": ("Stage of treatment resistance after the source text", "source_stage."),
    "thase_rush": ("Thase-Rush staging of treatment resistance", "thase_rush."),
    "maudsley": ("Maudsley staging method, total", "maudsley."),
    "gsrd": ("GSRD staging of treatment resistance", "gsrd."),
    "european": ("European staging of treatment resistance", "european."),
    "mgh_s": ("Massachusetts General Hospital staging, points", "mgh_s."),
}
_BOUNDS = ("at_least", "working", "at_most")
_DERIVABLE = ("Observation/", "QuestionnaireResponse/")
_REFERENCE = re.compile(r"[A-Z][A-Za-z]{1,63}/[A-Za-z0-9\-.]{1,64}")
_DATA_ABSENT = "http://terminology.hl7.org/CodeSystem/data-absent-reason"
_PARTICIPANT = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"


def report_bundle(
    report: StagingReport,
    *,
    recorded: datetime,
    version: str,
    confirmed_by: str | None = None,
    transaction: bool = False,
) -> dict[str, Any]:
    """The Bundle of ``report``.

    Args:
        report: What was computed.
        recorded: When this Bundle is made; with an offset.
        version: Of the product.
        confirmed_by: ``Practitioner/id`` of the clinician who wants it written.
        transaction: Made to be posted to a server. The same report has the same identifiers
            again; no conditional create is asked for, which not every server knows.
    """
    maker = _Maker(report, recorded.isoformat(timespec="seconds"), version)
    resources = maker.resources(confirmed_by)
    entries = [_entry(url, resource, transaction) for url, resource in resources]
    kind = "transaction" if transaction else "collection"
    bundle: dict[str, Any] = {"resourceType": "Bundle", "type": kind, "entry": entries}
    if not transaction:
        bundle["timestamp"] = maker.recorded
    return bundle


def _entry(url: str, resource: dict[str, Any], transaction: bool) -> dict[str, Any]:
    entry: dict[str, Any] = {"fullUrl": url, "resource": resource}
    if transaction:
        entry["request"] = {"method": "POST", "url": resource["resourceType"]}
    return entry


class _Maker:
    """The resources of one report, each under a name that the same report gives again."""

    def __init__(self, report: StagingReport, recorded: str, version: str) -> None:
        self._report = report
        self._version = version
        self._subject = {"reference": report.patient.reference}
        self._seed = uuid.uuid5(_NAMESPACE, json.dumps(report.to_json(), sort_keys=True))
        self.recorded = recorded

    def resources(self, confirmed_by: str | None) -> list[tuple[str, dict[str, Any]]]:
        """Every resource with its ``fullUrl``."""
        observations = [(self._url(method), self._observation(method)) for method in _METHODS]
        impression = (
            self._url("impression"),
            self._impression([url for url, _ in observations], confirmed_by),
        )
        made = [impression, *observations]
        provenance = self._provenance([url for url, _ in made], confirmed_by)
        return [*made, (self._url("provenance"), provenance)]

    def _name(self, part: str) -> str:
        return str(uuid.uuid5(self._seed, part))

    def _url(self, part: str) -> str:
        return f"urn:uuid:{self._name(part)}"

    def _identifier(self, part: str) -> list[dict[str, str]]:
        return [{"system": f"{SYSTEM}:report", "value": self._name(part)}]

    # One method

    def _observation(self, method: str) -> dict[str, Any]:
        title, rules = _METHODS[method]
        bounds = getattr(self._report.staging, method)
        made = {
            "resourceType": "Observation",
            "identifier": self._identifier(method),
            "status": "final",
            "code": _concept("method", method, title),
            "subject": self._subject,
            "effectiveDateTime": self._report.as_of,
            "issued": self.recorded,
            **_value(bounds.working),
            "component": [
                {"code": _concept("bound", bound), **_value(getattr(bounds, bound))}
                for bound in _BOUNDS
            ],
        }
        note = self._note(method)
        if note:
            made["note"] = [{"text": note}]
        derived = [one for one in self._used(rules) if one.startswith(_DERIVABLE)]
        if derived:
            made["derivedFrom"] = _references(derived)
        return made

    def _note(self, method: str) -> str:
        band = self._report.staging.maudsley.band if method == "maudsley" else None
        said = [f"Band: {band}."] if band else []
        if self._report.assumptions:
            said.append(f"Assumed: {'; '.join(self._report.assumptions)}.")
        return " ".join(said)

    # The whole

    def _impression(self, observations: Sequence[str], confirmed_by: str | None) -> dict[str, Any]:
        report = self._report
        trials = dict.fromkeys(
            place.reference
            for trial in (*report.trials, *report.earlier_trials)
            for place in trial.evidence
        )
        made: dict[str, Any] = {
            "resourceType": "ClinicalImpression",
            "identifier": self._identifier("impression"),
            "status": "completed",
            "code": {"text": "Staging of treatment resistance in depression"},
            "description": "Computed from the record by fixed rules; not a diagnosis and not a "
            "prescription.",
            "subject": self._subject,
            "effectiveDateTime": report.as_of,
            "date": self.recorded,
            "protocol": [f"{SYSTEM}:ruleset:{report.ruleset.name}:{report.ruleset.version}"],
            "summary": self._summary(),
            "finding": [{"itemReference": {"reference": url}} for url in observations],
        }
        if confirmed_by:
            made["assessor"] = {"reference": confirmed_by}
        used = _references(_in_the_record(trials))
        if used:
            made["investigation"] = [{"code": {"text": "Antidepressant trials"}, "item": used}]
        return made

    def _summary(self) -> str:
        report, trd = self._report, self._report.staging.trd
        read = report.completeness
        said = [
            f"Treatment-resistant depression: {_text(trd.working)}.",
            f"At least {_text(trd.at_least)}, at most {_text(trd.at_most)}.",
            f"{read.resources_read} of {read.resources_total} entries of the record were read.",
        ]
        if report.staging_blocked_by:
            said.append("A diagnosis in the record rules out staging.")
        if report.asserted:
            said.append(f"{len(report.asserted)} facts were asserted by the clinician.")
        said += [f"Missing: {fact.question}" for fact in report.missing_facts]
        return " ".join(said)

    def _provenance(self, targets: Sequence[str], confirmed_by: str | None) -> dict[str, Any]:
        assembler: dict[str, Any] = {
            "type": {"coding": [{"system": _PARTICIPANT, "code": "assembler"}]},
            "who": {"display": f"TRD Assistant {self._version}"},
        }
        agents = [assembler]
        if confirmed_by:
            agents.append(
                {
                    "type": {"coding": [{"system": _PARTICIPANT, "code": "verifier"}]},
                    "who": {"reference": confirmed_by},
                }
            )
        made: dict[str, Any] = {
            "resourceType": "Provenance",
            "target": [{"reference": url} for url in targets],
            "recorded": self.recorded,
            "agent": agents,
        }
        entities = [
            {"role": "source", "what": {"reference": reference}} for reference in self._used("")
        ]
        if entities:
            made["entity"] = entities
        return made

    def _used(self, rules: str) -> tuple[str, ...]:
        """The resources that the findings of these rules rest on."""
        return _in_the_record(
            place.reference
            for finding in self._report.findings
            if finding.rule.startswith(rules)
            for place in finding.facts
        )


def _in_the_record(references: Iterable[str]) -> tuple[str, ...]:
    """Each once, without what was asserted or has no id."""
    return tuple(dict.fromkeys(one for one in references if _REFERENCE.fullmatch(one)))


def _references(references: Iterable[str]) -> list[dict[str, str]]:
    return [{"reference": reference} for reference in references]


def _concept(kind: str, code: str, text: str = "") -> dict[str, Any]:
    coding = {"system": f"{SYSTEM}:{kind}", "code": code.replace("_", "-")}
    return {"coding": [coding], "text": text or code.replace("_", " ")}


def _value(value: object) -> dict[str, Any]:
    if value is None:
        coding = {"system": _DATA_ABSENT, "code": "unknown"}
        return {"dataAbsentReason": {"coding": [coding]}}
    if isinstance(value, Decimal | int):
        number = int(value) if value == int(value) else float(value)
        return {"valueQuantity": {"value": number, "unit": "points"}}
    return {"valueString": _text(value)}


def _text(value: object) -> str:
    if value is None:
        return "unknown"
    return str(value.value) if isinstance(value, Enum) else str(value)
