"""Use cases: open a record, assess it, ask about it, add what the clinician knows."""
