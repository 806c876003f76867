"""SIMULATION: how often the published gene stands first when its variants are put among made-up ones.

The findings are those of public cases, the causal variants are theirs (GRCh38). Everything else is made up:
the other variants of the child, the parents, every frequency. It measures that the parts work together, and
nothing about patients. Never compare it with figures from real exomes.

Made up: per child a Poisson number of other variants (mean 276: the candidate genes of a strict setting in
an earlier trial of the project), each in a gene drawn evenly from those with an annotated disease, one copy,
85 % missense, 8 % loss of function, 7 % in-frame or near a splice site; half not seen in a population, 30 %
below 1 in 10,000, the rest up to 1 in 100; with parents, each is from one healthy parent, and one in 300 is
new. The causal variants: not seen in a population, well called, in a trio new (one copy), from both parents
(two copies or two variants), or from the mother (one copy in a boy); no ClinVar class is given to anything.

    python benchmarks/rare_variants.py SHARED_DATA_FOLDER [--cases N]
"""

from __future__ import annotations

import argparse
import json
import re
import tarfile
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from phenotype_ranking import paper_of, shares

from bedside.genome.case import Case
from bedside.genome.pedigree import Member, pedigree
from bedside.genome.person import Sex
from bedside.genome.rare_variant import (
    Affected,
    Call,
    CallState,
    Effect,
    Frequency,
    FrequencyState,
    Place,
    RareFamily,
    RareVariant,
)
from bedside.intake.phenopacket_in import read_cases
from bedside.interpret.disease_index import variant_index
from bedside.interpret.phenotype_rank import Scorer
from bedside.interpret.rare_score import PhenotypeScore, rank_genes
from bedside.interpret.rare_variants import sift
from bedside.knowledge.rare_variants import load_rare_policy
from bedside.service.rank_cases import Ranker, load_ranker
from bedside.service.rank_genomes import gene_modes

MEAN, NEW = 276, 1 / 300
PLACES = {"chrX": Place.X, "chrY": Place.Y, "chrM": Place.MITOCHONDRION}
HETEROZYGOUS, HOMOZYGOUS, HEMIZYGOUS = "GENO:0000135", "GENO:0000136", "GENO:0000134"
COPIES = {HETEROZYGOUS: 1, HOMOZYGOUS: 2, HEMIZYGOUS: 1}
ABSENT = Frequency(FrequencyState.ABSENT, 0.0, "made up", "made up")


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cases", type=int, default=1000)
    arguments = parser.parse_args()
    ranker = load_ranker()
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(arguments.shared / "phenopackets" / "phenopackets.tar.xz") as packed:
            packed.extractall(folder, filter="data")
        paths = sorted(Path(folder).rglob("*.json"))
        np.random.default_rng(1).shuffle(paths)
        chosen = [(path, found) for path in paths if (found := list(causal(path)))][: arguments.cases]
        cases = read_cases([path for path, _ in chosen], ranker.hpo, confirmed=True)
    report(ranker, cases, [found for _, found in chosen])


def causal(path: Path) -> Iterator[tuple[str, str, Effect, str]]:
    """Name, gene, effect and zygosity of each causal variant of a phenopacket that has a place on GRCh38."""
    for one in json.loads(path.read_text())["interpretations"]:
        for found in one.get("diagnosis", {}).get("genomicInterpretations", ()):
            told = found.get("variantInterpretation", {}).get("variationDescriptor", {})
            record, zygosity = told.get("vcfRecord"), told.get("allelicState", {}).get("id")
            if record and zygosity in COPIES and set(record["ref"] + record["alt"]) <= set("ACGT"):
                name = f"{record['chrom']}-{record['pos']}-{record['ref']}-{record['alt']}"
                yield name, told["geneContext"]["symbol"], effect_of(told, record), zygosity


def effect_of(told: Mapping[str, Any], record: Mapping[str, Any]) -> Effect:
    """The effect as the case's own HGVS names it; missense where it names nothing else."""
    written = " ".join(str(one.get("value", "")) for one in told.get("expressions", ()))
    shift = (len(record["ref"]) - len(record["alt"])) % 3
    if shift or "Ter" in written or "fs" in written or re.search(r"c\.\S*\d[+-][12]\D", written):
        return Effect.LOSS
    return Effect.IN_FRAME if len(record["ref"]) != len(record["alt"]) else Effect.MISSENSE


def called(copies: int, ploidy: int = 2) -> Call:
    """A good call."""
    return Call(CallState.CALLED, copies, ploidy)


def spiked(found: Sequence[tuple[str, str, Effect, str]]) -> Iterator[RareVariant]:
    """The causal variants with parents made to fit."""
    pair = sum(zygosity == HETEROZYGOUS for *_, zygosity in found) == 2
    for number, (name, gene, effect, zygosity) in enumerate(found):
        mother, father = {HETEROZYGOUS: (0, 0), HOMOZYGOUS: (1, 1), HEMIZYGOUS: (1, 0)}[zygosity]
        if pair and zygosity == HETEROZYGOUS:
            mother, father = (1, 0) if number == 0 else (0, 1)
        place = PLACES.get(name.split("-")[0], Place.AUTOSOME)
        child = called(COPIES[zygosity], 1 if zygosity == HEMIZYGOUS else 2)
        calls = {"child": child, "mother": called(mother), "father": called(father)}
        yield RareVariant(name, gene, place, effect, frequency=ABSENT, calls=calls)


def background(genes: Sequence[str], random: np.random.Generator) -> Iterator[RareVariant]:
    """The made-up rest of a child's variants."""
    kinds = (Effect.MISSENSE, Effect.LOSS, Effect.IN_FRAME, Effect.SPLICE_REGION)
    for number in range(random.poisson(MEAN)):
        rarity, parent = random.random(), random.integers(2)
        value = 10 ** random.uniform(-6, -4) if rarity < 0.8 else 10 ** random.uniform(-4, -2)
        frequency = ABSENT if rarity < 0.5 else Frequency(FrequencyState.GIVEN, value, "made up", "made up")
        new = random.random() < NEW
        mother, father = (0, 0) if new else (1, 0) if parent else (0, 1)
        calls = {"child": called(1), "mother": called(mother), "father": called(father)}
        gene, effect = (
            genes[int(random.integers(len(genes)))],
            kinds[int(random.choice(4, p=(0.85, 0.08, 0.04, 0.03)))],
        )
        yield RareVariant(
            f"chr1-{number + 1}-A-G", gene, Place.AUTOSOME, effect, frequency=frequency, calls=calls
        )


def families(sex: Sex) -> Mapping[str, RareFamily]:
    """The child alone, and with both parents."""
    drawn = pedigree(
        [Member("mother", Sex.FEMALE), Member("father", Sex.MALE), Member("child", sex, "mother", "father")]
    )
    affected = {"child": Affected.YES, "mother": Affected.NO, "father": Affected.NO}
    return {
        "child alone": RareFamily("child", drawn, affected, frozenset({"child"})),
        "trio": RareFamily("child", drawn, affected, frozenset(drawn.members)),
    }


def report(
    ranker: Ranker, cases: Sequence[Case], spikes: Sequence[Sequence[tuple[str, str, Effect, str]]]
) -> None:
    """Ranks every case in every way and prints the shares."""
    policy = load_rare_policy()
    modes = gene_modes(ranker, policy)
    scorer, index = ranker.scorer, ranker.scorer.index
    papers = [paper_of(case) for case in cases]
    pairs = sorted(
        {(d, p) for c, p in zip(cases, papers, strict=True) for d in c.diagnoses if d in scorer.number}
    )
    other = Scorer(
        variant_index(index, [index.diseases[scorer.number[d]] for d, _ in pairs], [p for _, p in pairs])
    )
    place = {pair: at for at, pair in enumerate(pairs)}
    genes = sorted({gene for one in index.diseases for gene in one.genes})
    random, found = np.random.default_rng(2), dict[str, list[float]]()
    seconds = 0.0
    for case, paper, spike in zip(cases, papers, spikes, strict=True):
        child = [*spiked(spike), *background(genes, random)]
        scores = scorer.scores(case)
        ways: dict[str, Mapping[str, PhenotypeScore] | None] = {"variants only": None}
        for name in ("as published", "own paper left out"):
            if scores is not None:
                values = np.where(scorer.empty, -np.inf, scores)
                honest = other.scores(case)
                for d in case.diagnoses:
                    if name != "as published" and (d, paper) in place and honest is not None:
                        at = place[(d, paper)]
                        values[scorer.number[d]] = -np.inf if other.empty[at] else honest[at]
                ways[name] = best_of(ranker, values)
        began = time.perf_counter()
        for who, family in families(case.sex).items():
            held = [alone(one) for one in child] if who == "child alone" else child
            sifted = sift(held, family, policy, modes)
            for name, phenotype in ways.items():
                order = [one.gene for one in rank_genes(sifted, policy, phenotype)]
                rank = order.index(spike[0][1]) + 1 if spike[0][1] in order else np.inf
                found.setdefault(f"{who}: {name}", []).append(rank)
                found.setdefault("candidates", []).append(len(order))
        seconds += time.perf_counter() - began
    each, many = 1000 * seconds / len(cases), np.mean(found.pop("candidates"))
    print(f"SIMULATION. {len(cases)} public cases, {len(set(papers))} papers; {ranker.release}")
    print(f"{many:.0f} candidate genes a case; {each:.0f} ms for six rankings")
    print("| SIMULATION: gene ranked by | top 1 | top 3 | top 10 |\n|---|---|---|---|")
    for name, ranks in found.items():
        cells = (
            f"{value:.1f} ({low:.1f}–{high:.1f})" for value, low, high in shares(np.array(ranks), papers)
        )
        print(f"| {name} | {' | '.join(cells)} |")


def alone(one: RareVariant) -> RareVariant:
    """The same variant with nobody's call but the child's."""
    calls = {"child": one.of("child")}
    return RareVariant(one.name, one.gene, one.place, one.effect, frequency=one.frequency, calls=calls)


def best_of(ranker: Ranker, values: np.ndarray[Any, Any]) -> Mapping[str, PhenotypeScore]:
    """Each gene's best disease, in calibrated nats."""
    scale, best = 1 / ranker.scorer.index.parameters.temperature, dict[str, PhenotypeScore]()
    for at in np.argsort(-values, kind="stable").tolist():
        if np.isfinite(values[at]):
            for gene in ranker.scorer.index.diseases[at].genes:
                best.setdefault(gene, PhenotypeScore(float(values[at]) * scale))
    return best


if __name__ == "__main__":
    main()
