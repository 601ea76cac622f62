"""The clinical core: antidepressant trials, their adequacy and outcome, and the stages.

Pure and deterministic: standard library only, no clock, no network. The public
entry point is :func:`assistant.staging.engine.stage`.
"""
