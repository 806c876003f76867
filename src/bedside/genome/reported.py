"""What a laboratory reported about a variant, a marker or a region it looked at: its own statement, in its
own words, with the place in the document where it stands.

A reported finding is an immutable observation. It is shown as reported, and nothing here interprets it:
what the laboratory calls pathogenic is the laboratory's word. It is not a genotype either: a variant it did
not report is not absent.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class FindingKind(Enum):
    """What a statement is about."""

    VARIANT = "variant"
    MARKER = "marker"
    REGION = "region"


class ReportedPresence(Enum):
    """The four answers of a report, and that it gave none. Never one for the other."""

    PRESENT = "present"
    ABSENT = "absent"
    INDETERMINATE = "indeterminate"
    NO_CALL = "no-call"
    NOT_SAID = "not-said"


class AllelicState(Enum):
    """How many copies carry it, in the words of LOINC 53034-5."""

    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    HETEROPLASMIC = "heteroplasmic"
    HOMOPLASMIC = "homoplasmic"
    NOT_SAID = "not-said"


class SourceClass(Enum):
    """Where in the body a variant comes from, in the words of LOINC 48002-0."""

    GERMLINE = "germline"
    SOMATIC = "somatic"
    FETAL = "fetal"
    LIKELY_GERMLINE = "likely-germline"
    LIKELY_SOMATIC = "likely-somatic"
    LIKELY_FETAL = "likely-fetal"
    DE_NOVO = "de-novo"
    UNKNOWN = "unknown"
    NOT_SAID = "not-said"


@dataclass(frozen=True, slots=True)
class SaidCode:
    """A term as the document writes it: its words, and the code beside them where there is one."""

    text: str = ""
    code: str = ""
    system: str = ""

    @property
    def words(self) -> str:
        """What to show: the words, else the code."""
        return self.text or self.code


NOTHING_SAID = SaidCode()


@dataclass(frozen=True, slots=True)
class JsonPlace:
    """A value of a JSON document: its JSON pointer, and its bytes `start` to `end` (the byte after the
    last)."""

    pointer: str
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.pointer} (bytes {self.start} to {self.end})"


@dataclass(frozen=True, slots=True)
class SegmentPlace:
    """A segment of an HL7 v2 message: its number from 1, and its bytes."""

    segment: int
    start: int
    end: int

    def __str__(self) -> str:
        return f"segment {self.segment} (bytes {self.start} to {self.end})"


@dataclass(frozen=True, slots=True)
class PagePlace:
    """A box on a page of a PDF: the page from 1; left, top, right, bottom in points from the top left."""

    page: int
    box: tuple[float, float, float, float]

    def __str__(self) -> str:
        return f"page {self.page}"


DocumentPlace = JsonPlace | SegmentPlace | PagePlace


@dataclass(frozen=True, slots=True)
class ReportedPlace:
    """Where in the genome, as written: nothing is converted. system: what the positions count
    (`0-based interval counting`, `1-based character counting`), "" when the document does not say."""

    build: str = ""
    chromosome: str = ""
    sequence: str = ""
    start: str = ""
    end: str = ""
    system: str = ""
    reference: str = ""
    alternate: str = ""


@dataclass(frozen=True, slots=True)
class Detail:
    """Anything else that the laboratory says of it: what was asked, what was answered."""

    asked: SaidCode
    answer: SaidCode


@dataclass(frozen=True, slots=True)
class ReportedFinding:
    """One statement of a laboratory.

    gene: the symbol as written, gene_code its number. hgvs: every name as written, coding before protein
    before genomic. classification: the laboratory's own (its word, its code); condition: for which disease.
    comment: its words. places: where in the document it stands, the statement itself first.
    """

    kind: FindingKind
    presence: ReportedPresence
    places: tuple[DocumentPlace, ...]
    gene: str = ""
    gene_code: str = ""
    hgvs: tuple[str, ...] = ()
    where: ReportedPlace = ReportedPlace()
    identifiers: tuple[SaidCode, ...] = ()
    allelic_state: AllelicState = AllelicState.NOT_SAID
    source: SourceClass = SourceClass.NOT_SAID
    classification: SaidCode = NOTHING_SAID
    condition: SaidCode = NOTHING_SAID
    inheritance: SaidCode = NOTHING_SAID
    details: tuple[Detail, ...] = ()
    comment: str = ""

    @property
    def name(self) -> str:
        """What to call it: gene and change as the laboratory wrote them, else where it is; a marker by what
        was measured."""
        said = " ".join(filter(None, (self.gene, self.hgvs[0] if self.hgvs else "")))
        if self.hgvs or not (self.identifiers or self.where != ReportedPlace() or self.details):
            return said or self.kind.value
        place = self.where
        if place != ReportedPlace():
            spot = ":".join(filter(None, (place.sequence or place.chromosome, place.start)))
            change = f" {place.reference}>{place.alternate}" if place.reference or place.alternate else ""
            if spot or change:
                return f"{said} {spot}{change}".strip()
        named = next((one.words for one in self.identifiers if one.words), "")
        if not named and self.kind is FindingKind.MARKER and self.details:
            named = self.details[0].asked.words
        return f"{said} {named}".strip() or self.kind.value
