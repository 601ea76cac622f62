"""The staging methods: one method, one short file, one citation."""
