"""Made-up people for every row of a panel that is an exception: has it, has it not, unsure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

Cells = dict[str, str]
MISSENSE, FRAMESHIFT = "SO:0001583", "SO:0001589"


def examples_of(
    row: Mapping[str, str], named: Sequence[Mapping[str, str]], place: tuple[str, int], confirmatory: bool
) -> Iterator[Cells]:
    """The examples of one row. Alleles are made up, at a place inside the gene, unless a row names them."""
    chromosome, start = place
    first, second = f"{chromosome}-{start}-A-G", f"{chromosome}-{start + 90}-A-G"
    mine = [one["variant"] for one in named if one["gene"] == row["gene"]]
    for kind, says, sex, carried, outcome, reason in _cases(row, mine, first, second):
        asked = confirmatory and outcome == "report"
        yield {
            "gene": row["gene"],
            "disease": row["disease"],
            "kind": kind,
            "says": says,
            "sex": sex,
            "age": "0" if confirmatory else "40",
            "carried": carried,
            "outcome": "review" if asked else outcome,
            "reason": "confirmatory-test" if asked else reason,
        }


Case = tuple[str, str, str, str, str, str]


def _cases(row: Mapping[str, str], named: Sequence[str], first: str, second: str) -> Iterator[Case]:
    match row["copies"], row["mechanism"]:
        case "homozygous", _:
            yield from _named_homozygote(named[0], first)
        case "two", _:
            yield from _recessive(first, second)
        case "x-any", _:
            yield from _x_any(first)
        case "x-two", _:
            yield from _x_two(first, second)
        case _, "truncating-only":
            yield from _truncating(first)
        case _, "loss-protects":
            yield from _protective(named[0], first)
        case _, "altered":
            yield from _altered(first)


def _one(
    variant: str, zygosity: str, terms: str = MISSENSE, phase: str = "-", said: str = "pathogenic 2"
) -> str:
    return f"{variant} {zygosity} {phase} {said} {terms}"


def _named_homozygote(named: str, other: str) -> Iterator[Case]:
    conflict = "conflicting-classifications-of-pathogenicity 1"
    yield (
        "positive", "Two copies of the named variant, though its class is conflicting", "female",
        _one(named, "hom", said=conflict), "report", "biallelic-hom",
    )  # fmt: skip
    yield "negative", "One copy of it", "female", _one(named, "het"), "no-action", "carrier-only"
    yield (
        "negative", "Two copies of another pathogenic variant", "male",
        _one(other, "hom"), "no-action", "not-the-named-variant",
    )  # fmt: skip
    yield (
        "unknown", "One copy where two belong", "male",
        _one(named, "hemi"), "review", "implausible-zygosity",
    )  # fmt: skip


def _recessive(first: str, second: str) -> Iterator[Case]:
    yield "positive", "Two copies", "female", _one(first, "hom"), "report", "biallelic-hom"
    trans = f"{_one(first, 'het', phase='7|1')} + {_one(second, 'het', phase='7|2')}"
    yield "positive", "Two variants in trans", "male", trans, "report", "biallelic-in-trans"
    yield "negative", "One copy", "female", _one(first, "het"), "no-action", "carrier-only"
    cis = f"{_one(first, 'het', phase='7|1')} + {_one(second, 'het', phase='7|1')}"
    yield "negative", "Two variants on one strand", "male", cis, "no-action", "in-cis"
    pair = f"{_one(first, 'het')} + {_one(second, 'het')}"
    yield "unknown", "Two variants, phase not known", "female", pair, "review", "phase-unknown"


def _x_any(first: str) -> Iterator[Case]:
    yield "positive", "A male with the variant", "male", _one(first, "hemi"), "report", "hemizygous"
    yield (
        "positive",
        "A female with one copy",
        "female",
        _one(first, "het"),
        "report",
        "heterozygous-x-linked",
    )
    yield (
        "negative", "A male with an uncertain variant", "male",
        _one(first, "hemi", said="uncertain-significance 2"), "no-action", "uncertain",
    )  # fmt: skip
    yield (
        "unknown",
        "A male who seems heterozygous",
        "male",
        _one(first, "het"),
        "review",
        "implausible-zygosity",
    )


def _x_two(first: str, second: str) -> Iterator[Case]:
    yield "positive", "A male with the variant", "male", _one(first, "hemi"), "report", "hemizygous"
    trans = f"{_one(first, 'het', phase='7|1')} + {_one(second, 'het', phase='7|2')}"
    yield "positive", "A female with two variants in trans", "female", trans, "report", "biallelic-in-trans"
    yield "negative", "A female with one copy", "female", _one(first, "het"), "no-action", "carrier-only"
    pair = f"{_one(first, 'het')} + {_one(second, 'het')}"
    yield "unknown", "A female with two, phase not known", "female", pair, "review", "phase-unknown"
    yield "unknown", "Sex not known", "unknown", _one(first, "het"), "review", "sex-unknown"


def _truncating(first: str) -> Iterator[Case]:
    yield "positive", "A frameshift", "male", _one(first, "het", FRAMESHIFT), "report", "reportable"
    yield "negative", "A missense change", "male", _one(first, "het"), "no-action", "not-truncating"
    yield "unknown", "No consequence stated", "male", _one(first, "het", "-"), "review", "consequence-unknown"


def _protective(named: str, first: str) -> Iterator[Case]:
    yield "positive", "An established variant", "female", _one(named, "het"), "report", "reportable"
    yield (
        "negative", "A truncating variant, which protects", "female",
        _one(first, "het", FRAMESHIFT), "no-action", "protective-direction",
    )  # fmt: skip
    yield (
        "unknown", "A missense variant not shown to act so", "female",
        _one(first, "het"), "review", "mechanism-unproven",
    )  # fmt: skip


def _altered(first: str) -> Iterator[Case]:
    yield "positive", "A missense variant", "female", _one(first, "het"), "report", "reportable"
    yield (
        "negative", "A truncating variant is not reported by itself", "female",
        _one(first, "het", FRAMESHIFT), "review", "mechanism-unproven",
    )  # fmt: skip
    yield (
        "unknown",
        "No consequence stated",
        "female",
        _one(first, "het", "-"),
        "review",
        "consequence-unknown",
    )
