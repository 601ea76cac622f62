"""The raw resources of a chart, read as entries that questions can be asked about."""
