"""Questions that go beyond a record: what will come, what caused what, a trial there is not."""

import re

from assistant.answering.general import speaks_of_the_past
from assistant.answering.plan import Explain, Knowledge, Refuse, Step, Topic
from assistant.answering.words import Words

_PREDICTS = re.compile(
    r"\b(?:will|would|could|might|can|does|do) (?:\w+ ){1,2}(?:work|respond|help|get better|"
    r"improve|recover|remit|relapse|react)\b(?!.*\bif\b)|\b(?:chances?|likelihood|how likely|"
    r"probab\w+|odds|prognosis)\b"
)
_CAUSES = re.compile(
    r"\b(?:caus(?:e|es|ed|ing)|rais(?:e|es|ed|ing)|worsen\w*|trigger\w*|due to|to blame)\b"
)
_PERSON = re.compile(r"\b(?:she|he|her|his|him|they|(?:the|this) patient)\b")


def beyond_the_record(words: Words) -> Step | None:
    """What no record holds, or a choice between drugs; None where neither is asked."""
    if words.no_such_trial and words.has(r"\b(?:would|will|could|if)\b"):
        return Explain(topic=Topic.DISTANCE)
    if words.no_such_trial:
        return Explain(topic=Topic.TRIALS, asked="no_such")
    person = _PERSON.search(words.lower) is not None
    if person and _PREDICTS.search(words.lower) and not words.has(r"\bdid\b|\bever\b|\bmake\b"):
        return Knowledge(query=words.text, of_record=True)
    if words.drugs and words.yes_no and _CAUSES.search(words.lower) and not words.has(r"\bstop"):
        return Knowledge(query=words.text, of_record=person)
    either = words.absent_drugs and re.search(r"\b(?:or|vs\.?|versus)\b", words.lower)
    if either and len(words.drugs) > 1 and not speaks_of_the_past(words):
        return Refuse(kind="prescribing")
    return None


def check_named(words: Words) -> Explain | None:
    """What mimics resistance, taken for granted where the chart has no entry of it."""
    if not words.checks or not _PERSON.search(words.lower) or words.has(r"\bfamily history\b"):
        return None
    return Explain(topic=Topic.CHECKS, subject="|".join(words.checks), asked="shown")
