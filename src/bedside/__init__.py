"""Bedside: order → specimen → result → record → meaning → recommendation → act → outcome → evidence.

The packages stand in the order of that journey; `bedside.path` walks it, one call a step.
"""

__version__ = "0.1.0"
