"""The molecular block of a packet: for every gene and marker that is expected, found, none, not tested or
undetermined.

"None" needs a scope that says that it was looked at. Nothing is left silent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bedside.act.board_packet import Missing, PanelLine, PanelState
from bedside.act.board_warnings import finding_warnings, said_of
from bedside.genome.tumour import (
    Aspect,
    CopyNumber,
    CopyState,
    Effect,
    ExonSkipping,
    Fusion,
    Marker,
    Origin,
    SmallVariant,
    Tumour,
    TumourFinding,
)
from bedside.knowledge.board_policy import MARKER, BoardPolicy, Expected

SILENT = frozenset({Effect.SYNONYMOUS, Effect.OTHER})
UNANSWERED = frozenset({"", "indeterminate", "equivocal", "failed", "not-known"})
CHANGED = frozenset(
    {CopyState.HIGHLY_AMPLIFIED, CopyState.AMPLIFIED, CopyState.GAIN, CopyState.LOSS, CopyState.DELETED}
)


def panel_of(
    tumour: Tumour, expected: Sequence[Expected], policy: BoardPolicy, mentioned: frozenset[str] = frozenset()
) -> tuple[PanelLine, ...]:
    """One line for each that is expected, then what else was found. mentioned: genes of which a report says
    something that could not be typed; of these nothing counts as none."""
    lines, shown = [], set[int]()
    for one in expected:
        found, unsure = _findings(tumour, one)
        shown |= {id(finding) for finding in (*found, *unsure)}
        lines.append(_line(tumour, one, found, unsure, policy, mentioned))
    others = [one for one in tumour.findings if id(one) not in shown and _tells(one)]
    return (*lines, *(_other(one, policy) for one in others))


def missing_of(panel: Sequence[PanelLine], policy: BoardPolicy) -> tuple[Missing, ...]:
    """What is expected and was not looked at or cannot be told, by how it can be had."""
    wanted: dict[str, list[str]] = {}
    for one in panel:
        if one.expected and one.state is PanelState.NOT_TESTED:
            wanted.setdefault(policy.how[one.kind], []).append(one.words)
        elif one.expected and one.state is PanelState.UNDETERMINED:
            wanted.setdefault(policy.how["undetermined"], []).append(one.words)
    return tuple(Missing(tuple(names), how) for how, names in wanted.items())


def _line(
    tumour: Tumour,
    one: Expected,
    found: Sequence[TumourFinding],
    unsure: Sequence[TumourFinding],
    policy: BoardPolicy,
    mentioned: frozenset[str],
) -> PanelLine:
    if found:
        warnings = tuple(dict.fromkeys(text for each in found for text in finding_warnings(each, policy)))
        said = "; ".join(said_of(each) for each in found)
        return PanelLine(one.name, one.kind, PanelState.FOUND, said, warnings)
    if unsure:
        said = "; ".join(said_of(each) for each in unsure)
        return PanelLine(one.name, one.kind, PanelState.UNDETERMINED, f"{said}: cannot be told")
    if mentioned & set(one.name.split("::")):
        return PanelLine(one.name, one.kind, PanelState.UNDETERMINED, "a report speaks of it in words only")
    if one.aspect is None:
        if one.name in tumour.scope.markers:
            said = "measured, and no answer is stated"
            return PanelLine(one.name, one.kind, PanelState.UNDETERMINED, said)
        return PanelLine(one.name, one.kind, PanelState.NOT_TESTED)
    looked = any(tumour.scope.looked_at(gene, one.aspect) for gene in one.name.split("::"))
    return PanelLine(one.name, one.kind, PanelState.NONE if looked else PanelState.NOT_TESTED)


def _findings(tumour: Tumour, one: Expected) -> tuple[list[TumourFinding], list[TumourFinding]]:
    """What was found of it, and what may be it."""
    found, unsure = list[TumourFinding](), list[TumourFinding]()
    for finding in tumour.findings:
        verdict = _verdict(finding, one)
        if verdict is not None:
            (found if verdict and not doubtful(finding) else unsure).append(finding)
    return found, unsure


def doubtful(finding: TumourFinding) -> bool:
    """Whether a finding may not count: its caller doubts it, or it has a place and nothing tells what it does
    to the protein."""
    match finding:
        case SmallVariant():
            silent = finding.effect is Effect.NOT_KNOWN and finding.start is not None and not finding.written
            return bool(finding.doubt) or silent
        case Fusion():
            return bool(finding.doubt)
    return False


def _verdict(finding: TumourFinding, one: Expected) -> bool | None:
    """Whether a finding is of this gene or marker: yes, perhaps (False), no (None)."""
    match finding:
        case SmallVariant() if finding.gene == one.name and finding.effect not in SILENT:
            if one.aspect is Aspect.GERMLINE:
                return {Origin.GERMLINE: True, Origin.NOT_SAID: False}.get(finding.origin)
            return True if one.aspect is Aspect.SMALL else None
        case ExonSkipping() if finding.gene == one.name:
            return True if one.aspect is Aspect.SMALL else None
        case Fusion() if one.aspect is Aspect.FUSION and finding.genes & set(one.name.split("::")):
            return len(finding.genes) == 2 and finding.in_frame is not False
        case CopyNumber() if one.aspect is Aspect.COPY_NUMBER and finding.gene == one.name:
            if finding.state is CopyState.NOT_KNOWN:
                return False
            return True if finding.state in CHANGED else None
        case Marker() if one.aspect is None and finding.name == one.name:
            return finding.number is not None or finding.value not in UNANSWERED
    return None


def _tells(finding: TumourFinding) -> bool:
    match finding:
        case SmallVariant():
            return finding.effect not in SILENT
        case CopyNumber():
            return finding.state in CHANGED
    return True


def _other(finding: TumourFinding, policy: BoardPolicy) -> PanelLine:
    name, kind = _named(finding)
    warnings = tuple(finding_warnings(finding, policy))
    if doubtful(finding):
        said = f"{said_of(finding)}: cannot be told"
        return PanelLine(name, kind, PanelState.UNDETERMINED, said, warnings, expected=False)
    return PanelLine(name, kind, PanelState.FOUND, said_of(finding), warnings, expected=False)


def _named(finding: TumourFinding) -> tuple[str, str]:
    match finding:
        case Fusion():
            return f"{finding.five or '?'}::{finding.three or '?'}", Aspect.FUSION.value
        case CopyNumber():
            return finding.gene, Aspect.COPY_NUMBER.value
        case Marker():
            return finding.name, MARKER
        case _:
            return finding.gene, Aspect.SMALL.value


def genes_named(texts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The genes of reported texts (gene, text), also both of a fusion."""
    for gene, _ in texts:
        yield from (part for part in gene.replace("-", "::").split("::") if part)
        if gene:
            yield gene
