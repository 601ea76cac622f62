"""Which attribute of a trial a question is about."""

import re
from collections.abc import Callable

from assistant.answering.plan import Explain, Topic
from assistant.answering.vocabulary import kind_of
from assistant.answering.words import Words


def about_trial(words: Words, topic: Topic, subject: str = "") -> Explain:
    """An explanation of the trials that the question names."""
    return Explain(
        topic=topic,
        trials=words.trials,
        drugs=words.absent_drugs,
        subject=subject,
        why=words.why,
        aggregate=words.aggregate,
        window=words.window,
    )


def names_trial(words: Words) -> bool:
    """Whether the question names a trial, or an antidepressant that is none here."""
    antidepressant = any(kind_of(drug) == "antidepressant" for drug in words.absent_drugs)
    return bool(words.trials) or antidepressant


def trial_attribute(words: Words) -> Explain | None:
    """The attribute of a trial that is asked for, or None where it is none."""
    if not names_trial(words):
        return None
    for pattern, topic, subject in _ATTRIBUTE_WORDS:
        if words.has(pattern):
            return about_trial(words, topic, subject(words) if callable(subject) else subject)
    return None


def _length_subject(words: Words) -> str:
    unit = "week" if words.has(r"\bweeks\b") else "day"
    return (
        f"{unit} adequate"
        if words.has(r"\badequate\b|\btherapeutic\b|\beffective dose\b")
        else unit
    )


def _dose_subject(words: Words) -> str:
    if words.has(r"\b(?:start(?:ing|ed)?|initial|first|begin\w*|begun|began|entry)\b"):
        return "first"
    at = re.search(r"\bwhen\b.*?(\d+(?:\.\d+)?) ?mg", words.lower)
    if at is not None:
        return f"since {at[1]}"
    over_time = (
        r"\btitrat\w+|\bwhole time\b|\bthroughout\b|\ball along\b|\bover time\b|\bsteps?\b|"
        r"\bhow (?:quickly|fast|slowly)\b|\bchang(?:e[ds]?|ing)\b|\bhistory\b|\bescalat\w+"
    )
    return "steps" if words.has(over_time) else ""


def _outcome_subject(words: Words) -> str:
    if words.has(r"\bstart\b.*\band\b.*\bend\b|\bbefore and after\b|\bbaseline and\b"):
        return "both"
    if words.has(r"\bpoints?\b") and words.has(r"\bhow many\b|\bby\b"):
        return "points"
    if words.has(
        r"\bpercent\w*|%|\bhow much (?:better|improve\w*|did|lower)\b|\breduc\w+|"
        r"\bdrop\b|\bfall\b|\bfell\b|\bdecrease\w*"
    ):
        return "percent"
    if words.has(r"\bbaseline\b|\bbefore\b|\bat the start\b|\bstarting score\b"):
        return "baseline"
    if words.has(r"\bendpoint\b|\bend ?point\b|\bat the end\b|\bfinal score\b|\bafter\b"):
        return "endpoint"
    if words.yes_no and words.has(r"\bremi(?:t|ssion|tted)\w*"):
        return "remission"
    if words.yes_no:
        return "response"
    return ""


_NOUNS: tuple[tuple[str, Topic, str], ...] = (
    (r"(?:how high|dos(?:e|age|ing)s?)", Topic.TRIAL_DOSE, ""),
    (r"(?:how long|durations?|length)", Topic.TRIAL_LENGTH, "day"),
    (r"(?:start(?:ed)?|begin|begun)(?: dates?)?", Topic.TRIAL_START, ""),
    (r"(?:end(?:ed)?|stop(?:ped)?|finish(?:ed)?)(?: dates?)?", Topic.TRIAL_END, ""),
    (r"(?:outcomes?|results?|responses?|effects?)", Topic.TRIAL_OUTCOME, ""),
    (r"(?:adherence|compliance)", Topic.TRIAL_ADHERENCE, ""),
    (r"class(?:es)?", Topic.DRUG_CLASS, ""),
    (r"(?:why (?:it )?(?:was )?stopped|reason for stopping)", Topic.TRIAL_STOP, ""),
)
"""What is asked of a trial, as a list of several names it."""
_ANY_NOUN = "|".join(noun for noun, _, _ in _NOUNS)
_JOINED = r"(?:\W|\band\b|\bwith\b|\bat\b|\bwhat\b|\bwhich\b|\bthe\b|\bits\b|\bfor\b|\bon\b)+"
_SEVERAL = re.compile(rf"\b(?:{_ANY_NOUN})(?:{_JOINED}(?:{_ANY_NOUN}))+\b")


def lists_attributes(text: str) -> bool:
    """Whether several attributes of a trial are named in one breath."""
    return _SEVERAL.search(text.lower()) is not None


def attributes_asked(words: Words) -> tuple[Explain, ...]:
    """Each attribute of a trial where several are asked for in one breath; none else."""
    several = _SEVERAL.search(words.lower)
    if several is None or not names_trial(words) or words.scales or words.window is not None:
        return ()
    told = several.group()
    found = [
        (match.start(), about_trial(words, topic, subject))
        for noun, topic, subject in _NOUNS
        if (match := re.search(rf"\b{noun}\b", told)) is not None
    ]
    asked = tuple(step for _, step in sorted(found, key=lambda pair: pair[0]))
    return asked if len(asked) > 1 else ()


_ATTRIBUTE_WORDS: tuple[tuple[str, Topic, str | Callable[[Words], str]], ...] = (
    (
        (r"\badher\w+|\bcomplian\w+|\b(?:tak\w+|took|swallow\w*)\b.*\b(?:properly|regularly|"
         r"reliably|faithfully|religiously|consistently|every day|daily as)\b|"
         r"\btook (?:it|them|her|his) (?:as|regularly|every)|"
        r"\btak\w+ .*\bas (?:prescribed|directed|instructed)\b|"
        r"\bdays covered\b|\bpdc\b|\btook .*\bas (?:prescribed|directed)\b|"
        r"\bpills? missed\b|\bmissed doses\b"),
     Topic.TRIAL_ADHERENCE, lambda w: "yes_no" if w.yes_no else ""),
    (
        (r"\bhow much (?:longer|more time)\b|\bhow many more (?:days|weeks)\b|"
         r"\bwhen (?:can|could|will|do|is|should)\b.*\b(?:judge\w*|adequate|long enough|"
         r"complete|assess\w*|evaluat\w*|count)\b|\b(?:days|weeks|time) (?:left|to go|"
         r"remaining)\b"),
     Topic.TRIAL_LENGTH, "remaining"),
    (
        (r"\bhow (?:far|much|short)\b.*\b(?:off|below|short|under|too low)\b"),
     Topic.TRIAL_ADEQUATE, "dose"),
    ((r"\bstop\w*\b.*\b(?:because|for|due to|owing to|on account)\b.*\b(?:side|adverse|toler\w+|"
      r"intoler\w+)\b"),
     Topic.TRIAL_STOP, lambda w: "because intolerance" if w.yes_no else ""),
    ((r"\bstop\w*\b.*\b(?:because|for|due to|owing to)\b.*\b(?:work\w*|effect\w*|ineffic\w+|"
      r"ineffective\w*|help\w*|respon\w+|useless)\b"),
     Topic.TRIAL_STOP, lambda w: "because inefficacy" if w.yes_no else ""),
    (
        (r"\bwhat made\b.*\b(?:stop|end|quit|abandon|switch|give up|change)\w*|"
         r"\bhow come\b.*\b(?:stop|end|abandon)\w*|"
         r"\bwhy\b.*\b(?:stop|stopped|end|ended|discontinu\w+|quit|c[ao]me off|taken off|"
        r"abandon\w*|gave up|given up|dropp\w+|came to an? end|"
         r"switch\w*)\b|\breason\w* (?:for|of|was|to)\b.*\b(?:stop\w*|discontinu\w+|"
        r"ending|switch\w*)\b|\bdiscontinuation reason\b"),
     Topic.TRIAL_STOP, ""),
    ((r"\bhow long\b|\bduration\b|\b(?:days|weeks|months) (?:on|of)\b|\bhow many (?:days|weeks|"
        r"months)\b|\blength\b"),
     Topic.TRIAL_LENGTH, _length_subject),
    (
        (r"\bpercent\w*|%|\brespon[ds]\w*|\bremi(?:t|ssion|tted)\w*|\boutcome\b|"
        r"\beffect\w*|\bbaseline\b|\bend ?point\b|\bhelp(?:ed)?\b|\bbenefit\w*|"
        r"\bimprov\w+|\bhow much better\b|\bwork(?:ed|ing|s)?\b|"
        r"\bdo(?:ne|ing)? (?:any good|anything|something)\b|\bsuccess\w*|"
        r"\bfall\b|\bfell\b|\bdrop(?:ped)?\b|\breduc\w+|\b(?:score|ham-?d\S*|hdrs\S*|"
        r"madrs|phq\S*|qids\S*|bdi\S*)\b.*\b(?:before|after|start|end|during|on)\b"),
     Topic.TRIAL_OUTCOME, _outcome_subject),
    ((r"\bdos(?:e|age|ed|es)\b|\bhow (?:much|high|far up)\b|\bpush\w*\b|\btitrat\w+|\bmg\b|"
        r"\bstrength\b|\bmilligram\w*|\bmaximum\b|\bmax\b"),
     Topic.TRIAL_DOSE, _dose_subject),
    (
        (r"\bwhen\b.*\b(?:stop\w*|end(?:ed)?|discontinu\w+|finish\w*|quit|come off|"
        r"came off)\b|\b(?:stop|end|discontinuation) date\b|\bdate\b.*\b(?:stopped|"
        r"ended|discontinued)\b|\buntil when\b|\blast day\b|\bend of\b"),
     Topic.TRIAL_END, ""),
    (
        (r"\bwhen\b.*\b(?:start\w*|beg[aiu]n\w*|initiat\w*|given|put on|commenc\w*|"
        r"introduced|tried|prescribed|switch(?:ed)? to|changed? to)\b|\bstart date\b|"
            r"\bdate\b.*\b(?:started|begun|"
        r"began)\b|\bsince when\b"),
     Topic.TRIAL_START, ""),
    (
        (r"\bwhy\b|\bcount\w*\b|\bfail\w*|\bexplain\b|\binclude[d]?\b|\bhow come\b|"
        r"\bconsider\w*\b|\bnot considered\b"),
     Topic.TRIAL, ""),
)  # fmt: skip
