"""What a report says of a tumour is typed where it wrote enough; nothing is guessed."""

from __future__ import annotations

import pytest

from bedside.genome.locus import Build
from bedside.genome.reported import (
    Detail,
    FindingKind,
    JsonPlace,
    ReportedFinding,
    ReportedPlace,
    ReportedPresence,
    SaidCode,
    SourceClass,
)  # fmt: skip
from bedside.genome.tumour import Effect, Fusion, Marker, SmallVariant
from bedside.interpret.tumour.from_report import typed
from bedside.interpret.tumour.place import located
from bedside.knowledge.board_policy import load_board_policy
from bedside.knowledge.tumour_genes import load_tumour_genes

MARKERS = load_board_policy().markers
GENES = load_tumour_genes().by_name
PLACE = (JsonPlace("/", 0, 1),)


def said(**more: object) -> ReportedFinding:
    plain = {"kind": FindingKind.VARIANT, "presence": ReportedPresence.PRESENT, "source": SourceClass.SOMATIC}
    return ReportedFinding(places=PLACE, **{**plain, **more})


def where(start: str, reference: str, alternate: str, system: str = "1-based character counting"):
    return ReportedPlace("GRCh38", "chr7", "NC_000007.14", start, "", system, reference, alternate)


@pytest.mark.parametrize(
    "place",
    [where("55191822", "T", "G"), where("55191821", "T", "G", "0-based interval counting"),
     where("55191821", "CT", "CG")],
)  # fmt: skip
def test_coordinates_give_a_placed_change_whatever_the_counting(place) -> None:
    one = typed(said(gene="EGFR", hgvs=("NM_005228.5:c.2573T>G", "p.(Leu858Arg)"), where=place), MARKERS)
    assert isinstance(one, SmallVariant)
    assert (one.build, one.start, one.end, one.reference, one.alternate) == (
        Build.GRCH38, 55191822, 55191822, "T", "G",
    )  # fmt: skip
    placed = located(one, GENES["EGFR"])
    assert placed.effect is Effect.MISSENSE
    assert (placed.change.reference, placed.change.first, placed.change.alternate) == ("L", 858, "R")


def test_an_anchored_deletion_and_insertion_lose_their_anchor() -> None:
    gone = typed(said(gene="EGFR", where=where("55174771", "AGGAATTAAGAGAAGC", "A")), MARKERS)
    assert (gone.start, gone.end, gone.reference, gone.alternate) == (
        55174772, 55174786, "GGAATTAAGAGAAGC", "",
    )  # fmt: skip
    assert located(gone, GENES["EGFR"]).effect is Effect.INFRAME_DELETION
    more = typed(said(gene="EGFR", where=where("55181318", "A", "AGCC")), MARKERS)
    assert (more.start, more.end, more.reference, more.alternate) == (55181318, 55181319, "", "GCC")


@pytest.mark.parametrize("place", [where("55191822", "T", "G", ""), where("x", "T", "G"), ReportedPlace()])
def test_without_a_counting_or_a_place_the_protein_text_stays_text(place) -> None:
    one = typed(said(gene="EGFR", hgvs=("p.Leu858Arg",), where=place), MARKERS)
    assert isinstance(one, SmallVariant)
    assert (one.start, one.written, one.effect) == (None, "p.Leu858Arg", Effect.NOT_KNOWN)
    assert typed(said(gene="EGFR", hgvs=("c.2573T>G",), where=place), MARKERS) is None


def test_fusions_and_coded_markers_are_typed_and_unknown_answers_are_not() -> None:
    assert typed(said(gene="EML4::ALK"), MARKERS) == Fusion("EML4", "ALK")
    asked = SaidCode("Microsatellite instability", "81695-9", "LOINC")
    high = Detail(asked, SaidCode("MSI-H", "LA26203-2", "LOINC"))
    one = typed(said(kind=FindingKind.MARKER, details=(high,)), MARKERS)
    assert one == Marker("msi", "high")
    other = Detail(asked, SaidCode("see comment"))
    assert typed(said(kind=FindingKind.MARKER, details=(other,)), MARKERS) is None
    burden = Detail(SaidCode("TMB", "94076-7", "LOINC"), SaidCode("12.5 mutations/Mb"))
    one = typed(said(kind=FindingKind.MARKER, details=(burden,)), MARKERS)
    assert one == Marker("tmb", number=12.5, unit="mutations/Mb")


@pytest.mark.parametrize("presence", [one for one in ReportedPresence if one is not ReportedPresence.PRESENT])
def test_what_is_not_present_is_no_finding(presence) -> None:
    place = where("55191822", "T", "G")
    assert typed(said(gene="EGFR", presence=presence, where=place), MARKERS) is None
