"""The run as JUnit: a test case an item, a failure a lost score; skipped suites are skipped."""

from xml.etree import ElementTree as ET

from evals.results import ItemResult, RunResult, SuiteResult

_UNPRINTABLE = dict.fromkeys([*range(9), 11, 12, *range(14, 32)], "\ufffd")


def junit(run: RunResult) -> str:
    """JUnit XML, as build servers read it.

    An item fails that lost a score. Whether the run passes is the gate's to say: its
    verdict is a test case of its own in every suite.
    """
    root = ET.Element("testsuites", name="trd-assistant evals")
    for suite in run.suites:
        root.append(_suite(suite))
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(suite: SuiteResult) -> ET.Element:
    cases = [_gate(suite), *(_case(suite.name, item) for item in suite.items)]
    element = ET.Element("testsuite", name=suite.name)
    for kind in ("failure", "error", "skipped"):
        number = sum(case.find(kind) is not None for case in cases)
        element.set({"failure": "failures", "error": "errors"}.get(kind, kind), str(number))
    element.set("tests", str(len(cases)))
    element.set("time", f"{sum(one.seconds or 0 for one in suite.items):.3f}")
    element.extend(cases)
    return element


def _gate(suite: SuiteResult) -> ET.Element:
    case = ET.Element("testcase", classname=suite.name, name="gate")
    kinds = {"skipped": "skipped", "missed": "failure", "crashed": "error", "incomplete": "error"}
    if suite.status in kinds:
        ET.SubElement(case, kinds[suite.status], message=_clean(suite.reason))
    return case


def _case(suite: str, item: ItemResult) -> ET.Element:
    case = ET.Element(
        "testcase",
        classname=f"{suite}.{_clean(item.family)}",
        name=_clean(item.id),
        time=f"{item.seconds or 0:.3f}",
    )
    if item.error is not None:
        ET.SubElement(case, "error", message=_clean(item.error))
        return case
    lost = [name for name, value in item.scores.items() if value is not None and value < 1]
    if lost:
        told = [f"{name}: {item.details.get(name, '')}" for name in lost]
        failure = ET.SubElement(case, "failure", message=_clean("; ".join(lost)))
        failure.text = _clean("\n".join([item.asked, *told]))
    return case


def _clean(text: str) -> str:
    return text.translate(_UNPRINTABLE)
