"""What a person should know about a genome's file, without its being refused: one notice for each kind."""

from __future__ import annotations

from collections.abc import Mapping

from bedside.genome.genotypes import Notice
from bedside.genome.locus import Build
from bedside.genome.person import Sex
from bedside.intake.genome.placed import Placing

_ENOUGH = 50
_FEW_MIXED = 0.1


def file_notices(
    source: str, counts: Mapping[str, int], lift: Mapping[str, int], placing: Placing
) -> tuple[Notice, ...]:
    """Notices about the file as a whole."""
    found = []
    if counts["elsewhere"]:
        reason = (
            f"{counts['elsewhere']} records on other contigs than chromosomes 1 to 22, X, Y and M: not kept"
        )
        found.append(Notice("other-contigs", reason, source))
    if counts["differing"]:
        reason = f"{counts['differing']} records have another reference allele than the assembly: not used"
        found.append(Notice("reference-mismatch", reason, source))
    failed = sum(count for reason, count in lift.items() if reason != "lifted")
    if failed:
        reason = f"{failed} of {sum(lift.values())} records could not be lifted to GRCh38: not tested there"
        found.append(Notice("not-lifted", reason, source))
    if placing.build is Build.GRCH37 and not placing.bases.changed():
        reason = (
            "no bases of GRCh38 were given: where GRCh37 reads otherwise, what was seen as reference is not "
            "reference in GRCh38, and this could not be told"
        )
        found.append(Notice("lift-unchecked", reason, source))
    return tuple(found)


def sample_notices(source: str, counts: Mapping[str, int], sex: Sex | None) -> tuple[Notice, ...]:
    """Notices about one sample."""
    said = (
        ("impossible", "genotypes contradict a single copy of X or Y: not believed"),
        ("mixture", "mitochondrial records show a mixture of alleles: kept with depths, without strands"),
        ("several", "genotypes have more than two alleles: not callable"),
        (
            "structural",
            "records carry a symbolic allele or one that is no base sequence: kept as not callable",
        ),
        ("doubtful", "genotypes contradict their read depths or the reference: not callable"),
        ("single", "genotypes on the chromosomes 1 to 22 name one allele only: kept as one copy"),
    )
    found = [Notice(code, f"{counts[code]} {reason}", source) for code, reason in said if counts.get(code)]
    called = counts.get("x-mixed", 0) + counts.get("x-alike", 0)
    if called < _ENOUGH:
        return tuple(found)
    looks_male = counts["x-mixed"] < _FEW_MIXED * called
    if sex is None and looks_male:
        reason = (
            "X looks single, as in a man, but sex was not told: two copies are kept as the file writes them"
        )
        found.append(Notice("sex-not-told", reason, source))
    if sex is Sex.FEMALE and looks_male:
        found.append(
            Notice("sex-contradicted", "X looks single, but the sample is said to be female", source)
        )
    return tuple(found)
