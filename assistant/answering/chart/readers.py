"""Each resource type read as an entry of the chart."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from assistant.answering.chart.entries import (
    Entry,
    Measured,
    Moment,
    Named,
    dig,
    first_named,
    moment,
    named_in,
    quantity,
)

Resources = Mapping[str, dict[str, Any]]

_ICU = re.compile(r"intensive care|\bicu\b|\b[a-z]{1,4}icu\b|\bccu\b|coronary care", re.IGNORECASE)
_EMERGENCY = re.compile(r"\bemergency (?:department|room|visit)", re.IGNORECASE)
_MICRO = re.compile(r"microbiolog|culture|gram stain", re.IGNORECASE)
_STAY_CLASSES = frozenset({"IMP", "ACUTE", "NONAC", "OBSENC", "SS", "inpatient"})
_ROUTINE = re.compile(r"^triage\b|\bvital signs\b", re.IGNORECASE)
"""Assessments that a record files as procedures and no reader calls one."""
_VOID = frozenset({"entered-in-error", "cancelled", "draft", "not-done", "nullified"})
_ABNORMAL = frozenset({"A", "AA", "H", "HH", "L", "LL", "HU", "LU", "POS", "R", "abnormal"})


def local(reference: object) -> str:
    """``Type/id`` of a reference, relative or absolute."""
    text = reference.get("reference") if isinstance(reference, dict) else None
    if not isinstance(text, str) or text.startswith(("#", "urn:")):
        return text if isinstance(text, str) else ""
    return "/".join(text.split("/_history/")[0].split("/")[-2:])


def entries_of(resources: Resources) -> Iterator[Entry]:
    """Every entry of the chart that a question can be asked about."""
    for reference, resource in resources.items():
        kind = resource.get("resourceType")
        reader = _READERS.get(kind) if isinstance(kind, str) else None
        if reader is None or resource.get("status") in _VOID or _retracted(resource):
            continue
        yield from reader(reference, resource, resources)


def _anchor(resource: dict[str, Any], names: tuple[Named, ...]) -> str:
    """The element that stands for an entry: its name, else what every entry has."""
    if names:
        return names[0].element
    return next(
        (key for key in ("status", "subject", "patient") if key in resource), "resourceType"
    )


def _retracted(resource: dict[str, Any]) -> bool:
    if resource.get("doNotPerform") is True:
        return True
    code = dig(resource, "verificationStatus", "coding", 0, "code")
    return code in ("entered-in-error", "refuted")


def _first_moment(resource: dict[str, Any], *paths: str) -> Moment | None:
    for path in paths:
        found = moment(dig(resource, *path.split(".")), path)
        if found is not None:
            return found
    return None


def _links(resource: dict[str, Any], *names: str) -> tuple[str, ...]:
    found = []
    for name in names:
        value = resource.get(name)
        for item in value if isinstance(value, list) else [value]:
            if link := local(item):
                found.append(link)  # noqa: PERF401 - the walrus reads better in a loop
    return tuple(found)


def _encounter_moment(
    resource: dict[str, Any], resources: Resources, *, end: bool = False
) -> Moment | None:
    for name in ("encounter", "context"):
        reference = local(resource.get(name))
        encounter = resources.get(reference)
        if encounter is not None:
            key = "end" if end else "start"
            return moment(dig(encounter, "period", key), f"period.{key}", reference)
    return None


_DRUG_ELEMENTS = ("medicationCodeableConcept", "medicationReference", "medication")


def _drug_names(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Named]:
    del reference
    for element in _DRUG_ELEMENTS:
        value = resource.get(element)
        if not isinstance(value, dict):
            continue
        yield from named_in(value, element)
        pointed = value.get("reference")
        if isinstance(pointed, dict):
            pointed = pointed.get("reference")
        target = _target(pointed, resource, resources)
        if target is not None:
            yield from (
                Named(text=named.text, element=element, is_code=named.is_code)
                for named in _medication_names(target)
            )
        display = value.get("display")
        if isinstance(display, str):
            yield Named(text=display, element=f"{element}.display")


def _target(
    reference: object, resource: dict[str, Any], resources: Resources
) -> dict[str, Any] | None:
    if not isinstance(reference, str):
        return None
    if reference.startswith("#"):
        for item in resource.get("contained") or ():
            if isinstance(item, dict) and item.get("id") == reference[1:]:
                return item
        return None
    return resources.get(local({"reference": reference}) or reference)


def _medication_names(medication: dict[str, Any]) -> Iterator[Named]:
    identifiers = medication.get("identifier")
    listed = identifiers if isinstance(identifiers, list) else []
    for item in listed:
        if isinstance(item, dict) and isinstance(item.get("value"), str):
            system = str(item.get("system") or "")
            is_name = system.endswith("name") or not re.search(r"(?:ndc|-cd|code|gsn)$", system)
            if is_name:
                yield Named(text=item["value"], element="identifier")
    yield from named_in(medication.get("code"), "code")
    for item in listed:
        if isinstance(item, dict) and isinstance(item.get("value"), str):
            yield Named(text=item["value"], element="identifier", is_code=True)


def _dosage(resource: dict[str, Any]) -> tuple[str, Any]:
    for element in ("dosageInstruction", "dosage"):
        value = resource.get(element)
        if isinstance(value, list) and value and isinstance(value[0], dict):
            return f"{element}[0]", value[0]
        if isinstance(value, dict):
            return element, value
    return "", {}


def _dose(resource: dict[str, Any]) -> Measured | None:
    element, dosage = _dosage(resource)
    if "dose" in dosage:
        return quantity(dosage["dose"], f"{element}.dose")
    found = quantity(
        dig(dosage, "doseAndRate", 0, "doseQuantity"), f"{element}.doseAndRate[0].doseQuantity"
    )
    if found is not None:
        return found
    return quantity(dig(dosage, "doseQuantity"), f"{element}.doseQuantity")


_DAYS = {"h": 1 / 24, "d": 1, "wk": 7}
_DAILY_CODES = {"QD": 1, "BID": 2, "TID": 3, "QID": 4, "AM": 1, "PM": 1, "QAM": 1, "QHS": 1}


def _doses_a_day(resource: dict[str, Any]) -> float | None:
    """Doses a day by the structured timing; None where it does not say, or as needed."""
    _, dosage = _dosage(resource)
    if dosage.get("asNeededBoolean") is True or "asNeededCodeableConcept" in dosage:
        return None
    repeat = dig(dosage, "timing", "repeat") or {}
    times, period = repeat.get("frequency"), repeat.get("period")
    days = _DAYS.get(str(repeat.get("periodUnit")))
    if isinstance(times, int | float) and isinstance(period, int | float) and days and period > 0:
        return float(times) / (period * days)
    named = first_named(dig(dosage, "timing", "code"), "code")
    return _DAILY_CODES.get(named.text.upper()) if named is not None else None


def _route(resource: dict[str, Any]) -> Named | None:
    element, dosage = _dosage(resource)
    return first_named(dosage.get("route"), f"{element}.route") if dosage else None


_DRUG_TIMES = {
    "prescription": ("authoredOn", "dispenseRequest.validityPeriod.start"),
    "dispense": ("whenHandedOver", "whenPrepared"),
    "administration": (
        "effectiveDateTime", "effectivePeriod.start", "occurenceDateTime", "occurencePeriod.start",
        "occurrenceDateTime",
    ),
    "home_medicine": (
        "effectiveDateTime", "effectivePeriod.start", "dateAsserted",
    ),
}  # fmt: skip
_DRUG_ENDS = {
    "administration": ("effectivePeriod.end",),
    "home_medicine": ("effectivePeriod.end",),
}


def _drug_entry(kind: str, *also: str) -> "Reader":
    def read(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
        names = tuple(_drug_names(reference, resource, resources))
        start = _first_moment(resource, *_DRUG_TIMES[kind]) or _dosage_moment(resource, "start")
        end = _first_moment(resource, *_DRUG_ENDS.get(kind, ())) or _dosage_moment(resource, "end")
        kinds = {kind, "medication", *also}
        yield Entry(
            kind=kind,
            reference=reference,
            element=_anchor(resource, names),
            names=names,
            kinds=frozenset(kinds),
            start=start or _encounter_moment(resource, resources),
            end=end,
            dose=_dose(resource),
            doses_a_day=_doses_a_day(resource),
            route=_route(resource),
            reasons=tuple(_reasons(resource, resources)),
            status=str(resource.get("status") or ""),
            links=_links(resource, "encounter", "context"),
        )

    return read


def _reasons(resource: dict[str, Any], resources: Resources) -> Iterator[Named]:
    """What a medicine was given for: coded, or the condition that is pointed at."""
    for element in ("reasonCode", "reason", "reasonReference"):
        listed = resource.get(element)
        for place, item in enumerate(listed if isinstance(listed, list) else []):
            yield from named_in(item, f"{element}[{place}]")
            pointed = item.get("reference") if isinstance(item, dict) else None
            condition = resources.get(local(pointed if isinstance(pointed, dict) else item))
            for named in named_in((condition or {}).get("code"), "code"):
                yield Named(text=named.text, element=f"{element}[{place}]", is_code=named.is_code)


def _dosage_moment(resource: dict[str, Any], key: str) -> Moment | None:
    element, dosage = _dosage(resource)
    path = f"{element}.timing.repeat.boundsPeriod.{key}"
    return moment(dig(dosage, "timing", "repeat", "boundsPeriod", key), path)


def _condition(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    names = tuple(named_in(resource.get("code"), "code"))
    yield Entry(
        kind="diagnosis",
        reference=reference,
        element=_anchor(resource, names),
        names=names,
        kinds=frozenset({"diagnosis"}),
        start=_first_moment(resource, "onsetDateTime", "onsetPeriod.start", "recordedDate")
        or _encounter_moment(resource, resources),
        end=_first_moment(resource, "abatementDateTime", "abatementPeriod.end"),
        status=str(dig(resource, "clinicalStatus", "coding", 0, "code") or ""),
        links=_links(resource, "encounter"),
    )


def _procedure(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    names = tuple(named_in(resource.get("code"), "code"))
    routine = any(_ROUTINE.search(name.text) for name in names)
    yield Entry(
        kind="procedure",
        reference=reference,
        element=_anchor(resource, names),
        names=names,
        kinds=frozenset({"routine_assessment"} if routine else {"procedure"}),
        start=_first_moment(
            resource, "performedDateTime", "performedPeriod.start",
            "occurrenceDateTime", "occurrencePeriod.start",
        )
        or _encounter_moment(resource, resources),
        end=_first_moment(resource, "performedPeriod.end", "occurrencePeriod.end"),
        status=str(resource.get("status") or ""),
        links=_links(resource, "encounter"),
    )  # fmt: skip


def _encounter(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    start = _first_moment(resource, "period.start", "actualPeriod.start")
    end = _first_moment(resource, "period.end", "actualPeriod.end")
    units = list(_care_units(reference, resource, resources))
    kinds = _encounter_kinds(resource, [unit.names[0].text for unit in units if unit.names])
    kind_named = first_named(resource.get("type"), "type")
    class_named = first_named(resource.get("class"), "class")
    hospital = "hospitalization" if "hospitalization" in resource else "admission"
    names = tuple(n for n in (kind_named, class_named) if n is not None)
    yield Entry(
        kind="encounter",
        reference=reference,
        element="period" if start is not None else "status",
        names=names,
        kinds=kinds,
        start=start,
        end=end,
        type=kind_named or class_named,
        source=first_named(dig(resource, hospital, "admitSource"), f"{hospital}.admitSource"),
        status=str(resource.get("status") or ""),
        links=_links(resource, "partOf"),
    )
    yield from units


def _encounter_kinds(resource: dict[str, Any], units: list[str]) -> frozenset[str]:
    kinds = {"encounter"}
    code = dig(resource, "class", "code") or dig(resource, "class", 0, "coding", 0, "code")
    part = bool(local(resource.get("partOf")))
    called = first_named(resource.get("type"), "type")
    if called is not None and _EMERGENCY.search(called.text):
        return frozenset(kinds | {"emergency_visit", *(() if part else ("hospital_visit",))})
    if code == "EMER" and (part or not _has_ward(units)):
        return frozenset(kinds | {"emergency_visit"})
    systems = " ".join(
        str(item.get("system") or "")
        for item in resource.get("identifier") or ()
        if isinstance(item, dict)
    )
    if part and (systems.endswith("-icu") or any(_ICU.search(unit) for unit in units)):
        return frozenset(kinds | {"icu_stay"})
    if not part:
        kinds.add("hospital_visit")
        if (
            code in _STAY_CLASSES | {"EMER"}
            or "hospitalization" in resource
            or "admission" in resource
        ):
            kinds.add("admission")
    return frozenset(kinds)


def _has_ward(units: list[str]) -> bool:
    """Whether the stay went on beyond the emergency department."""
    return any("emergency" not in unit.lower() for unit in units)


def _care_units(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    for place, item in enumerate(resource.get("location") or ()):
        element = f"location[{place}]"
        pointed = dig(item, "location")
        target = resources.get(local(pointed)) or {}
        name = target.get("name") or dig(pointed, "display")
        if not isinstance(name, str):
            continue
        yield Entry(
            kind="careunit",
            reference=reference,
            element=f"{element}.location",
            names=(Named(text=name, element=f"{element}.location"),),
            kinds=frozenset({"careunit"}),
            start=moment(dig(item, "period", "start"), f"{element}.period.start"),
            end=moment(dig(item, "period", "end"), f"{element}.period.end"),
        )


def _observation(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    names = tuple(named_in(resource.get("code"), "code"))
    start = _first_moment(
        resource, "effectiveDateTime", "effectivePeriod.start", "effectiveInstant", "issued"
    )
    kinds = frozenset(_observation_kinds(resource, names))
    specimen = resources.get(local(resource.get("specimen"))) or {}
    names = (*names, *_test_names(resource, specimen, kinds, resources))
    value = _value(resource, "") or _pair(resource)
    whole = Entry(
        kind="observation",
        reference=reference,
        element=value.element if value is not None else (_anchor(resource, names)),
        names=names,
        kinds=kinds,
        start=start,
        value=value,
        status=str(resource.get("status") or ""),
        links=_links(resource, "derivedFrom", "hasMember", "specimen", "encounter"),
    )
    yield whole
    for place, part in enumerate(resource.get("component") or ()):
        prefix = f"component[{place}]."
        own = tuple(named_in(dig(part, "code"), f"{prefix}code"))
        inner = _value(part, prefix) if isinstance(part, dict) else None
        if own and inner is not None:
            yield replace(whole, names=own, value=inner, element=inner.element)


def _pair(resource: dict[str, Any]) -> Measured | None:
    """A value of two parts of one unit, as of a blood pressure."""
    listed = resource.get("component")
    parts = [part for part in listed if isinstance(part, dict)] if isinstance(listed, list) else []
    found = [
        quantity(part.get("valueQuantity"), f"component[{place}].valueQuantity")
        for place, part in enumerate(parts)
    ]
    told = [one for one in found if one is not None]
    if len(told) != _PARTS_OF_A_PAIR or len(told) != len(parts) or told[0].unit != told[1].unit:
        return None
    text = "/".join(one.text for one in told)
    return Measured(text=text, unit=told[0].unit, number=None, element="component")


_PARTS_OF_A_PAIR = 2


def _test_names(
    resource: dict[str, Any], specimen: dict[str, Any], kinds: frozenset[str], resources: Resources
) -> Iterator[Named]:
    """The specimen of a test; for an organism, the test it grew in and that test's specimen."""
    fluid = first_named(specimen.get("type"), "specimen")
    if fluid is not None:
        yield Named(text=fluid.text, element="specimen", is_code=True)
    if not kinds & {"organism", "susceptibility"}:
        return
    for link in _links(resource, "derivedFrom"):
        parent = resources.get(link) or {}
        for named in named_in(parent.get("code"), "derivedFrom"):
            yield Named(text=named.text, element="derivedFrom", is_code=True)
        grown_from = resources.get(local(parent.get("specimen"))) or {}
        fluid = first_named(grown_from.get("type"), "derivedFrom")
        if fluid is not None:
            yield Named(text=fluid.text, element="derivedFrom", is_code=True)


def _observation_kinds(resource: dict[str, Any], names: tuple[Named, ...]) -> set[str]:
    kinds = {"observation"}
    systems = " ".join(
        str(coding.get("system") or "")
        for coding in dig(resource, "code", "coding") or ()
        if isinstance(coding, dict)
    ).lower()
    if "organism" in systems:
        return kinds | {"organism"}
    if "antibiotic" in systems or "susceptib" in systems:
        return kinds | {"susceptibility", "measurement"}
    if "microbiolog" in systems or any(_MICRO.search(name.text) for name in names):
        return kinds | {"micro_test"}
    for named in _categories(resource):
        word = named.text.lower()
        if word == "output":
            return kinds | {"output"}
        if "laboratory" in word:
            kinds |= {"lab", "measurement"}
        elif "vital" in word:
            kinds |= {"vital", "measurement"}
    return kinds | {"measurement"}


def _categories(resource: dict[str, Any]) -> Iterator[Named]:
    listed = resource.get("category")
    for item in listed if isinstance(listed, list) else [listed]:
        yield from named_in(item, "category")


def _value(part: dict[str, Any], prefix: str) -> Measured | None:
    abnormal = _abnormal(part)
    found = quantity(part.get("valueQuantity"), f"{prefix}valueQuantity")
    if found is not None:
        return Measured(
            text=found.text,
            unit=found.unit,
            number=found.number,
            element=found.element,
            abnormal=abnormal,
        )
    for key in ("valueString", "valueDateTime", "valueInteger", "valueBoolean"):
        value = part.get(key)
        if isinstance(value, bool):
            return Measured(
                text="yes" if value else "no", unit="", number=None, element=f"{prefix}{key}"
            )
        if isinstance(value, str | int) and str(value).strip():
            text = str(value).strip()
            return Measured(
                text=text,
                unit="",
                number=_number(text),
                element=f"{prefix}{key}",
                abnormal=abnormal,
            )
    coded = first_named(part.get("valueCodeableConcept"), f"{prefix}valueCodeableConcept")
    if coded is None:
        return None
    return Measured(text=coded.text, unit="", number=None, element=coded.element, abnormal=abnormal)


def _number(text: str) -> float | None:
    return float(text) if re.fullmatch(r"-?\d{1,9}(?:\.\d{1,6})?", text) else None


def _abnormal(part: dict[str, Any]) -> bool | None:
    codes = [
        coding.get("code")
        for item in part.get("interpretation") or ()
        for coding in dig(item, "coding") or ()
        if isinstance(coding, dict)
    ]
    if codes:
        return any(code in _ABNORMAL for code in codes)
    number = dig(part, "valueQuantity", "value")
    low = dig(part, "referenceRange", 0, "low", "value")
    high = dig(part, "referenceRange", 0, "high", "value")
    if not isinstance(number, int | float) or (low is None and high is None):
        return None
    return (low is not None and number < low) or (high is not None and number > high)


def _specimen(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
    del resources
    names = tuple(named_in(resource.get("type"), "type"))
    yield Entry(
        kind="specimen",
        reference=reference,
        element=_anchor(resource, names),
        names=names,
        kinds=frozenset({"specimen"}),
        start=_first_moment(
            resource, "collection.collectedDateTime", "collection.collectedPeriod.start",
            "receivedTime",
        ),
    )  # fmt: skip


def _coded(kind: str, code: str, *times: str) -> "Reader":
    def read(reference: str, resource: dict[str, Any], resources: Resources) -> Iterator[Entry]:
        names = tuple(named_in(resource.get(code), code))
        yield Entry(
            kind=kind,
            reference=reference,
            element=_anchor(resource, names),
            names=names,
            kinds=frozenset({kind}),
            start=_first_moment(resource, *times) or _encounter_moment(resource, resources),
            status=str(resource.get("status") or ""),
        )

    return read


Reader = Callable[[str, dict[str, Any], Resources], Iterator[Entry]]

_READERS: dict[str, Reader] = {
    "MedicationRequest": _drug_entry("prescription"),
    "MedicationDispense": _drug_entry("dispense"),
    "MedicationAdministration": _drug_entry("administration", "intake"),
    "MedicationStatement": _drug_entry("home_medicine"),
    "MedicationUsage": _drug_entry("home_medicine"),
    "Condition": _condition,
    "Procedure": _procedure,
    "Encounter": _encounter,
    "Observation": _observation,
    "Specimen": _specimen,
    "AllergyIntolerance": _coded("allergy", "code", "onsetDateTime", "recordedDate"),
    "Immunization": _coded("immunization", "vaccineCode", "occurrenceDateTime", "date"),
    "DiagnosticReport": _coded("report", "code", "effectiveDateTime", "issued"),
    "CarePlan": _coded("care_plan", "category", "period.start", "created"),
    "ServiceRequest": _coded("order", "code", "authoredOn"),
    "AdverseEvent": _coded("adverse_event", "event", "date"),
}
