"""What each command takes and does: settings, house, one use case, what a person reads.

A module imports what it needs when a command of its runs, so that `bedside --help` stays quick.
"""
