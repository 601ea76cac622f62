"""The quick evaluation of continuous integration: the gate, and no clinical fact lost."""

import subprocess

from evals.compare import compare
from evals.results import read_results
from evals.suites.registry import SUITES
from tests.lib.demo import REPOSITORY

BASELINE = REPOSITORY / "evals" / "baselines" / "latest.json"


def test_make_evals_passes_its_gate_and_loses_no_clinical_fact():
    done = subprocess.run(
        ["make", "evals"], cwd=REPOSITORY, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    run = read_results(REPOSITORY / "evals-out" / "quick")
    statuses = {suite.name: suite.status for suite in run.suites}
    assert set(statuses.values()) <= {"passed", "skipped"}, statuses
    found = compare(read_results(BASELINE), run)
    assert found.regressions == []


def test_the_baseline_holds_figures_of_every_offline_suite_and_no_text():
    run = read_results(BASELINE)
    assert {suite.name for suite in run.suites} >= {s.name for s in SUITES if s.offline}
    assert all(suite.items for suite in run.suites)
    assert not any(item.reply or item.asked for suite in run.suites for item in suite.items)
