"""Meanings + moment → recommendation, or a reasoned silence; pure."""
