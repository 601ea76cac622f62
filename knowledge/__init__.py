"""Passages about treatment-resistant depression, found by meaning or by id, and citable."""
