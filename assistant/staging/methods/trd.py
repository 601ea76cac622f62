"""Treatment-resistant depression by the source text: two failed trials, two classes."""

from assistant.staging.methods.failures import Failures
from assistant.staging.tables import methods
from assistant.staging.verdicts import NO, YES, Answer


def trd(failures: Failures, *, class_rule: bool) -> Answer:
    """Whether enough adequate trials failed; ``class_rule`` asks for different classes."""
    table = methods()["trd"]
    if len(failures.trials) < table["trials"]:
        return NO
    return NO if class_rule and len(failures.classes) < table["classes"] else YES
