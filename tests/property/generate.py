"""Treatment histories made up from a seed: the domain on which two readings must agree.

``history(Random(seed))`` is one patient. Under hypothesis, ``histories()`` feeds the
same maker, so a failing history shrinks.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from hypothesis import strategies as st

from assistant.staging.dates import PartialDate
from assistant.staging.doses import Dose
from assistant.staging.record import (
    Diagnosis,
    EndBasis,
    Evidence,
    Exposure,
    ExposureSource,
    ExposureStatus,
    Person,
    Score,
    StopReason,
    TreatmentRecord,
    TreatmentSession,
)
from assistant.staging.verdicts import Verdict

DOSES: dict[str, tuple[int, ...]] = {
    "sertraline": (25, 50, 100, 200),
    "escitalopram": (5, 10, 20),
    "paroxetine": (10, 20, 40),
    "venlafaxine": (75, 150, 225, 375),
    "duloxetine": (30, 60, 120),
    "bupropion": (150, 300, 450),
    "mirtazapine": (15, 30, 45),
    "trazodone": (50, 150, 300, 400),
    "amitriptyline": (50, 150, 300),
    "nortriptyline": (50, 75, 150),
    "phenelzine": (30, 45, 90),
    "vortioxetine": (5, 10, 20),
}
SCALES = {"HAM-D-17": 52, "MADRS": 60, "PHQ-9": 27}


@dataclass
class History:
    """A generated record and the question put to it."""

    record: TreatmentRecord
    as_of: date
    ruleset: str


@dataclass
class _Maker:
    """What is being made up, piece by piece."""

    rng: Random
    as_of: date
    resistant: bool
    """Made of long trials at full doses that mostly fail: the upper stages."""
    exposures: list[Exposure] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    diagnoses: list[Diagnosis] = field(default_factory=list)
    sessions: list[TreatmentSession] = field(default_factory=list)
    made: int = 0

    def chance(self, percent: int) -> bool:
        return self.rng.randrange(100) < percent

    def evidence(self, kind: str) -> tuple[Evidence, ...]:
        self.made += 1
        return tuple(
            Evidence(reference=f"{kind}/{self.made}", element=element, attribute=element)
            for element in ("code", "drug", "dose", "start", "end", "status")
        )


def history(rng: Random) -> History:
    """One made-up patient."""
    as_of = date(2024, 1, 1) + timedelta(days=rng.randrange(400))
    maker = _Maker(rng, as_of, resistant=rng.randrange(10) < 4)
    first = _periods(maker)
    _scores(maker)
    _diagnoses(maker, first)
    if maker.chance(40 if maker.resistant else 8):
        _ect(maker)
    rulesets = ("source_text",) * 6
    rulesets += ("source_text_strict", "sforzini_2022", "canada_2021", "register")
    ruleset = rng.choice(rulesets)
    if ruleset == "register" and maker.chance(30):
        _rtms(maker)
    record = TreatmentRecord(
        patient=Person(reference="Patient/p"),
        exposures=_shuffled(rng, maker.exposures),
        scores=_shuffled(rng, maker.scores),
        diagnoses=_shuffled(rng, maker.diagnoses),
        sessions=_shuffled(rng, maker.sessions),
    )
    return History(record, maker.as_of, ruleset)


def histories() -> st.SearchStrategy[History]:
    """The same histories, drawn by hypothesis so that a failure shrinks."""
    return st.randoms(use_true_random=False).map(history)


def _shuffled(rng: Random, items: list) -> tuple:
    rng.shuffle(items)
    return tuple(items)


# --- drugs ---------------------------------------------------------------------------------


def _periods(maker: _Maker) -> date:
    """Up to six uses of drugs, backward from the staging date; the first day of all."""
    rng = maker.rng
    lengths, counts = (10, 20, 41, 42, 43, 55, 56, 57, 70, 84, 120, 180), (0, 1, 1, 2, 2, 2, 3, 4)
    if maker.resistant:
        lengths, counts = (42, 56, 57, 70, 84, 120), (2, 3, 3, 4, 5, 6, 6)
    lengths = [rng.choice(lengths) for _ in range(rng.choice(counts))]
    steps = [_step(maker) for _ in lengths]
    start = maker.as_of - timedelta(days=sum(lengths) + sum(steps) + rng.choice((-30, 0, 5, 20)))
    first = start
    for i, (length, step) in enumerate(zip(lengths, steps, strict=True)):
        recent = {e.drug for e in maker.exposures[-12:]}
        drug = rng.choice([d for d in DOSES if d not in recent])
        end = start + timedelta(days=length - 1)
        last_of_all = i == len(lengths) - 1
        _use_of(maker, drug, start, end, last_of_all=last_of_all)
        start = end + timedelta(days=step + 1)
    return first


def _step(maker: _Maker) -> int:
    """Days without drug until the next one; fewer than none is an overlap."""
    if maker.resistant and maker.chance(70):
        return 0
    return maker.rng.choice((0, 0, 0, 1, 3, 7, 14, 30, 91, -1, -7, -14, -27, -28, -29, -35, -60))


def _use_of(maker: _Maker, drug: str, start: date, end: date, *, last_of_all: bool) -> None:
    patterns = [
        _plain,
        _plain,
        _plain,
        _stepped,
        _overlapping_step,
        _interrupted,
        _two_strengths,
        _order_beside,
        _order_against_statement,
        _dispensed,
        _dispensed_only,
    ]
    pattern = _plain if maker.resistant and maker.chance(50) else maker.rng.choice(patterns)
    pattern(maker, drug, start, end, last_of_all)


def _dose(maker: _Maker, drug: str, *, missing: int = 10) -> Dose | None:
    if maker.chance(missing):
        return None
    doses = DOSES[drug][1:] if maker.resistant else DOSES[drug]
    return Dose.exactly(Decimal(maker.rng.choice(doses)))


def _stated(maker: _Maker) -> Verdict | None:
    """What the entry itself says of adherence."""
    if maker.resistant:
        return maker.rng.choice((None, Verdict.MET, Verdict.MET, Verdict.MET))
    return maker.rng.choice((None, Verdict.MET))


def _month(day: date) -> PartialDate:
    return PartialDate.parse(day.isoformat()[:7])


def _entry(
    maker: _Maker,
    drug: str,
    start: date | PartialDate,
    end: date | PartialDate | None,
    dose: Dose | None,
    **extra: object,
) -> Exposure:
    if isinstance(start, date):
        start = PartialDate.of(start)
    if isinstance(end, date):
        end = PartialDate.of(end)
    values: dict = {
        "source": ExposureSource.STATEMENT,
        "status": ExposureStatus.COMPLETED if end else ExposureStatus.ACTIVE,
        "end_basis": EndBasis.STATED if end else EndBasis.OPEN,
    } | extra
    kinds = {
        ExposureSource.STATEMENT: "MedicationStatement",
        ExposureSource.REQUEST: "MedicationRequest",
        ExposureSource.DISPENSE: "MedicationDispense",
    }
    exposure = Exposure(
        drug=drug,
        start=start,
        end=end,
        dose=dose,
        evidence=maker.evidence(kinds[values["source"]]),
        **values,
    )
    maker.exposures.append(exposure)
    return exposure


def _stop(maker: _Maker) -> dict:
    reason = maker.rng.choice(
        (None, None, StopReason.INEFFICACY, StopReason.INTOLERANCE, StopReason.OTHER)
    )
    return {
        "stop_reason": reason,
        "status": ExposureStatus.STOPPED if reason else ExposureStatus.COMPLETED,
    }


def _plain(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    dose = _dose(maker, drug)
    source = maker.rng.choice((ExposureSource.STATEMENT, ExposureSource.REQUEST))
    stated = _stated(maker)
    if maker.chance(10):
        stated = maker.rng.choice((Verdict.NOT_MET, Verdict.UNKNOWN))
    extra: dict = {"source": source, "adherence": stated}
    if last_of_all and maker.chance(50):
        _entry(maker, drug, start, None, dose, **extra)
        return
    if maker.chance(6):
        extra |= {"status": ExposureStatus.STOPPED, "end_basis": EndBasis.UNKNOWN}
        _entry(maker, drug, start, None, dose, **extra)
        return
    begun = _month(start) if maker.chance(12) else start
    ended = _month(end) if maker.chance(12) else end
    if isinstance(begun, PartialDate) and isinstance(ended, PartialDate) and begun == ended:
        ended = end
    _entry(maker, drug, begun, ended, dose, **extra, **_stop(maker))


def _stepped(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """Two or three doses one after the other, the second now and then after a lapse."""
    days = (end - start).days + 1
    cut = start + timedelta(days=maker.rng.randrange(1, days))
    lapse = maker.rng.choice((0, 0, 0, 1, 2))
    stated = _stated(maker)
    _entry(
        maker, drug, start, cut - timedelta(days=1), _dose(maker, drug, missing=4), adherence=stated
    )
    resumed = min(cut + timedelta(days=lapse), end)
    _entry(
        maker, drug, resumed, end, _dose(maker, drug, missing=4), adherence=stated, **_stop(maker)
    )


def _overlapping_step(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """A new strength that begins up to 14 days before the old one's end."""
    days = (end - start).days + 1
    cut = start + timedelta(days=maker.rng.randrange(2, max(3, days - 20)))
    overlap = maker.rng.choice((1, 3, 7, 14))
    old_end = min(cut + timedelta(days=overlap - 1), end - timedelta(days=1))
    stated = _stated(maker)
    _entry(maker, drug, start, old_end, _dose(maker, drug, missing=0), adherence=stated)
    _entry(maker, drug, cut, end, _dose(maker, drug, missing=0), adherence=stated, **_stop(maker))


def _interrupted(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """The same dose before and after a gap."""
    gap = maker.rng.choice((1, 13, 14, 15, 16, 30, 89, 90, 91, 92))
    dose = _dose(maker, drug)
    before = maker.rng.choice((7, 20, 28, 41, 42))
    stated = _stated(maker)
    earlier_end = start - timedelta(days=gap + 1)
    _entry(
        maker, drug, earlier_end - timedelta(days=before - 1), earlier_end, dose, adherence=stated
    )
    _entry(maker, drug, start, end, dose, adherence=stated, **_stop(maker))


def _two_strengths(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """Two strengths begun together, or written on one order."""
    group = maker.rng.choice(("", f"order-{maker.made}"))
    stated = _stated(maker)
    shared: dict = {"source": ExposureSource.REQUEST, "group": group, "adherence": stated}
    second_end = (
        end if maker.chance(70) else start + timedelta(days=max(1, (end - start).days // 2))
    )
    one, two = rng_doses(maker, drug)
    _entry(maker, drug, start, end, one, **shared)
    _entry(maker, drug, start, second_end, two, **shared)


def rng_doses(maker: _Maker, drug: str) -> tuple[Dose | None, Dose | None]:
    """Two strengths that differ: the same one twice on the same days is one entry told twice."""
    one, two = maker.rng.sample(DOSES[drug], 2)
    missing = maker.chance(5)
    return Dose.exactly(Decimal(one)), None if missing else Dose.exactly(Decimal(two))


def _order_beside(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """A statement and an order that say the same."""
    dose = _dose(maker, drug)
    _entry(maker, drug, start, end, dose, adherence=_stated(maker))
    _entry(maker, drug, start, end, dose, source=ExposureSource.REQUEST)


def _order_against_statement(
    maker: _Maker, drug: str, start: date, end: date, last_of_all: bool
) -> None:
    """A stopped statement beside an order that is still active."""
    dose = _dose(maker, drug)
    stated = _stated(maker)
    _entry(maker, drug, start, end, dose, adherence=stated, status=ExposureStatus.STOPPED)
    later = end + timedelta(days=maker.rng.choice((10, 20, 60)))
    ordered_to = None if last_of_all else later
    _entry(
        maker,
        drug,
        start,
        ordered_to,
        dose,
        source=ExposureSource.REQUEST,
        status=ExposureStatus.ACTIVE,
    )


def _fills(maker: _Maker, drug: str, start: date, end: date, dose: Dose | None) -> None:
    day = start
    supply = maker.rng.choice((14, 28, 30))
    while day <= end:
        _entry(
            maker,
            drug,
            day,
            day + timedelta(days=supply - 1),
            dose,
            source=ExposureSource.DISPENSE,
            end_basis=EndBasis.SUPPLY,
        )
        day += timedelta(days=supply + maker.rng.choice((0, 0, 0, -3, -1, 1, 2, 5, 10, 14, 15)))


def _dispensed(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    """A statement with the fills that stand behind it."""
    dose = _dose(maker, drug, missing=4)
    _entry(maker, drug, start, end, dose, **_stop(maker))
    _fills(maker, drug, start, end, dose)


def _dispensed_only(maker: _Maker, drug: str, start: date, end: date, last_of_all: bool) -> None:
    _fills(maker, drug, start, end, _dose(maker, drug, missing=4))


# --- scores, diagnoses, ECT ----------------------------------------------------------------


def _scores(maker: _Maker) -> None:
    rng = maker.rng
    chosen = rng.sample(list(SCALES), 1 if maker.resistant else rng.choice((0, 1, 1, 1, 2)))
    anchors = [day.earliest for e in maker.exposures for day in (e.start, e.end) if day]
    for scale in chosen:
        top = SCALES[scale]
        for anchor in anchors:
            if maker.chance(90 if maker.resistant else 60):
                day = anchor + timedelta(
                    days=rng.choice((-15, -14, -7, -1, 0, 0, 0, 1, 3, 4, 7, 8, 14, 15))
                )
                values = (top // 2, top // 2, top * 45 // 100)
                if not maker.resistant or maker.chance(10):
                    values = (*values, top * 3 // 8, top // 4, top // 6)
                _score(maker, scale, day, rng.choice(values))


def _score(maker: _Maker, scale: str, day: date, value: int) -> None:
    if any(s.scale == scale and s.date.earliest == day for s in maker.scores):
        return
    maker.scores.append(
        Score(
            scale=scale,
            value=Decimal(value),
            date=PartialDate.of(day),
            evidence=maker.evidence("Observation"),
        )
    )


def _diagnoses(maker: _Maker, first: date) -> None:
    rng = maker.rng
    onset_day = first - timedelta(days=rng.choice((150, 170, 300, 365, 366, 500, 731, 800)))
    onset = rng.choice(
        (PartialDate.of(onset_day), PartialDate.of(onset_day), _month(onset_day), None)
    )
    if maker.chance(5):
        maker.diagnoses.append(
            Diagnosis(
                category="nonadherence",
                label="Noncompliance with medication",
                recorded=PartialDate.of(first + timedelta(days=rng.randrange(300))),
                evidence=maker.evidence("Condition"),
            )
        )
    if maker.chance(5):
        return
    maker.diagnoses.append(
        Diagnosis(
            category="depression",
            label="Major depressive disorder",
            onset=onset,
            recorded=PartialDate.of(onset_day),
            severity=rng.choice((None, None, "mild", "moderate", "severe")),
            evidence=maker.evidence("Condition"),
        )
    )
    if maker.chance(4):
        maker.diagnoses.append(
            Diagnosis(
                category="bipolar",
                label="Bipolar II disorder",
                recorded=PartialDate.of(onset_day),
                evidence=maker.evidence("Condition"),
            )
        )


def _rtms(maker: _Maker) -> None:
    first = maker.as_of - timedelta(days=maker.rng.choice((10, 80, 300, 600)))
    for i in range(maker.rng.choice((1, 5))):
        maker.sessions.append(
            TreatmentSession(
                modality="rTMS",
                date=PartialDate.of(first + timedelta(days=3 * i)),
                evidence=maker.evidence("Procedure"),
            )
        )


def _ect(maker: _Maker) -> None:
    rng = maker.rng
    first = maker.as_of - timedelta(days=rng.choice((40, 70, 200)))
    laterality = rng.choice(("bilateral", "bilateral", "unilateral", "unknown"))
    count = rng.choice((3, 5, 6, 8, 12))
    for i in range(count):
        maker.sessions.append(
            TreatmentSession(
                modality="ECT",
                date=PartialDate.of(first + timedelta(days=3 * i)),
                laterality=laterality,
                evidence=maker.evidence("Procedure"),
            )
        )
    last = first + timedelta(days=3 * (count - 1))
    if maker.chance(70):
        _score(maker, "HAM-D-17", first - timedelta(days=rng.choice((0, 14, 15))), 26)
        _score(
            maker,
            "HAM-D-17",
            last + timedelta(days=rng.choice((1, 28, 29))),
            rng.choice((6, 12, 20)),
        )
