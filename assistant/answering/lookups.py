"""Questions about entries of the chart, read into a lookup."""

import re
from dataclasses import replace

from assistant.answering.chart.entries import fold
from assistant.answering.chart.index import ChartIndex
from assistant.answering.plan import Aggregate, Attribute, Lookup
from assistant.answering.vocabulary import drug_words
from assistant.answering.words import Words
from assistant.answering.write.context import Context

_KINDS: tuple[tuple[str, str], ...] = (
    ("patient_birth", r"\bborn\b|\bbirth\s?da(?:y|te)\b|\bdate of birth\b|\bdob\b|\bbirth\b"),
    ("patient_age", r"\bhow old\b|\b(?:her|his|their|patient'?s?|my|the|current) age\b|\bage of\b"),
    ("patient_gender", r"\bgender\b|\b(?:her|his|their|patient'?s?|my|administrative|recorded) sex\b|\b(?:male or female|female or male)\b|\b(?:a |the )?(?:male|female|man|woman)\b(?: or)?"),
    ("icu_stay", r"\bicu\b|\bintensive care (?:unit )?(?:stay|visit|admission|admit)\w*|\bintensive care\b(?! unit \()"),
    ("careunit", r"\bcare ?units?\b|\bwards?\b|\bhospital units?\b|\bwhich unit\b"),
    ("admission", r"\badmi(?:t|ssion)\w*|\bhospitali[sz]\w+|\bdischarg\w*|\b(?:left|leave|leaving|exit\w*|released from|released) (?:from )?(?:the )?hospital\b|\bhospital patient\b|\bchecked (?:in|into|out)\b.{0,16}\bhospital\b|\b(?:brought|come|came|enter\w*|taken|arriv\w+) (?:in|into|to|at|on)?\s?(?:the )?hospital\b|\bhospital (?:entry|arrival|stay)s?\b|\binpatient\b|\bhospital\b.{0,12}\bentr(?:y|ies)\b"),
    ("emergency_visit", r"\bemergency (?:room|department|ward)?\b|\b(?:er|ed|a&e) (?:visit|stay|encounter)s?\b|\bin the (?:er|ed|a&e)\b|\bgo to the e[rd]\b"),
    ("hospital_visit", r"\bhospital visits?\b|\bvisit\w* (?:to )?the hospital\b|\bbeen (?:to|in) the hospital\b|\bto the hospital\b|\bhospital encounters?\b"),
    ("organism", r"\borganisms?\b|\bbacteri(?:a|um)\b|\bpathogens?\b|\bgrew\b|\banything found\b"),
    ("susceptibility", r"\bsusceptib\w+|\bantibiotic sensitiv\w+"),
    ("micro_test", r"\bmicrobiolog\w*|\bcultures?\b"),
    ("specimen", r"\bspecimens?\b|\bsamples?\b"),
    ("output", r"\boutputs?\b"),
    ("intake", r"\bintakes?\b|\btaken in\b|\btake in\b|\btook in\b|\binputs?\b|\bconsum\w+\b|\bingest\w*\b|\binfus(?:ed|ion|ions)\b"),
    ("lab", r"\blab(?:orator(?:y|ies))?\b|\bblood tests?\b|\blabs\b"),
    ("vital", r"\bvital(?: sign)?s?\b|\bweigh(?:t|ts|ed|ing)?\b|\bheight\b|\bbmi\b|\bblood pressure\b|\bheart rate\b|\bpulse\b|\btemperature\b"),
    ("allergy", r"\ballerg\w+"),
    ("immunization", r"\bvaccin\w+|\bimmuni[sz]\w+|\bshots?\b"),
    ("diagnosis", r"\bdiagnos\w+|\bmedical conditions?\b|\bconditions?\b|\bproblem list\b|\bcomorbidit\w+|\billness\w*\b|\bdiseases?\b|\bdoctor say i have\b"),
    ("procedure", r"\bprocedures?\b|\bsurger\w+|\boperations?\b|\bintervention\w*\b"),
    ("dispense", r"\bdispens\w+|\brefill\w*|\bfill(?:s|ed)\b|\bpharmacy\b"),
    ("prescription", r"\bprescri\w+|\bmedications?\b|\bmedicines?\b|\bdrugs?\b|\bpharmac\w+|\bdos(?:e|age|ing)s?\b|\bmeds\b|\btablets?\b|\bpills?\b|\broutes?\b|\bprescriptions?\b|\bmedicat\w+"),
    ("home_medicine", r"\bhome medic\w+|\btaking at home\b|\breported medic\w+"),
    ("encounter", r"\bencounters?\b|\bappointments?\b|\bvisits?\b|\bseen by\b|\bconsultations?\b|\bcontacts?\b"),
    ("care_plan", r"\bcare plans?\b"),
    ("measurement", r"\bmeasure\w*|\bresults?\b|\breadings?\b|\blevels?\b|\btests?\b|\bobservations?\b|\bvalues?\b|\bassess(?:ed|ment)\b|\bchecked\b|\bnormal\b|\babnormal\b|\btested\b|\bunusual\b"),
)  # fmt: skip
_NAMED_KINDS = (
    "prescription", "diagnosis", "procedure", "intake", "output", "micro_test", "organism",
    "measurement", "specimen", "dispense", "administration", "home_medicine", "allergy",
    "immunization", "careunit", "observation",
)  # fmt: skip
"""Where a bare name is looked for, in this order."""
_LOOSELY_NAMED = frozenset({"prescription", "home_medicine", "diagnosis", "procedure", "allergy"})
"""Kinds that a part of a name finds where the question says no kind."""
_FALLBACKS = {
    "prescription": ("prescription", "home_medicine", "dispense", "administration"),
    "home_medicine": ("home_medicine",),
    "intake": ("intake", "administration"),
    "lab": ("lab",),
    "vital": ("vital", "measurement"),
    "measurement": ("measurement", "micro_test", "susceptibility", "organism", "output"),
    "admission": ("admission",),
    "hospital_visit": ("hospital_visit",),
}
_ROUTE = re.compile(
    r"\b(?:via|using|by way of|through|by)\b(?: the)? (?P<route>.+?)(?: route| method)?\s*(?:\?|\.|,|$| first| last| for (?:the|a)\b| since| until| in \d| this| and\b)"
)
_KNOWN_ROUTES = re.compile(
    r"\b(po/ng|po|iv drip|iv|im|sc|sq|oral|orally|ng|pr|td|id|sl|ih|neb|ou|od|os|tp|dialys|intravenous(?:ly)?|subcutaneous(?:ly)?|intramuscular(?:ly)?|rectal(?:ly)?|transdermal(?:ly)?|by mouth)\b"
)
_ABOVE = re.compile(
    r"\b(?:greater|more|higher|larger)(?: than)?(?: or equal to)? (-?\d+(?:\.\d+)?)|\b(?:above|over|exceed\w*) (-?\d+(?:\.\d+)?)|> ?(-?\d+(?:\.\d+)?)"
)
_BELOW = re.compile(
    r"\b(?:less|lower|smaller|fewer)(?: than)? (-?\d+(?:\.\d+)?)|\b(?:below|under) (-?\d+(?:\.\d+)?)|< ?(-?\d+(?:\.\d+)?)"
)
_ABNORMAL = re.compile(r"\b(?:abnormal\w*|unusual|out of range|concern\w*)\b")
_NORMAL = re.compile(r"\bnormal\b")
_PATIENT_ID = re.compile(
    r"\bpatient(?:'s)?(?: with)?(?: (?:the )?(?:id|identifier|number|mrn))?[ :#]*(\d{4,})(?:'s)?(?!\w)"
)

_WHEN = re.compile(
    r"\bwhen\b|\bwhat (?:date|time|day|year|month)\b|\bwhich (?:date|day|time|year)\b|\b(?:date|time|timing)s?\b(?! of birth)|\boccasion\b|\binstances? (?:in which|when|at which|was|of)\b|\bat what point\b|\bexact(?:ly)? time\b|\b(?:first|last) (?:instance|occurrence)\b"
)
_NAME_ASKED = re.compile(
    r"\bnames?\b|\bcalled\b|\bnamed\b|\bwhich\b|\bwhat (?:was the |is the |were the |are the )?(?:kind|sort)\b|\bwhat (?:drug|medic\w+|procedure|diagnos\w+|specimen|output|organism|allerg\w+|condition|test|lab|pharmac\w+|micro\w+)\b|\bidentif\w+ the (?:drug|procedure|medic\w+|diagnos\w+|specimen|output|organism|lab|micro\w+)\b|\bwhat\b"
)

_STOP = frozenset(
    ["a", "an", "and", "any", "all", "about", "above", "after", "again", "also", "am", "are", "around", "as", "at", "available", "based", "be", "been", "before", "being", "below", "best", "between", "both", "but", "by", "can", "carried", "case", "chart", "check", "checked", "clinical", "clinician", "confirm", "could", "current", "currently", "date", "dates", "day", "days", "did", "do", "does", "doctor", "document", "documented", "documentation", "done", "during", "each", "either", "especially", "ever", "every", "exact", "exactly", "experience", "experienced", "explain", "find", "first", "focusing", "for", "found", "from", "get", "gave", "getting", "give", "given", "go", "got", "had", "has", "have", "having", "he", "her", "here", "him", "his", "hospital", "how", "i", "identify", "if", "in", "indicate", "instance", "instances", "into", "is", "it", "its", "know", "known", "last", "lately", "let", "like", "list", "listed", "made", "make", "many", "may", "me", "measured", "measurement", "measurements", "medical", "most", "my", "name", "named", "names", "need", "no", "not", "note", "noted", "now", "number", "numbers", "occasion", "occasions", "occur", "occurred", "occurrence", "of", "on", "once", "one", "ones", "only", "or", "order", "ordered", "other", "our", "out", "overall", "part", "past", "patient", "patients", "perform", "performed", "please", "point", "prior", "provide", "quantify", "question", "receive", "received", "recent", "recently", "record", "recorded", "records", "report", "reported", "result", "results", "s", "see", "share", "she", "should", "show", "since", "so", "some", "specific", "specifically", "specify", "t", "taken", "tell", "test", "tested", "tests", "than", "that", "the", "their", "them", "then", "there", "these", "they", "thing", "things", "this", "those", "through", "time", "times", "timing", "to", "today", "told", "too", "total", "towards", "type", "types", "undergo", "undergone", "underwent", "until", "up", "us", "use", "used", "using", "value", "values", "verify", "via", "visit", "visits", "want", "was", "we", "were", "what", "when", "whenever", "where", "whether", "which", "while", "who", "whom", "why", "will", "with", "within", "without", "would", "yes", "you", "your", "yours", "assess", "ascertain", "determine", "administered", "administer", "administration", "drug", "drugs", "medication", "medications", "medicine", "medicines", "prescribe", "prescribed", "prescription", "prescriptions", "pharmaceutical", "pharmacological", "agent", "agents", "treatment", "treatments", "therapy", "dose", "doses", "dosage", "amount", "route", "diagnosis", "diagnoses", "diagnosed", "condition", "conditions", "procedure", "procedures", "lab", "laboratory", "labs", "microbiology", "specimen", "sample", "output", "outputs", "intake", "intakes", "admitted", "admission", "admissions", "admit", "discharge", "discharged", "icu", "emergency", "room", "department", "unit", "careunit", "care", "stay", "stays", "encounter", "encounters", "reading", "readings", "level", "levels", "check", "checks", "true", "false", "case", "cases", "ordered", "present", "presence", "exist", "existence", "exists", "happen", "happened", "happens", "history", "evidence", "sign", "took", "take", "takes", "taking", "issued", "issue", "bring", "brought", "bought", "conducted", "conduct", "undertaken", "put", "start", "started", "starting", "began", "begin", "beginning", "end", "ended", "organism", "organisms", "identified", "detect", "detected", "detection", "observed", "observe", "noted", "count", "counted", "calculate", "frequently", "often", "tally", "remind", "wondering", "curious", "interested", "am", "trying", "figure", "look", "looking", "wish", "help", "hi", "hello", "thanks", "thank", "normal", "abnormal", "unusual", "greater", "less", "more", "lower", "higher", "than", "equal", "limits", "range", "remain", "remained", "maintain", "maintained", "exhibit", "exhibited", "showed", "shown", "instance", "anything", "something", "someone", "kind", "sort", "sorts", "called", "regarding", "concerning", "related", "relation", "per", "each", "event", "events", "new", "problem", "problems", "active", "list", "allergies", "allergy", "first", "last", "initial", "final", "latest", "earliest", "most", "recent", "tried", "being", "latest", "single", "ongoing", "so", "far", "yet", "still", "entire", "whole", "ago", "hour", "hours", "day", "week", "weeks", "month", "months", "year", "years", "yesterday", "lease", "subjected", "place", "much", "testing", "ve", "able", "doctors", "went", "passed", "come", "came", "leave", "left", "entered", "entry", "able", "measure", "completed", "cost", "different", "obtained", "scheduled", "according", "method", "updated", "birthdate", "regularly", "anyone", "notice", "evaluations", "evaluation", "terms", "receiving", "facility", "needed", "mentioned", "informed", "filled", "marks", "marked", "corresponds", "specified", "examination", "classified", "elsewhere", "discovered", "typically", "average", "decided", "involving", "going", "gotten", "achieved", "instructed", "established", "pinpoint", "subsequent", "run", "designation", "produce", "correct", "assessments", "remember", "attended", "mention", "outcome", "outcomes", "nature", "ever", "team", "ask", "asked", "answer", "question", "patient's", "ie", "eg", "via", "regard", "regards", "respect", "concern", "concerns", "associated", "unspecified", "placed", "hospitalized", "undergoing", "done", "doing", "make", "makes", "making", "help", "helps", "seem", "seems", "appear", "appears", "put", "puts", "set", "sets", "keep", "kept", "kinds", "somehow", "sure", "certain", "true", "details", "overview", "summary", "current", "currently", "recently", "usual", "usually", "normally", "actual", "actually", "exactly", "precise", "precisely", "earliest", "oldest", "newest", "single", "double", "both", "main", "major", "minor", "overall", "whole", "within", "without", "across", "consecutive", "timestamp", "timepoint", "point", "points", "moment", "moments", "period", "periods", "range", "ranges", "span", "timeframe", "chart", "charts", "ehr", "emr", "documented", "documents", "documenting", "noted", "notes", "notice", "logged", "log", "logs", "captured", "capture", "enumerate", "specify", "stated", "state", "states", "saying", "describe", "described", "describes", "description", "explained", "mentions", "reveal", "reveals", "revealed", "return", "returns", "returned", "retrieve", "retrieved", "fetch", "display", "displayed", "shows", "total", "totals", "sum", "amount", "amounts", "quantity", "numeric", "value", "unit", "units", "number-of", "occurrence", "occurring", "occurs", "occurred", "event", "happening", "subject", "subjects", "individual", "person", "people", "her's", "she's", "he's", "they're", "i've", "i'm", "i'd", "been-given", "prescribing", "issued", "issue", "dispensed", "dispense", "dispenses", "fill", "fills", "refill", "refills", "pharmacy", "order", "orders", "regimen", "use", "uses", "usage", "using", "involved", "involves", "involving", "frame", "timeframe", "evaluate", "evaluated", "establish", "tabulate", "released", "carried", "context", "data", "information", "detail", "details", "entry", "entries", "file", "health", "provider", "physician", "nurse", "said", "says", "say"]
)  # fmt: skip
_TOKEN = re.compile(r"[a-z0-9][a-z0-9'/.%+-]*")


_DRUG_KINDS = frozenset({"prescription", "dispense", "administration", "home_medicine", "intake"})
_DRUGS_COUNTED = re.compile(
    r"\b(?:medications?|medicines?|drugs?|agents?|treatments?|different|distinct|unique|meds)\b"
)
_NAMELESS = frozenset({
    "admission", "hospital_visit", "icu_stay", "emergency_visit", "careunit", "encounter",
})  # fmt: skip
"""Kinds asked about as such, never by a name."""


def lookup_of(words: Words, context: Context, index: ChartIndex) -> Lookup | None:
    """The lookup a question asks for, or None where it asks about no entry of the chart."""
    text = re.sub(r"\bweigh(?:ed|s|ing)?\b", "weight", _without_patient(words.bare, context))
    said = [kind for kind, pattern in _KINDS if re.search(pattern, text)]
    if said and said[0].startswith("patient_"):
        return Lookup(kind=said[0], aggregate=Aggregate.LAST, attribute=Attribute.VALUE)
    route = _route_of(text, said, index)
    kind, names = _kind_and_names(text, said, words, index)
    if kind is None:
        return None
    rest = _without(text, names)
    step = Lookup(
        kind=kind,
        names=tuple(names),
        named=bool(names) or _names_something(text, kind, route, words),
        route=route,
        window=words.window,
        aggregate=_aggregate_of(words, rest),
        attribute=_attribute_of(rest, kind),
        above=_limit(_ABOVE, rest),
        below=_limit(_BELOW, rest),
        abnormal=_abnormality(rest),
        distinct=_COUNT.search(rest) is not None
        and kind in _DRUG_KINDS
        and not names
        and _DRUGS_COUNTED.search(rest) is not None,
    )
    return _settled(step, rest)


def other_patient_named(text: str, context: Context) -> bool:
    """Whether the question names a patient by a number that is not this one's."""
    match = _PATIENT_ID.search(text.lower())
    return context.case is not None and match is not None and match[1] not in _own_ids(context)


def _own_ids(context: Context) -> set[str]:
    own: set[str] = set()
    if context.case is None:
        return own
    resource = context.case.chart.resources.get(context.case.treatment.patient.reference, {})
    own.add(str(resource.get("id")))
    return own | {
        str(item.get("value"))
        for item in resource.get("identifier") or ()
        if isinstance(item, dict)
    }


def _without_patient(text: str, context: Context) -> str:
    """The question without the number by which it calls this patient."""
    text = _PATIENT_ID.sub(" ", text)
    for own in _own_ids(context):
        if own in text:
            text = re.sub(rf"(?<![\w-]){re.escape(own.lower())}(?:'s)?(?![\w-])", " ", text)
    return " ".join(text.split())


def _without(text: str, names: list[str]) -> str:
    """The question without the names it holds, so that no word of a name is read as a word."""
    folded = fold(text)
    for name in sorted(names, key=len, reverse=True):
        folded = folded.replace(name, " ")
    return " ".join(folded.split())


def _kind_and_names(
    text: str, said: list[str], words: Words, index: ChartIndex
) -> tuple[str | None, list[str]]:
    if said and said[0] in _NAMELESS:
        for pool in said[1:]:
            found = _exact(text, pool, words, index)
            if found and re.search(dict(_KINDS)[said[0]], " ".join(found)):
                return pool, found
        return said[0], []
    if said and said[0] == "organism":
        return "organism", _names(text, "organism", words, index)
    tried: list[str] = []
    for kind in said:
        for pool in _FALLBACKS.get(kind, (kind,)):
            if pool not in tried:
                tried.append(pool)
    for read in (_exact, _names):
        for pool in tried:
            names = read(text, pool, words, index)
            if names:
                return pool, names
    for pool in _NAMED_KINDS:
        if pool in tried:
            continue
        loose = not said and pool in _LOOSELY_NAMED
        names = (_names if loose else _exact)(text, pool, words, index)
        if names and (not said or _weight(names) >= _TELLING):
            return pool, names
    if not said:
        return None, []
    for pool in _FALLBACKS.get(said[0], (said[0],)):
        if index.of_kind(pool):
            return pool, []
    return said[0], []


def _weight(names: list[str]) -> int:
    return max((len(name) for name in names), default=0)


_TELLING = 6
"""Letters of a name that is taken up though the question speaks of another kind."""


def _exact(text: str, pool: str, words: Words, index: ChartIndex) -> list[str]:
    return [
        name for name in index.named_in(text, pool, words.text) if not _is_function_word(name, pool)
    ]


def _names(text: str, pool: str, words: Words, index: ChartIndex) -> list[str]:
    exact = _exact(text, pool, words, index)
    if exact:
        return exact
    by_drug = [
        name
        for drug in words.drugs
        for entry in drug_words().values()
        if entry.drug == drug
        for name in index.containing(entry.word, pool)
    ]
    if by_drug:
        return list(dict.fromkeys(by_drug))
    rest = " ".join(_residue(text))
    return index.containing(rest, pool) if len(rest) > _SHORTEST_REST else []


_SHORTEST_REST = 3


def _is_function_word(name: str, pool: str) -> bool:
    if pool == "specimen" or " " in name:
        return False
    return name in _STOP


def _residue(text: str) -> list[str]:
    return [
        token.strip("'.")
        for token in _TOKEN.findall(text.replace("'s", " "))
        if token.strip("'.") not in _STOP and not re.fullmatch(r"-?\d+(?:\.\d+)?", token)
    ]


def _names_something(text: str, kind: str, route: str | None, words: Words) -> bool:
    if kind in ("admission", "hospital_visit", "icu_stay", "emergency_visit", "careunit"):
        return False
    rest = re.sub(rf"(?<!\w){re.escape(route)}(?!\w)", " ", text) if route else text
    for pattern in (_ABOVE, _BELOW):
        rest = pattern.sub(" ", rest)
    return bool(_residue(rest)) or bool(words.drugs)


def _route_of(text: str, said: list[str], index: ChartIndex) -> str | None:
    sources = {fold(e.source.text) for e in index.of_kind("encounter") if e.source is not None}
    routes = {fold(e.route.text) for e in index.of_kind("medication") if e.route is not None}
    if "admission" in said or "emergency_visit" in said:
        found = _longest(text, sources)
        if found is not None and re.search(r"\b(?:via|by way of|through|using|from|by)\b", text):
            return found
    if re.search(r"\broute\b|\bvia\b|\busing\b|\bby\b|\bthrough\b", text):
        found = _longest(text, routes)
        if found is not None:
            return found
        known = _KNOWN_ROUTES.search(text)
        if known is not None and "admission" not in said:
            return known[1]
    return None


def _longest(text: str, names: set[str]) -> str | None:
    found = [n for n in names if re.search(rf"(?<![a-z0-9/]){re.escape(n)}(?![a-z0-9/])", text)]
    return max(found, key=len, default=None)


_COUNT = re.compile(
    r"\bhow many\b|\bhow often\b|\bnumber of\b|\bcount(?:ing)? (?:of|the|how|all|my|up)\b|\b(?:please|the|you|to|a|total) count\b|^count\b|\bhow frequently\b|\bquantify\b|"
    r"\btally\b|\bfrequency\b|\btabulate\b|\benumerate the (?:\w+ ){0,2}(?:instances|visits|times|occurrences)\b|"
    r"\btotal (?:\w+ )?(?:occurrences|visits|stays|instances|admissions)\b|\btotal (?:drug|prescri|procedure|visit|admission)\w*|\boccurrences of\b|"
    r"\bamount of (?:medic|drug|prescri)\w+"
)
_POLITE = re.compile(
    r"\b(?:can|could|would|will) you\b(?: please)?(?: be able to)?|\bdo you (?:know|have)\b|\bis it possible to\b"
    r"|\bi (?:want|need|would like|'d like|am (?:trying|curious)\w*|wish)\b"
)
_WH = re.compile(r"\b(?:what|which|when|who|where|how|why)\b|\bwhat's\b")
_WHETHER = re.compile(
    r"\bwhether\b|\bif (?:i|i've|there|patient|any|the|my|she|he|they|it|\w+ (?:has|had|was|were|is))\b|\bif\b"
)
_THERE = re.compile(
    r"(?:^|[,;:.]\s*)(?:was|were|is|are) there\b|\b(?:has|have) there been\b|\bhas it ever\b"
)
_AUXILIARY = re.compile(
    r"(?:^|[,;:.]\s*)(?:(?:and|so|but)\s+)?(?:is|are|was|were|do|does|did|has|have|had|can|could|might|isn't|wasn't|didn't)\b"
    r"|\b(?:is|are|was|were|do|does|did|has|have) (?:i|my|she|he|they|it|there|patient|any|the|this|her|his)\b"
    r"|,? (?:correct|right|true|yes)\s*\?$"
)


def _asks_whether(text: str) -> bool:
    """Whether yes or no is the answer: an auxiliary asks, and no question word does."""
    plain = _POLITE.sub(" ", text)
    if _WHETHER.search(plain) or _THERE.search(plain):
        return True
    if re.search(r"\b(?:verify|confirm|any)\b", plain) and not _WH.search(plain):
        return True
    return (
        bool(_AUXILIARY.search(plain))
        and not _WH.search(plain)
        and not re.search(
            r"\b(?:names?|^list|list (?:the|all|of)|identify the|specify the|determine the|provide the)\b",
            plain,
        )
    )


def _aggregate_of(words: Words, text: str) -> Aggregate:
    if _COUNT.search(text):
        return Aggregate.COUNT
    if _asks_whether(text):
        return Aggregate.EXISTS
    if words.aggregate in (Aggregate.FIRST, Aggregate.LAST, Aggregate.HIGHEST, Aggregate.LOWEST,
                           Aggregate.MEAN, Aggregate.TREND):  # fmt: skip
        return words.aggregate
    return Aggregate.LIST


def _attribute_of(text: str, kind: str) -> Attribute:
    if kind == "careunit":
        return Attribute.NAME
    if kind == "admission" and re.search(
        r"\bdischarg\w*|\breleased\b|\bleft\b|\bleave\b|\bleaving\b|\bchecked out\b|\bexit\w*", text
    ):
        return Attribute.END
    if kind == "admission" and re.search(r"\btypes?\b|\bclassif\w+|\bcategor\w+|\bkind\b", text):
        return Attribute.TYPE
    if (
        re.search(r"\bdos(?:e|age|es)\b|\bhow much\b|\bamount\b|\bquantity\b", text)
        and kind
        in (
            "prescription",
            "dispense",
            "administration",
            "intake",
            "home_medicine",
        )
        and not _asks_when(text)
    ):
        return Attribute.DOSE
    if _asks_when(text):
        return Attribute.TIME
    if re.search(r"\bhow long\b|\bduration\b|\blength of\b", text):
        return Attribute.DURATION
    if re.search(
        r"\b(?:what|which) route\b|\broute of\b|\bhow (?:was|is) .* (?:given|administered|taken)\b",
        text,
    ):
        return Attribute.ROUTE
    if re.search(r"\bstatus\b|\bstill active\b", text):
        return Attribute.STATUS
    if kind in ("measurement", "vital", "lab", "output", "observation", "susceptibility"):
        names_it = re.search(r"\bnames?\b|\bcalled\b|\bwhich\b|\bwhat (?:lab|output|test)\b", text)
        wants_name = names_it and not re.search(r"\bresults?\b|\bvalues?\b|\blevels?\b", text)
        return Attribute.NAME if wants_name or kind == "output" else Attribute.VALUE
    return Attribute.NAME if _NAME_ASKED.search(text) else Attribute.ENTRY


_TIME_NOUN = r"(?:date|time|timing|day|year|month|occasion|instance|occurrence|point)s?"
_WHAT_TIME = re.compile(
    r"\b(?:what|which)(?:'s| is| was| were| are)?(?: (?:the|my|her|his|their|a))?(?: patient(?:'s)?)?"
    rf"(?: \w+){{0,3}}? {_TIME_NOUN}\b"
)


def _asks_when(text: str) -> bool:
    """Whether a time is the answer, not only a word of the question."""
    if re.search(r"\bnames?\b|\bcalled\b|\bnamed\b", text):
        return False
    when, what = re.search(r"\bwhen\b", text), re.search(r"\b(?:what|which|how)\b", text)
    if when is not None and (what is None or when.start() < what.start()):
        return True
    if what is not None:
        found = _WHAT_TIME.search(text)
        return found is not None and not re.search(
            r"\b(?:weight|level|value|result|reading|measurement|dose|dosage|diagnosis|procedure|"
            r"drug|medication|medicine|organism|specimen|output|care ?unit|type)\b",
            found.group(),
        )
    return _WHEN.search(text) is not None


def _limit(pattern: re.Pattern[str], text: str) -> float | None:
    match = pattern.search(text)
    return float(next(g for g in match.groups() if g is not None)) if match else None


def _abnormality(text: str) -> bool | None:
    if _ABNORMAL.search(text):
        return True
    return False if _NORMAL.search(text) and re.search(r"\bnormal\b(?! saline)", text) else None


def _settled(step: Lookup, text: str) -> Lookup:
    if step.abnormal is not None and step.kind not in (
        "measurement",
        "lab",
        "vital",
        "observation",
        "output",
    ):
        step = replace(step, abnormal=None)
    if (step.above is not None or step.below is not None) and step.aggregate is Aggregate.LIST:
        return replace(step, aggregate=Aggregate.EXISTS)
    if step.aggregate is Aggregate.LIST and step.attribute in (Attribute.VALUE, Attribute.DOSE):
        plural = re.search(
            r"\b(?:all|every|list|each|values|results|doses|measurements|readings)\b", text
        )
        return step if plural else replace(step, aggregate=Aggregate.LAST)
    return step
