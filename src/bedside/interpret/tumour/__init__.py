"""Tumours: where a change lies, and which statement about a therapy it meets; pure."""
