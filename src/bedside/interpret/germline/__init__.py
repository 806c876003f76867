"""Hereditary findings: which of the variants a person carries are reported, to whom, and why not."""
