"""Bytes and rows → typed states and results; every problem at once."""
