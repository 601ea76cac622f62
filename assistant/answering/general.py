"""Whether a question is about the subject in general, and not about this patient."""

import re

from assistant.answering.words import Words

_PATIENT = re.compile(
    r"\b(?:she|he|they|her|his|hers|their|him|them|(?:the|this|our|my) (?:patient|"
    r"case|record|chart)|"
    r"patient's|this|these|my|i|current\w*|ever|recorded|documented|episode|so far|now|last|latest|"
    r"most recent|you|your|we|us|given|taken|tried|missing|did|was|were|has|had|have|been|"
    r"still|ongoing|today)\b"
    r"|\bwhy (?:is|isn't|is not|was|wasn't) it\b|\bnot it\b|\bis it\b.*\b(?:trd|resist\w+)\b"
    r"|\bwhat(?:'s| comes)? next\b|\bnext steps?\b|\bat present\b|\bfrom here\b"
)
_DEFINES = re.compile(
    r"\b(?:defin\w+|meaning of|mean(?:s|t)? by|stands? for|concept of|"
    r"difference between|distinguish\w*)\b"
    r"|\bwhat (?:does|do) .{1,60}\bmean\b"
)
_WHAT_IS = re.compile(
    r"^(?:so |and |ok(?:ay)?,? |please |tell me |can you tell me )*(?:what(?:'s|"
    r" is| are)|what exactly is)"
    r" (?:an? |meant by )?(?!the\b|known\b|proven\b|possible\b|next\b|wrong\b|"
    r"left\b|open\b|unknown\b|unclear\b)"
    r"[a-z0-9-]+(?: [a-z0-9()/-]+){0,5}\W*$"
)
_WORKS = re.compile(
    r"\bhow (?:do|does|can|might|is|are)\b.*\b(?:work\w*|act\w*|caus\w+|lead\w*|"
    r"affect\w*|influenc\w+|"
    r"reduc\w+|help\w*|counteract\w*|contribut\w+|linked|related|diagnos\w+|"
    r"measured|assessed|differ\w*)\b"
)
_WHAT_DOES = re.compile(
    r"^\W*(?:so |and )?what (?:does|do|can|could) (?!she|he|they|it\b|this).{2,40} do\W*$"
)
_SAYS = re.compile(
    r"\b(?:sources?|article|text|literature|guidelines?|evidence|studies|research)\b.*"
    r"\b(?:say\w*|state\w*|recommend\w*|suggest\w*|describe\w*|show\w*|mention\w*)\b"
    r"|\baccording to\b"
)
_REQUIRED = re.compile(
    r"\b(?:required|needed|necessary|considered|counts? as|qualif\w+|typical\w*|generally|usually|"
    r"in general|rationale|an adequate (?:\w+ )?trial|minimum (?:duration|"
    r"adherence|length)|threshold|cut-?off|role of|importance of|evidence for|"
    r"is (?:intolerance|partial response|non-?response|non-?adherence|remission) (?:an?|the)|"
    r"recommended|on the label|in the label|label(?:led)? max\w*|licen[cs]ed)\b"
)
_EXPLAIN = re.compile(
    r"\b(?:explain|describe|tell me about|outline)\b.*\b(?:methods?|models?|scales?|concept|rules?|"
    r"criteri\w+|staging|systems?|mechanisms?|hypothes\w+|pathways?|theory|axis)\b"
)
_WHY = re.compile(r"^(?:so |and )?why (?:is|are|does|do|should|might|can)\b")
_SCIENCE = re.compile(
    r"\b(?:bdnf|neuroplast\w+|glutamat\w+|gaba\w*|hpa(?: axis)?|glucocortico\w+|"
    r"cytokin\w+|ido|tryptophan|"
    r"kynuren\w+|bh4|tetrahydrobiopterin|abcb1|p-?gp|p-glycoprotein|efflux|transporters?|sert|net|"
    r"occupancy|ampa|nmda|mtor|synap\w+|hippocamp\w+|infliximab|tnf\S*|monoamine|neuroinflamm\w+|"
    r"neurobiolog\w+|star\*?d|half-?li(?:fe|ves)|disinhibition|neurogenesis|excitotox\w+)\b"
)
_WHAT_IS_CLASS = re.compile(
    r"^\W*what(?:'s| is| are) (?:an? )?(?:ssri|snri|tca|maoi|ndri|nassa|sari|tricyclic)s?\W*$"
)
"""A class of drugs by itself, whatever trial of it there is."""
_GENERAL = (_WHAT_DOES, _DEFINES, _WHAT_IS, _WORKS, _SAYS, _REQUIRED, _EXPLAIN, _SCIENCE)


def speaks_of_a_patient(words: Words) -> bool:
    """Whether one person, here and now, is asked about."""
    return _PATIENT.search(words.lower) is not None


def speaks_of_the_past(words: Words) -> bool:
    """Whether what was, and not what is to be, is asked about."""
    return words.has(r"\b(?:did|was|were|had|has|have|been|ever|first|before|after|tried)\b")


def _of_a_result(words: Words) -> bool:
    """Whether a result of this case is asked about: "why is Maudsley 6", "does X count"."""
    tells = r"\b(?:\d+(?:\.\d)?|says?|gives?|calls?|comes? (?:out|to))\b"
    if words.methods and words.why and re.search(tells, words.lower):
        return True
    return words.yes_no and bool(words.absent_drugs) and words.has(r"\bcounts?\b")


def is_general(words: Words) -> bool:
    """Whether the sources, and not the record, are asked."""
    lower = words.lower
    if words.window is not None or _PATIENT.search(lower) or _of_a_result(words):
        return False
    if _WHAT_IS_CLASS.search(lower):
        return True
    if re.search(r"\b(?:in|on|by) the label\b|\blabel(?:led)? max|\blicen[cs]ed\b", lower):
        return True
    if re.search(
        r"\bcan (?:trd|depression|resistance) be (?!excluded|ruled)|\bside effects of\b", lower
    ):
        return True
    if words.trials and not _WORKS.search(lower) and not _SCIENCE.search(lower):
        return False
    if any(pattern.search(lower) for pattern in _GENERAL):
        return True
    return _WHY.search(lower) is not None and not words.absent_drugs
