"""What is asked more exactly than a part of the report is shown: at week 6, the longest, a level.

Each rule returns a step where the question is of its kind, else None. They come before the parts
of the report, which would answer with something near what was asked.
"""

import re
from dataclasses import replace
from datetime import datetime, time, timedelta

from assistant.answering.called import alike, called_in
from assistant.answering.plan import (
    Aggregate,
    Attribute,
    Explain,
    Knowledge,
    Lookup,
    Step,
    Topic,
    Window,
)
from assistant.answering.vocabulary import drug_words
from assistant.answering.words import Words
from assistant.answering.write.context import Context
from assistant.staging.report import Procedure, Trial

# --- what no chart read here tells --------------------------------------------------------------

_UNTOLD = re.compile(
    r"\b(?:next|upcoming|future) (?:\w+ )?(?:appointments?|visits?|reviews?|follow-?ups?)\b|"
    r"\bappointments?\b.*\b(?:next|booked|due|scheduled|planned)\b|"
    r"\b(?:how many|number of|how much) (?:tablets|capsules|pills|days'? (?:supply|worth))|"
    r"\bdays'? supply\b|\bon day \d+\b"
)
_UNTOLD_OF_A_PROCEDURE = re.compile(
    r"^\W*(?:and )?who (?:did|gave|performed|ordered|prescribed|referred|administered|was)\b|"
    r"^\W*(?:and )?where\b|\ban(?:a)?esthe\w+|\b(?:device|machine|electrodes?|voltage|charge|"
    r"consent|complications?|finish\w*|complet\w*|memory|confus\w+)\b"
)
_ALLOWED = re.compile(
    r"\b(?:can|may|could|must|able to|allowed to)\b.*\b(?:drive|work|eat|drink|fly|travel|go home|"
    r"alone)\b"
)


def untold(words: Words, context: Context) -> Knowledge | None:
    """What this chart is not read for: appointments, counted tablets, who gave the anesthetic."""
    del context
    if words.modalities and _ALLOWED.search(words.lower):
        return Knowledge(query=words.text)
    if _UNTOLD.search(words.lower) or (
        words.modalities and _UNTOLD_OF_A_PROCEDURE.search(words.lower)
    ):
        return Knowledge(query=words.text, of_record=True)
    return None


# --- scores at a point, around a procedure, by their number -------------------------------------

_SCORED = re.compile(r"\bscor(?:e|es|ed)\b")
_HALFWAY = re.compile(r"\b(?:half-?way|mid-?way|mid-?point|(?:in )?the middle)\b")
_AT_WEEK = re.compile(r"\bweek (\d{1,2})\b|\b(\d{1,2}) weeks? (?:in|into)\b")
_AROUND_IT = timedelta(days=7)
_AROUND_HALFWAY = timedelta(days=14)
_SEVERITIES = r"(?:minimal|mild|moderate|severe|very severe)"
_BAND = re.compile(rf"\b{_SEVERITIES} or {_SEVERITIES}\b|\b(?:severity )?(?:band|category)\b")
_SCALE_AS_WRITTEN = re.compile(
    r"\b(?:ham-?d|hdrs|hamd|phq|madrs|bdi|qids|ids)(?:-?(?:sr|c|ii))?(?:-\d+)?\b"
)
_SCORE = re.compile(
    r"(?<![\d.-])(\d{1,2})(?![\d.-]| ?(?:mg|weeks?|days?|months?|years?|items?|points?|%))"
)


def _of_scores(words: Words) -> bool:
    return bool(words.scales) or _SCORED.search(words.lower) is not None


def _explain_scores(words: Words) -> Explain:
    return Explain(topic=Topic.SCORES, subject=words.scales[0] if words.scales else "")


def score_in_a_trial(words: Words, context: Context) -> Explain | None:
    """The score halfway through a trial or at one of its weeks, or those after its end."""
    trials = [t for t in (context.report.trial(i) for i in words.trials) if t is not None]
    if len(trials) != 1 or trials[0].start is None:
        return None
    trial, step = trials[0], _explain_scores(words)
    if words.aggregate is Aggregate.LIST and re.search(r"\bafter\b", words.lower):
        ended = trial.end is not None and _of_scores(words)
        after = trial.end.latest + timedelta(days=1) if trial.end is not None else None
        window = Window(start=datetime.combine(after, time.min)) if after is not None else None
        return replace(step, aggregate=Aggregate.LIST, window=window) if ended else None
    started = re.search(r"\bwhen\b.*\b(?:start\w*|beg[au]n)\b", words.lower)
    if _of_scores(words) and started and not re.match(r"\W*when\b", words.lower):
        return Explain(topic=Topic.TRIAL_OUTCOME, trials=words.trials, subject="baseline")
    if not _of_scores(words) and not re.search(r"\brespon|\bbetter\b|\bimprov", words.lower):
        return None
    at = _point_in(trial, words, context)
    if at is None:
        return None
    near = _AROUND_HALFWAY if _HALFWAY.search(words.lower) else _AROUND_IT
    return replace(step, window=Window(start=at - near, end=at + near))


def _point_in(trial: Trial, words: Words, context: Context) -> datetime | None:
    if trial.start is None:
        return None
    start = datetime.combine(trial.start.earliest, time(12))
    week = _AT_WEEK.search(words.lower)
    if week is not None:
        return start + timedelta(weeks=int(week[1] or week[2]))
    if not _HALFWAY.search(words.lower):
        return None
    last = trial.end.latest if trial.end is not None else context.as_of.day
    return start + (datetime.combine(last, time(12)) - start) / 2


def score_by_its_number(words: Words, context: Context) -> Explain | None:
    """When a score that is named by its number was taken, or how severe it is."""
    del context
    if not words.scales or words.methods or words.trials:
        return None
    number = _SCORE.search(_SCALE_AS_WRITTEN.sub(" ", words.bare))
    if _BAND.search(words.lower):
        return replace(_explain_scores(words), asked="band", claimed=number[1] if number else "")
    if number is None or not re.match(r"\W*(?:and )?when\b", words.lower):
        return None
    return replace(
        _explain_scores(words), asked="when", aggregate=Aggregate.LIST, claimed=number[1]
    )


def extreme_score(words: Words, context: Context) -> Explain | None:
    """When the score was highest or lowest."""
    del context
    extreme = words.aggregate in (Aggregate.HIGHEST, Aggregate.LOWEST)
    if not extreme or not _of_scores(words) or words.trials or words.methods:
        return None
    if not re.match(r"\W*(?:and )?(?:when|on (?:what|which))\b", words.lower):
        return None
    return replace(
        _explain_scores(words), aggregate=words.aggregate, asked="when", window=words.window
    )


_COUNTED = re.compile(r"\b(?:how many|number of)\b.*\b(?:scores?|ratings?|assessments?)\b")
_BETWEEN_SCORES = re.compile(r"\b(?:days|weeks|months|time)\b.*\bbetween\b.*\bscores?\b")
_POINTS = re.compile(r"\bhow many points\b")


def scores_of_a_time(words: Words, context: Context) -> Step | None:
    """The scores of a time or of a trial, and how many points a scale went by over all of it."""
    if words.methods or not _of_scores(words):
        return None
    if _BETWEEN_SCORES.search(words.lower):
        return Knowledge(query=words.text, of_record=True)
    if words.trials and _COUNTED.search(words.lower):
        window = _around(words, context)
        counted = replace(_explain_scores(words), aggregate=Aggregate.COUNT, window=window)
        return counted if window is not None else None
    if words.trials:
        return None
    if _POINTS.search(words.lower) and not re.search(r"\bremission\b|\bstag", words.lower):
        return replace(_explain_scores(words), aggregate=Aggregate.TREND, window=words.window)
    bare = words.window is not None and words.aggregate is None and not words.scales
    if bare and re.match(r"\W*(?:and )?(?:(?:the|her|his|their|any) )?scores?\b", words.lower):
        return replace(_explain_scores(words), aggregate=Aggregate.LIST, window=words.window)
    return None


def _around(words: Words, context: Context) -> Window | None:
    """The time of a trial, or before or after it, as the question says."""
    trial = context.report.trial(words.trials[0]) if len(words.trials) == 1 else None
    if trial is None or trial.start is None:
        return None
    start = datetime.combine(trial.start.earliest, time.min)
    end = datetime.combine(trial.end.latest, time.max) if trial.end is not None else None
    side = re.search(r"\b(before|prior to|after|since)\b", words.lower)
    if side is None:
        return Window(start=start, end=end)
    if side[1] in ("before", "prior to"):
        return Window(end=start - timedelta(microseconds=1))
    return Window(start=end) if end is not None else None


_GOING = re.compile(
    r"\b(?:up or down|better or worse|better|worse|improv\w+|fall\w*|fell|ris\w+)\b"
)


def score_around_a_procedure(words: Words, context: Context) -> Explain | None:
    """The scores before and after a procedure, and how they went since."""
    if len(words.modalities) != 1:
        return None
    since = re.search(r"\b(?:since|after)\b", words.lower)
    if words.lower.find("since") >= 0 and _GOING.search(words.lower):
        ends = [p.end for p in _courses(words, context) if p.end is not None]
        if not ends:
            return None
        window = Window(start=datetime.combine(max(end.latest for end in ends), time.min))
        return replace(_explain_scores(words), aggregate=Aggregate.TREND, window=window)
    before = re.search(r"\bbefore\b", words.lower)
    if not _of_scores(words) or not (before or since):
        return None
    asked = "scores" if before and since else "score before" if before else "score after"
    return Explain(topic=Topic.PROCEDURES, subject=words.modalities[0], asked=asked)


def _courses(words: Words, context: Context) -> list[Procedure]:
    return [p for p in context.report.procedures if p.modality in words.modalities]


def length_of_a_procedure(words: Words, context: Context) -> Explain | None:
    """How long a course went on."""
    del context
    if len(words.modalities) != 1 or not re.search(
        r"\bhow (?:long|many (?:days|weeks|months)) (?:was|were|did|has)\b|\bhow many (?:days|"
        r"weeks|months)\b.*\b(?:last\w*|take|took|go on)\b", words.lower,
    ):  # fmt: skip
        return None
    return Explain(topic=Topic.PROCEDURES, subject=words.modalities[0], asked="length")


_DOSE_MEANT = re.compile(
    r"\bdos(?:e|age)\b.*\bshould (?:the |her |his |their )?\w+ (?:dose )?have "
    r"(?:reached|been|got)\b"
)
_A_FURTHER_STAGE = re.compile(
    r"\b(?:would|will|could)\b.*\b(?:another|third|fourth|fifth|one more|further)\b.*"
    r"\bstage (?:ii|iii|iv|v|[2-5])\b"
)


def floor_meant(words: Words, context: Context) -> Step | None:
    """The dose a trial should have reached is its floor; what a further trial adds is not told."""
    if _A_FURTHER_STAGE.search(words.lower):
        return Knowledge(query=words.text, of_record=True)
    if not _DOSE_MEANT.search(words.lower):
        return None
    held = tuple(t.drug for t in map(context.report.trial, words.trials) if t is not None)
    drugs = words.drugs or held
    return Explain(topic=Topic.DRUG_FLOOR, drugs=drugs) if drugs else None


_BEFORE = re.compile(r"\b(before|prior to|after|off)\b")


def test_beside_a_trial(words: Words, context: Context) -> Lookup | None:
    """The last reading of a test before a trial began, or those after it ended."""
    found = _BEFORE.search(words.lower)
    trial = context.report.trial(words.trials[0]) if len(words.trials) == 1 else None
    if found is None or trial is None or words.scales or trial.start is None:
        return None
    meant = called_in(words.bare, context.index, ("measurement",))
    if meant is None or not meant.names or any(trial.drug in name for name in meant.names):
        return None
    before = found[1] in ("before", "prior to")
    if not before and trial.end is None:
        return None
    if before or trial.end is None:
        until = datetime.combine(trial.start.earliest, time.min) - timedelta(microseconds=1)
        window, made = Window(end=until), Aggregate.LAST
    else:
        start = datetime.combine(trial.end.latest + timedelta(days=1), time.min)
        window, made = Window(start=start), Aggregate.LIST
    return Lookup(
        kind="measurement", names=meant.names, named=True, window=window, aggregate=made,
        attribute=Attribute.VALUE,
    )  # fmt: skip


_AT_AN_ADEQUATE_DOSE = re.compile(
    r"\b(?:how long|days|weeks|months)\b.*\bat (?:an? |the )?(?:adequate|therapeutic|effective)\b"
)
_AT_A_DOSE = re.compile(r"\bhow long\b.*\b(?:at|on) (?:the )?\d+(?:\.\d+)? ?mg\b")


def time_at_a_dose(words: Words, context: Context) -> Explain | None:
    """How long a trial was at an adequate dose; the steps of its dose for one that is named."""
    del context
    if not words.trials or re.search(r"\b(?:if|suppos\w+|need\w*|must|should)\b", words.lower):
        return None
    if _AT_AN_ADEQUATE_DOSE.search(words.lower) and not words.yes_no:
        unit = "week" if re.search(r"\bweeks\b", words.lower) else "day"
        return Explain(topic=Topic.TRIAL_LENGTH, trials=words.trials, subject=f"{unit} adequate")
    if _AT_A_DOSE.search(words.lower):
        return Explain(topic=Topic.TRIAL_DOSE, trials=words.trials, subject="steps")
    return None


_TO_COME = re.compile(r"\b(?:would|will|when (?:can|could|will))\b.*\b(?:adequate|long enough)\b")


def still_to_come(words: Words, context: Context) -> Explain | None:
    """How long a running trial still needs."""
    trial = context.report.trial(words.trials[0]) if len(words.trials) == 1 else None
    if trial is None or trial.end is not None or not _TO_COME.search(words.lower):
        return None
    if re.search(r"\b(?:if|suppos\w+|dose|mg)\b", words.lower):
        return None
    return Explain(topic=Topic.TRIAL_LENGTH, trials=words.trials, subject="remaining")


# --- levels and tests ---------------------------------------------------------------------------

_LEVEL = re.compile(r"\b(?:levels?|serum|plasma|concentrations?)\b")


def level_of_a_drug(words: Words, context: Context) -> Step | None:
    """The serum level of a drug that is named, or whether any is there."""
    if not _LEVEL.search(words.bare) or words.window is not None or words.scales:
        return None
    if re.search(r"\bplasma levels?\b", words.bare) and not words.drugs and not words.trials:
        return Explain(topic=Topic.CHECKS, subject="plasma_level") if words.yes_no else None
    held = tuple(t.drug for t in map(context.report.trial, words.trials) if t is not None)
    drugs = words.drugs or held
    if len(drugs) != 1 or re.search(r"\b(?:should|could|would|explain|why)\b", words.lower):
        return None
    spelt = [entry.word for entry in drug_words().values() if entry.drug == drugs[0]]
    names = dict.fromkeys(
        name for word in spelt for name in context.index.containing(word, "measurement")
    )
    judged = re.search(r"\b(?:therapeutic|range|adequate|enough|normal|high|low)\b", words.lower)
    if names and not judged:
        return None
    return Lookup(
        kind="measurement", names=tuple(names), named=True, aggregate=Aggregate.LAST,
        attribute=Attribute.VALUE,
    )  # fmt: skip


_TESTED = re.compile(
    r"\b(?:vitamin \w+|vit \w\d*|b12|folate|ferritin|iron|tsh|thyroid|crp|lipids|glucose|hba1c)\b.*"
    r"\b(?:checked|tested|measured|done)\b|\b(?:checked|tested|measured)\b.*\b(?:vitamin \w+|"
    r"vit \w\d*|b12|folate|ferritin|iron|tsh|thyroid|crp)\b"
)


def one_test_done(words: Words, context: Context) -> Lookup | None:
    """Whether one test that is named was done; an illness not coded is no test."""
    if not words.yes_no or not _TESTED.search(words.lower) or words.window is not None:
        return None
    if re.search(r"\b(?:should|need\w*|ought|must|would)\b", words.lower):
        return None
    meant = called_in(words.bare, context.index, ("measurement",))
    if meant is None:
        return None
    return Lookup(
        kind="measurement", names=meant.names, named=True, aggregate=Aggregate.EXISTS,
        attribute=Attribute.VALUE,
    )  # fmt: skip


# --- trials by their length, and what was added to them -----------------------------------------

_LONGEST = re.compile(
    r"\b(?P<long>longest|lasted longer|went on longer)\b|\b(?:shortest|lasted (?:less|shorter))\b"
)


def longest_trial(words: Words, context: Context) -> Explain | None:
    """Which trial went on longest or shortest."""
    del context
    found = _LONGEST.search(words.lower)
    if found is None or words.modalities or words.scales:
        return None
    if not re.search(r"\bwhich\b|\bwhat\b|\btrial|\bdrug|\bantidepressant", words.lower):
        return None
    side = "longest" if found["long"] else "shortest"
    return Explain(topic=Topic.BEST, trials=words.trials, subject=side)


def side_effects_of(words: Words, context: Context) -> Explain | None:
    """What side effects a trial had, where it was not stopped for any."""
    asks = re.search(r"\b(?:what|which)\b.*\b(?:side effects?|adverse)\b", words.lower)
    trials = [t for t in map(context.report.trial, words.trials) if t is not None]
    if asks is None or len(trials) != 1:
        return None
    if trials[0].discontinuation == "intolerance":
        return None
    return Explain(topic=Topic.TRIAL_STOP, trials=words.trials, subject="because intolerance")


def augmentation_asked(words: Words, context: Context) -> Explain | None:
    """What a drug was added to, or whether adding it helped."""
    held = tuple(a.drug for a in context.report.augmentations if a.drug in words.drugs)
    added = re.search(r"\baugment\w*|\badd(?:ed|ing|ition)\b", words.lower) is not None
    if not held and not (added and context.report.augmentations and not words.drugs):
        return None
    if re.search(r"\b(?:which|what)\b.*\badded to\b|\bto (?:which|what)\b", words.lower):
        return Explain(topic=Topic.AUGMENTATION, drugs=held, asked="to")
    if re.search(
        r"\b(?:work|help|respon\w+|effect\w*|benefit\w*|success\w*|improv\w+)", words.lower
    ):
        return Explain(topic=Topic.AUGMENTATION, drugs=held, asked="worked")
    return None


def dose_above_floor(words: Words, context: Context) -> Explain | None:
    """Whether a trial's dose was above the floor, and whether drugs that are named interact."""
    del context
    if words.drugs and re.search(r"\binteract\w*", words.lower) and words.yes_no:
        return Explain(topic=Topic.CHECKS, subject="interaction")
    above = re.search(r"\b(?:above|below|over|under|reach\w*|at) the (?:\w+ )?minimum", words.lower)
    if not words.yes_no or not words.trials or above is None:
        return None
    return Explain(topic=Topic.TRIAL_ADEQUATE, trials=words.trials, subject="dose")


# --- encounters and what is taken ---------------------------------------------------------------

_SEEN = re.compile(
    r"\bwhen\b.*\b(?P<place>last|first)\b.*\b(?:see|saw|seen (?:by|in)|reviewed|consult\w*)\b"
)
_IN_PERSON = re.compile(r"\b(?:in person|face[- ]to[- ]face|by (?:phone|telephone|video))\b")
_HOSPITAL = re.compile(r"\bin (?:the )?hospital\b|\bhospitali[sz]ed\b|\binpatient\b")


def seen(words: Words, context: Context) -> Step | None:
    """When the patient was last seen, in what way, and whether in hospital."""
    if words.drugs or words.modalities or words.scales:
        return None
    found = _SEEN.search(words.lower)
    if found is not None:
        who = re.search(r"\b(psychiatr)\w*", words.lower)
        names = alike(who[1], "encounter", context.index) if who is not None else ()
        other = re.search(r"\b(?!psych)\w+(?:ologist|therapist|surgeon)\b|\bdentist\b", words.lower)
        if other is not None or (who is not None and not names):
            return Knowledge(query=words.text, of_record=True)
        return Lookup(
            kind="encounter", names=names, named=bool(names), attribute=Attribute.TIME,
            aggregate=Aggregate.LAST if found["place"] == "last" else Aggregate.FIRST,
        )  # fmt: skip
    if _IN_PERSON.search(words.lower):
        return Lookup(kind="encounter", aggregate=Aggregate.LIST, attribute=Attribute.NAME)
    if words.yes_no and _HOSPITAL.search(words.lower) and words.window is None:
        return Lookup(kind="admission", aggregate=Aggregate.EXISTS, attribute=Attribute.TIME)
    return None


_CONDITIONS = re.compile(
    r"^\W*(?:what|which|list)\b.*\b(?:conditions|illnesses|medical problems)\b.*"
    r"\b(?:has|have|had|recorded|record|chart|list|known)\b"
)


def conditions(words: Words, context: Context) -> Lookup | None:
    """Which conditions are recorded, and since when one that is named."""
    if words.drugs or words.trials or words.window is not None:
        return None
    if _CONDITIONS.search(words.lower):
        return Lookup(kind="diagnosis", aggregate=Aggregate.LIST, attribute=Attribute.NAME)
    if not re.search(r"\b(?:how long|since when) (?:has|have) (?:she|he|they) had\b", words.lower):
        return None
    meant = called_in(words.bare, context.index, ("diagnosis",))
    told = re.sub(r"^.*\bhad\b", "", words.lower).strip(" ?.!")
    names = meant.names if meant is not None else alike(told, "diagnosis", context.index)
    if re.search(r"\bdepress\w*|\bepisode\b|\bscore", words.lower):
        return None
    return Lookup(
        kind="diagnosis", names=names, named=True, aggregate=Aggregate.LIST,
        attribute=Attribute.TIME,
    )  # fmt: skip


def group_taken(words: Words, context: Context) -> Lookup | None:
    """Which drug of a group is being taken."""
    if (
        words.drugs
        or words.trials
        or not re.search(
            r"\b(?:which|what)\b.*\b(?:is|are) (?:she|he|they|the patient) "
            r"(?:\w+ )?(?:on|taking)\b",
            words.lower,
        )
    ):
        return None
    meant = called_in(words.bare, context.index, ("medication",))
    if meant is None:
        return None
    return Lookup(
        kind="medication", names=meant.names, named=True, aggregate=Aggregate.LIST,
        attribute=Attribute.NAME, current=True,
    )  # fmt: skip


_RULES = (
    untold, floor_meant,
    scores_of_a_time, score_in_a_trial, score_by_its_number, extreme_score,
    score_around_a_procedure, length_of_a_procedure, test_beside_a_trial, time_at_a_dose,
    still_to_come, level_of_a_drug, one_test_done, longest_trial, side_effects_of,
    augmentation_asked, dose_above_floor, conditions, seen, group_taken,
)  # fmt: skip


def particular(words: Words, context: Context) -> Step | None:
    """What is asked exactly: the first rule that holds."""
    found = (rule(words, context) for rule in _RULES)
    return next((step for step in found if step is not None), None)
