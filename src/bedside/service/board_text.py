"""A packet as text, for a terminal or a letter; and as rows of an eConsult."""

from __future__ import annotations

from collections.abc import Iterator

from bedside.act.board_packet import BoardPacket, Option, PanelState, TrialLine

RESISTANCE = "AGAINST"
"""What stands before a row of resistance: a word, never a colour alone."""


def packet_text(packet: BoardPacket) -> str:
    """The packet as text: nothing is left out."""
    return "\n".join(_lines(packet)) + "\n"


def header_words(packet: BoardPacket) -> Iterator[tuple[str, str]]:
    """The header as pairs; what nobody recorded says so."""
    head = packet.header
    yield "Age", "not recorded" if head.age is None else str(head.age)
    yield "Sex", head.sex or "not recorded"
    yield "Performance status", head.performance or "not recorded"
    yield "Tumour", f"{head.type_name} ({head.oncotree})"
    yield "Stage", head.stage or "not recorded"
    sample = f"{head.sample}, version {head.version}" if head.sample else "no sample is stored"
    yield "Sample", sample


def _lines(packet: BoardPacket) -> Iterator[str]:
    yield f"Tumour board packet, {packet.at.isoformat()}"
    for name, text in header_words(packet):
        yield f"  {name}: {text}"
    yield "Treatment so far"
    for one in packet.given:
        since = "" if one.since is None else f" since {one.since.isoformat()}"
        yield f"  {one.drug} ({one.treatment}, {one.status}{since})"
    if not packet.given:
        yield "  none of the medicines on record is a cancer treatment"
    yield "Molecular"
    for line in packet.lines(PanelState.FOUND):
        also = "" if line.expected else " (not among what is expected of this type)"
        yield f"  FOUND {line.words}: {line.said}{also}"
        yield from (f"    ! {text}" for text in line.warnings)
    for line in packet.lines(PanelState.UNDETERMINED):
        yield f"  UNDETERMINED {line.words}: {line.said}"
    for state, said in ((PanelState.NONE, "NONE (looked at)"), (PanelState.NOT_TESTED, "NOT TESTED")):
        names = ", ".join(line.words for line in packet.lines(state))
        yield f"  {said}: {names or 'nothing'}"
    yield from (f"  ! {text}" for text in packet.warnings)
    yield from (f"  AS REPORTED, undetermined: {text}" for text in packet.reported)
    yield from _options("Options", "", packet.options)
    yield from _options("Cannot be told", "?", packet.undetermined)
    yield from _options("Resistance", RESISTANCE, packet.resistance)
    yield f"Trials ({packet.trials.standing})"
    for trial in packet.trials.lines:
        yield f"  {trial.name} {trial.arm}: {trial_words(trial)}"
    yield "Missing"
    for gap in packet.missing:
        yield f"  {', '.join(gap.names)}: {gap.how}"
    if not packet.missing:
        yield "  nothing that is expected"
    if packet.left_out:
        yield f"  {packet.left_out} variants lie in genes that cannot be placed here"
    yield f"{packet.unchecked} statements about this tumour type are not checked and not shown"
    for release in packet.releases:
        yield f"  {release.name}: {release.review_state}"


def trial_words(trial: TrialLine) -> str:
    """Whether an arm fits, or what is in the way; and how current that is."""
    said = f"fits: {trial.why}" if trial.fits else f"only in the way: {trial.blocker}"
    return f"{said} (as of {trial.as_of})"


def _options(title: str, mark: str, options: tuple[Option, ...]) -> Iterator[str]:
    yield title
    for one in options:
        cells = (mark, one.regimen, one.biomarker, one.line, one.status, one.tier and f"tier {one.tier}")
        yield "  " + " | ".join(filter(None, cells))
        yield f"      {one.why} [{', '.join(one.statements)}; {one.source}]"
        yield from (f"      ! {text}" for text in one.warnings)
    if not options:
        yield "  none"
