"""How other laboratories and tools write a call: prefixes, copy numbers, HLA fields, initials, scores."""

from __future__ import annotations

import re

from bedside.knowledge.pgx import Gene, Lookup

_COPIES_UNKNOWN = re.compile(r"x\s*N\b", re.IGNORECASE)
_NUMBER = re.compile(r"^(?P<sign>≥|>=)?\s*(?P<value>\d+(?:\.\d+)?)$")
_HLA = re.compile(r"^(?P<star>\*?)(?P<first>\d{2,3})(?P<more>(?::\d{2,4}){0,3})(?P<suffix>[GPNLSCAQ]?)$")
_HLA_UNTIL_2010 = re.compile(r"^\*(?P<first>\d\d)(?P<second>\d\d)(?:\d\d){0,2}(?P<suffix>[NLSCAQ]?)$")
_STRAND = re.compile(r"^\[(?P<inside>.*)\]$")


def split_diplotype(gene: Gene, written: str) -> tuple[str, ...]:
    """The one or two alleles of a written diplotype, without the gene's name before them; the reference of a
    gene that is printed by its variants may be written `Reference`.
    """
    parts = [written] if gene.single_allele else written.split("/")
    return tuple(_bare(gene, part.strip()) for part in parts if part.strip())


def _bare(gene: Gene, name: str) -> str:
    prefixes = (
        (gene.symbol, gene.symbol.removeprefix("HLA-")) if gene.symbol.startswith("HLA-") else (gene.symbol,)
    )
    for prefix in prefixes:
        rest = name.removeprefix(prefix)
        if rest != name and rest.lstrip().startswith("*"):
            return rest.lstrip()
    if gene.shown_by_variant and name == "Reference":
        return gene.reference_allele.name
    return name


def copies_unknown(name: str) -> bool:
    """Whether a copy number is written without its number (`*1xN`): no function can be assigned."""
    return _COPIES_UNKNOWN.search(name) is not None


def strand_parts(name: str) -> tuple[str, ...]:
    """The alleles on one strand: `[c.1A>G + c.2T>C]` holds two."""
    inside = _STRAND.match(name)
    return tuple(part.strip() for part in inside["inside"].split(" + ")) if inside else (name,)


def two_fields(name: str) -> str | None:
    """An HLA allele at the resolution of the protein: `*15:02:01:02` is `*15:02`, and so are `15:02`, `*1502`
    of before 2010, and the groups `*15:02:01G` and `*15:02P`.

    A suffix of expression stays (`*57:01N` is not expressed); `*15` alone stays coarse. None when it is not
    the name of one HLA allele.
    """
    old = _HLA_UNTIL_2010.match(name)
    if old is not None:
        return f"*{old['first']}:{old['second']}{old['suffix']}"
    read = _HLA.match(name)
    if read is None or not (read["star"] or read["more"]):
        return None
    fields = [read["first"], *read["more"].split(":")[1:]]
    return f"*{':'.join(fields[:2])}{read['suffix'].strip('GP')}"


def expression(name: str) -> str:
    """The suffix of an HLA allele at two fields that is not expressed, or not as usual (`N`), else ""."""
    return name[-1:] if name[-1:].isalpha() else ""


def score_written(score: str) -> str:
    """An activity score as the release writes it: `1` is `1.0`, `>=3` is `≥3.0`; all else stays."""
    number = _NUMBER.match(score.strip())
    if number is None:
        return score.strip()
    value = float(number["value"])
    digits = f"{value:.2f}".rstrip("0")
    return ("≥" if number["sign"] else "") + (digits + "0" if digits.endswith(".") else digits)


def phenotype_terms(gene: Gene) -> tuple[str, ...]:
    """Every phenotype, or answer about an allele, that the release has words for."""
    if gene.lookup is Lookup.ALLELE_PRESENCE:
        return tuple(
            f"{test} {answer}" for test in gene.presence_tests for answer in ("positive", "negative")
        )
    return tuple(dict.fromkeys(rule.phenotype for rule in gene.rules))


def phenotype_written(gene: Gene, phenotype: str) -> str:
    """A phenotype in the release's words, from any case or from initials (`PM`) that only it has."""
    stated, terms = phenotype.strip(), phenotype_terms(gene)
    for term in terms:
        if term.lower() == stated.lower():
            return term
    initials = [term for term in terms if "".join(word[0] for word in term.split()).upper() == stated.upper()]
    return initials[0] if len(initials) == 1 else stated
