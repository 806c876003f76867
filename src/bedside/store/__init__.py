"""Ledger (events) and documents (bytes by digest)."""
