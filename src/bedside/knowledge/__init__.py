"""Dated releases of facts: catalogue, readers, and data. No medical fact lives in code."""
