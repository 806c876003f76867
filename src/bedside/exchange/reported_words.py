"""The words of closed answer lists as the types of a reported finding; NOT_SAID where there is none."""

from __future__ import annotations

from bedside.genome.reported import AllelicState, ReportedPresence, SourceClass

_PRESENCE = {one.value: one for one in ReportedPresence}
_STATES = {one.value: one for one in AllelicState}
_SOURCES = {one.value: one for one in SourceClass} | {"unknown-genomic-origin": SourceClass.UNKNOWN}


def _key(word: str) -> str:
    return "-".join(word.lower().split())


def presence_of(word: str) -> ReportedPresence:
    """Present, Absent, No call, Indeterminate."""
    return _PRESENCE.get(_key(word), ReportedPresence.NOT_SAID)


def allelic_state_of(word: str) -> AllelicState:
    """Heterozygous, Homozygous and so on."""
    return _STATES.get(_key(word), AllelicState.NOT_SAID)


def source_class_of(word: str) -> SourceClass:
    """Germline, Somatic and so on."""
    return _SOURCES.get(_key(word), SourceClass.NOT_SAID)
