"""The staging benchmark measures what it says: six trials, forty scores, real sizes."""

import json

from assistant.staging.engine import stage
from evals.benchmarks import staging
from fhir_adapter.read import read_bundle


def test_no_resource_is_larger_than_the_median_of_real_ones() -> None:
    sizes: dict[str, list[int]] = {}
    for entry in staging.bundle()["entry"]:
        resource = entry["resource"]
        size = len(json.dumps(resource, separators=(",", ":")))
        sizes.setdefault(resource["resourceType"], []).append(size)
    for kind, median in staging.REAL_MEDIAN_BYTES.items():
        assert max(sizes[kind]) <= median


def test_the_record_measured_has_six_trials_and_forty_scores() -> None:
    record = read_bundle(staging.encoded()).treatment
    report = stage(record, as_of=staging._AS_OF)
    assert [t.outcome.category for t in report.trials] == ["non_response"] * 6
    assert len(report.scores) == 40
    assert len(report.missing_facts) == 6


def test_both_times_are_measured() -> None:
    parsing, staged = staging.measured(staging.encoded())
    assert 0 < parsing < staged
