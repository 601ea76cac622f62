"""Templates that turn a step of the plan into cited statements, one file a subject."""
