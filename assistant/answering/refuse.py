"""What the assistant does not do, and the fixed text that comes before everything else."""

import re

EMERGENCY_TEXT = (
    "**If someone may be in danger now, act before reading on:** stay with the person, "
    "remove access to means, and call the local emergency number or the crisis team "
    "according to your local protocol. This assistant is not an emergency service and "
    "cannot assess suicide risk."
)

REFUSALS = {
    "prescribing": (
        "I do not recommend doses, drugs or prescribing decisions for a patient. "
        "I can show which trials the record holds and whether each was adequate, "
        "what the sources say about the next steps, and what is missing."
    ),
    "other_patient": (
        "I can only see the record that is open, and I answer about that one patient only. "
        "Open the other patient's record to ask about them."
    ),
    "emergency": (
        "I cannot help with managing an emergency. Once the person is safe, I can show what the "
        "record holds: signs of suicidality, the trials, the stage and what is missing."
    ),
    "legal": (
        "I do not give legal, insurance or liability advice. I can show the record's facts "
        "and the rule and source behind each verdict, for whoever has to judge it."
    ),
    "off_topic": (
        "That is outside what I can help with. I answer questions about this patient's record, "
        "the antidepressant trials, the stage of treatment resistance, what is missing, "
        "and what the sources say."
    ),
    "instructions": (
        "I do not change how I work on request, nor show my instructions. A stage follows from "
        "the record and the rules alone; I can show how it was reached, or what it would be if a "
        "fact were different."
    ),
}

_EMERGENCY = re.compile(
    r"suicid\w*|(?:wants?|going|about|planning|trying) "
    r"to (?:kill|hurt|harm|end)|kill(?:ing)? (?:my|him|her|them|your)sel|(?:took|taken|swallow\w*) "
    r"(?:an |the |a whole |all )?(?:overdose|bottle|pills)|overdos(?:ed|ing)\b|self-?harm\w*|"
    r"hang(?:ing)? (?:my|him|her|them)sel|jump(?:ing)? off|end (?:my|his|her|their|it all)\b.{0,6}"
    r"(?:life|lives|now)?|want(?:s)? to die|i am suicidal|i'm suicidal|is suicidal|feel(?:s|ing)? "
    r"suicidal|(?:no longer|not|n't) want to live|medical emergency|emergency:|life-?threatening|"
    r"not breathing|unconscious|unresponsive|having a seizure|serotonin syndrome now|"
    r"cut(?:ting)? (?:my|him|her|them)sel",
    re.IGNORECASE,
)
_PRESCRIBING = re.compile(
    r"\b(?:what|which) (?:dos(?:e|age)|drug|medication|antidepressant|medicine)s?\b[^?]{0,60}"
    r"\b(?:should(?! have)|shall|would you|do you (?:recommend|suggest|advise)|to (?:give|"
    r"prescribe|start|use"
    r"|try))\b"
    r"|\bhow (?:much|many (?:mg|tablets|pills))\b[^?]{0,40}\b(?:should|shall|"
    r"can i (?:give|prescribe"
    r"|increase)|do i (?:give|prescribe))\b"
    r"|\b(?:should|shall|can|may|could|must) (?:i|we|she|he|they|the patient|"
    r"this patient|this (?:wo)?man)"
    r" (?:\w+ ){0,2}?(?:take|start|stop|switch|increase|raise|lower|reduce|"
    r"prescribe|give|add|put|get|"
    r"have|be (?:given|prescribed|started|put|switched)|taper|double|titrate|discontinue|combine)\b"
    r"|\bcalculate\b[^?]{0,30}\bdos(?:e|age)\b|\b(?:recommend|suggest|advise|"
    r"choose|pick|prescribe|write)\b[^?]{0,40}"
    r"\b(?:dos(?:e|age)|drug|medication|antidepressant|prescription|tablets?|mg|"
    r"regimen|taper|script|"
    r"refill)\b"
    r"|\b(?:start|put|give|prescribe|switch|increase|titrate|taper|get)\s+(?:her|"
    r"him|them|the patient|"
    r"this patient|me)\b[^?]{0,30}\b(?:on|to|mg|with|off)\b"
    r"|\b(?:best|right|correct|ideal|safe|maximum safe|starting|optimal|"
    r"target) (?:dose|dosage|drug|antidepressant|"
    r"medication|choice)\b[^?]{0,50}\b(?:for (?:her|him|them|this|the|my|me)|patient)\b"
    r"|\b(?:increase|raise|double|lower|reduce|halve)\b[^?]{0,20}\b(?:dose|"
    r"dosage)\b[^?]{0,25}\b(?:to|by|now)\b"
    r"|\b(?:which|what) (?:drug|antidepressant|medication|medicine|treatment|ssri|"
    r"snri)s? (?:is|are|would be|works?)"
    r" (?:the )?(?:best|better|right|safest)\b"
    r"|\b(?:should|could|can|shall|must) (?:the|her|his|their|that|its) "
    r"(?:\w+ )?(?:dose|dosage)\b"
    r"|^(?:\W|please|pls|and|so|then)*(?:go|bump|step|move|push)\b.{0,30}\b(?:up|down)\b"
    r"|\b(?:bump|push|go up|go down|step up) (?:\w+ ){0,3}(?:dose|mg|to \d)"
    r"|\b(?:should|shall|can|may|could|must) (?:i|we|she|he|they) (?:\w+ ){0,2}?"
    r"(?:go (?:up|down)|bump|push|step (?:up|down)|move (?:up|down|on to)|change)\b"
    r"|\bbump (?:up )?(?:the|her|his) \w+"
    r"|\bwhat (?:should|would you) (?:i|we|you)?\s*(?:prescribe|give|start|use|try|add|switch)\b"
    r"|\bwhat (?:to prescribe|do i prescribe|can i prescribe)\b"
    r"|\bhow (?:should|do|can) (?:i|we) (?:dose|titrate|taper|cross-?taper|switch|"
    r"prescribe|start|wean)\b"
    r"|\bwhich (?:one )?would you (?:prescribe|pick|choose|give|use|start)\b"
    r"|^(?:\W|please|pls|just|so|and|ok)*(?:up|raise|increase|stop|start|restart|resume|switch|swap|"
    r"try|add|refer|book|order|write|wean|taper|titrate|push|combine|augment|prescribe|inject)\b"
    r"(?! (?:date|of|day|dose of|reason|up\b.*\bscore|time|and (?:stop|end)))"
    r"[^.?!]{0,40}\b(?:dose|drug|her|him|them|again|today|now|ect|tms|ketamine|\w+ine|lithium|"
    r"\w+pram|\w+prazole|\w+piprazole|prescription|script|tsh|referral|mood stabili[sz]er)\b"
    r"|^\W*(?:a )?(?:script|taper|taper schedule|titration)\b"
    r"|\b(?:ok(?:ay)?|safe|fine|alright|allowed) to (?:give|start|stop|combine|add|increase|use|"
    r"prescribe|switch|double|restart|mix)\b"
    r"|\bwhat (?:to|do i|should i|would (?:you|u)|can i) (?:give|prescribe|start|put)\b"
    r"|\b(?:a|the|which|what) dose (?:for|to give)\b(?!.*\b(?:did|was|were|had|adequate|count\w*|"
    r"minim\w+)\b)"
    r"|\bhow much \w+ to (?:add|give|start|use)\b|\bnext drug\b|\bwhich one next\b"
    r"|\b(?:best|ideal|right) (?:augment\w+|drug|option|next step|treatment|antidepressant) for "
    r"(?:her|him|them|this)\b"
    r"|\b(?:shall|should|can|do) (?:i|we) (?:\w+ )?(?:go to \d|start|stop|refer)\b"
    r"|\bshould (?:she|he|they) (?:be|have been) (?:on|given|taking|switched|started)\b"
    r"|\broom to (?:go up|increase|push|titrate)\b|\bcan (?:i|we|she|he) go (?:up )?(?:to|on to) \d"
    r"|\bwould you (?:\w+ )?(?:augment|switch|increase|add|stop|start|continue|keep|change|raise)\b"
    r"|\bshould (?:i|we) (?:\w+ )?(?:avoid|treat|continue|keep|hold|restart|rechallenge|replace|"
    r"augment|wait)\b"
    r"|\bis it (?:safe|ok(?:ay)?|fine) to (?:give|start|stop|combine|add|increase|"
    r"prescribe|switch|double)\b",
    re.IGNORECASE,
)
_OTHER_PATIENT = re.compile(
    r"\b(?:other|another|different|next|previous|all(?: the| your| other)?|every|neighbou?r\w*) "
    r"patients?\b(?!['\u2019]s? (?:own )?(?:trial|drug|dose))"
    r"|\bpatients (?:in|on) (?:the|your|this) (?:ward|database|system|list|clinic|hospital)\b"
    r"|\b(?:his|her|their|my|the patient'?s?) (?:sister|brother|mother|father|"
    r"wife|husband|son|daughter|"
    r"spouse|partner)(?:'s)? (?:record|chart|medication|diagnos\w+|dose|stage|file|trials?)\b"
    r"|\b(?:someone|somebody|anyone) else'?s? (?:record|chart|data|file)\b"
    r"|\b(?:sister|brother|mother|father|wife|husband|son|"
    r"daughter)\b[^?]{0,24}\b(?:take|takes|taking|prescribed)\b"
    r"|\b(?:lady|man|woman|guy|one|person|patient) in (?:bed|room) \w+|\bbed \d+\b"
    r"|\b(?:my|our) (?:last|previous|first|earlier|next|other) patient\b"
    r"|\b(?:your|my|our) patients\b"
    r"|\b(?:his|her|their) (?:mum|mom|dad|aunt|uncle|cousin|kid|child)(?:'s)? (?:record|chart|"
    r"medic\w+|meds|diagnos\w+|file|notes)\b"
    r"|\bhow many patients\b(?! (?:\w+ ){0,2}(?:benefit|respon|improv|gain|remit|recover|relaps|"
    r"get better|got better))|\blist (?:of )?(?:all )?patients\b"
    r"|\bwhich patients\b(?! (?:\w+ ){0,2}(?:benefit|respon|improv|profit|gain|help|did? better|do "
    r"better|should|can|could|are (?:most|more|likely)|with|in (?:trials|studies)))",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"\b(?:legal(?:ly)?|lawsuit|su(?:e|ed|ing)\b|liab(?:le|ility)|malpractice|"
    r"negligen\w+|court|lawyer|"
    r"attorney|insur(?:ance|er)\w*|prior auth\w*|reimburs\w+|disability (?:claim|benefit)\w*|"
    r"involuntar\w+|section(?:ed|ing)? (?:her|him)|detain\w*)\b",
    re.IGNORECASE,
)
_INSTRUCTIONS = re.compile(
    r"\b(?:ignore|disregard|forget|override|bypass)\b[^.?!]{0,40}\b(?:instruction|"
    r"rule|prompt|above|"
    r"previous|prior|guideline|safety|record|polic)\w*"
    r"|\b(?:system|hidden|initial|secret|developer) (?:prompt|instruction|message)s?\b"
    r"|\b(?:repeat|print|reveal|show|output|display|"
    r"tell me)\b[^.?!]{0,30}\b(?:your (?:prompt|instructions?|"
    r"rules|configuration|system)|(?:the )?(?:text|words) above)\b"
    r"|\byou are (?:now|no longer)\b|\bact as\b|\bpretend (?:to be|you|"
    r"that you)\b|\brole-?play\b|\bjailbreak\b"
    r"|\b(?:developer|debug|god|dan|admin|maintenance) mode\b|\bdo anything now\b"
    r"|\b(?:treat|report|record|mark|classify|set|label|call|declare|state|say|"
    r"answer|respond|reply|output|print)\b"
    r"[^.?!]{0,30}\b(?:as|to|is|are|with|only|that)\b[^.?!]{0,24}\b(?:stage (?:\d|"
    r"i{1,3}|iv|v)\b|trd\d?\b(?= (?:regardless|no matter|anyway))|"
    r"hacked|pwned|approved|unlocked)"
    r"|\bleave (?:the |a |all )?(?:\w+ )?trials? out\b"
    r"|\b(?:omit|hide|leave out|skip|delete|drop|exclude) the (?:failed|first|"
    r"second|last|\w+) trials?\b"
    r"|\b(?:cite|citing|attribute (?:it|this) to)\b[^.?!]{0,40}\b(?:fake|invented|"
    r"made[- ]up|nonexistent|as the source)\b"
    r"|\bdecode (?:this|the following|and)\b|\bbase64\b|\brot13\b|\bfrom now on\b",
    re.IGNORECASE,
)
_OFF_TOPIC = re.compile(
    r"\b(?:weather|football|soccer|recipe|poem|joke|song|movie|film|"
    r"stock (?:price|market)|bitcoin|capital of|"
    r"president|prime minister|election|translate|homework|python (?:code|script)|"
    r"write (?:me )?(?:a |an |some )?"
    r"(?:code|program|essay|email|letter|story|poem)|horoscope|lottery|restaurant|"
    r"formulary|how much does \w+ cost|price of|holiday|birthday (?:gift|card)|"
    r"world cup|who won|(?:premier |the )league|book me|flights?|hotel|dating|sql query|"
    r"javascript|tell me a story|favou?rite)\b"
    r"|^\s*(?:what is|what's|calculate|compute)?\s*\d+\s*[-+*/x]\s*\d+\s*=?\s*\??\s*$",
    re.IGNORECASE,
)


_ABOUT_THE_PAST = re.compile(
    r"^(?:[^?]*,\s*)?(?:did|has|have|had|was|were|when|how (?:many|often))\b"
    r"|\b(?:did|has|have|had|was|were|been) (?:\S+ ){0,4}(?:prescrib|giv|tak|"
    r"start|receiv|order|told|put)",
    re.IGNORECASE,
)
_SHOULD = re.compile(
    r"\b(?:should(?! have)|shall|recommend|suggest|advise|would you|best|safe)\b", re.IGNORECASE
)


def is_emergency(text: str) -> bool:
    """Whether the wording speaks of self-harm or an emergency now."""
    return _EMERGENCY.search(text) is not None


def refusal_for(text: str) -> str | None:
    """The kind of refusal a question calls for, or None."""
    for kind, pattern in (
        ("instructions", _INSTRUCTIONS),
        ("prescribing", _PRESCRIBING),
        ("other_patient", _OTHER_PATIENT),
        ("legal", _LEGAL),
        ("off_topic", _OFF_TOPIC),
    ):
        if pattern.search(text) and not (kind == "prescribing" and is_no_advice(text)):
            return kind
    return None


_A_TEST = re.compile(
    r"\b(?:should|shall|can|could|may|must|do|does|would) (?:i|we|she|he|they|you) (?:\w+ )?(?:get|"
    r"have|"
    r"put|add|take|order|repeat|need|be|start)\b[^?]{0,30}\b(?:tsh|thyroid|t4|crp|levels?|bloods?|labs?|tests?|"
    r"tested|checked|screened|measured|ecg|ekg|scan|mri|b12|folate|ferritin|vitamin d|sodium|"
    r"urine|sleep study)\b",
    re.IGNORECASE,
)


_NO_ADVICE = re.compile(
    r"\bshould (?:the |her |his |their )?\w+ (?:dose )?have (?:reached|been|got)\b"
    r"|\b(?:get|take|bring|move|make|put) (?:her|him|them|the patient|it|this) "
    r"(?:\w+ )?(?:to |at )?(?:stage\b|trd\b|treatment[- ]resist)"
    r"|^\W*(?:[a-z]+ )?dose (?:at the moment|now|currently|today|at present)\W*$"
    r"|^\W*how (?:long|many (?:days|weeks|months)) (?:was (?:there )?)?between\b",
    re.IGNORECASE,
)
"""A floor, a stage, a dose as it stands or a gap: asked for, not advised on."""


def is_no_advice(text: str) -> bool:
    """Whether the past is asked about, or a test and not a treatment."""
    return (
        _asks_of_the_past(text)
        or _A_TEST.search(text) is not None
        or _NO_ADVICE.search(text) is not None
    )


def _asks_of_the_past(text: str) -> bool:
    return _ABOUT_THE_PAST.search(text) is not None and _SHOULD.search(text) is None
