"""What a panel says of everybody in the lake: who carries what of its genes, through the four gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
from numpy.typing import NDArray

from bedside.genome.variant import Variant
from bedside.interpret.germline.classification_gate import known
from bedside.interpret.germline.screened import Screened
from bedside.knowledge.classification import Bucket
from bedside.knowledge.clinvar.release import ClinvarRelease
from bedside.knowledge.findings_panel import Panel
from bedside.service.reanalyse_changes import alleles_of, bucket_numbers, stand, variant_of
from bedside.service.screen_carried import Screening, held_rows
from bedside.service.screen_gates import Gates, Held, by_sex, genes_of, together
from bedside.service.screen_rows import Answer
from bedside.service.screen_subjects import Subjects


@dataclass(frozen=True, slots=True)
class Found:
    """One answer about one person: the finding, and how its variants are held."""

    person: str
    screened: Screened
    held: tuple[Held, ...]


@dataclass(slots=True)
class Screener:
    """A panel under a release, asked about people. on: the day that age is counted to."""

    lake: Screening
    panel: Panel
    release: ClinvarRelease
    on: date
    _said: dict[Variant, tuple[str, str]] = field(default_factory=dict)

    def found(self, people: Sequence[str] | None = None) -> Iterator[Found]:
        """Every answer about everybody, or about some."""
        carriers = self.lake.carriers(self._keys(), people)
        alleles = alleles_of((self.release,), carriers["key"].unique().to_numpy())
        variants = {variant.key: variant for variant in self.panel.named_variants}
        variants |= {key: variant_of(key, ref, alt) for key, _, ref, alt in alleles.iter_rows()}
        carriers = self.lake.graded(self.lake.of_alleles(carriers, variants))
        genes = {key: self._genes(variant) for key, variant in variants.items()}
        confirmed = self.lake.confirmations(carriers)
        persons = carriers["person"].unique().to_list()
        subjects = Subjects(self.lake.house, (self.panel,), self.lake.all.policy, self.on, persons)
        gates, sexed = Gates((self.panel,), self.release.at), by_sex((self.panel,))
        for person, gene, held in self._groups(held_rows(carriers, variants, confirmed), genes):
            for answer in gates.ask(gene, held, subjects.of(person, sexed=gene in sexed)):
                yield Found(person, answer, held)

    def _keys(self) -> NDArray[np.int64]:
        """Everything the panel's genes have a record of, but what is benign; what the panel names always."""
        keys = self.release.in_genes(genes_of((self.panel,)))
        classes, _ = stand(self.release).at(keys)
        telling = bucket_numbers(classes) != Bucket.BLB.number
        named = [variant.key for variant in self.panel.named_variants]
        return np.union1d(keys[telling], np.array(named, np.int64))

    def _genes(self, variant: Variant) -> tuple[str, ...]:
        of_records = {gene for record in self.release.at(variant) for gene in record.genes}
        named = self.panel.named_variants.get(variant)
        return tuple(sorted((of_records | ({named.gene} if named else set())) & set(self.panel.by_gene)))

    def _groups(
        self, rows: Iterator[tuple[int, str, Held]], genes: Mapping[int, tuple[str, ...]]
    ) -> Iterator[tuple[str, str, tuple[Held, ...]]]:
        """What is asked together: a variant alone, or all of a person in a gene that needs both copies."""
        both = together((self.panel,))
        waiting: dict[tuple[str, str], list[Held]] = {}
        for key, person, held in rows:
            for gene in genes[key]:
                if gene in both:
                    waiting.setdefault((person, gene), []).append(held)
                else:
                    yield person, gene, (held,)
        for (person, gene), several in waiting.items():
            yield person, gene, self.lake.phased(person, several)

    def answers(self, found: Found) -> Iterator[Answer]:
        """The rows of an answer: one a variant."""
        screened = found.screened
        for variant, zygosity in zip(screened.variants, screened.zygosity, strict=True):
            classification, stars = self._class(variant)
            yield Answer(
                screened.gene,
                str(variant),
                zygosity.value,
                classification,
                stars,
                screened.disease,
                screened.inheritance,
                screened.outcome.value,
                screened.reason.value,
                str(self.release.release),
            )

    def _class(self, variant: Variant) -> tuple[str, str]:
        if variant not in self._said:
            what = known(self.release.at(variant))
            name = "" if what.classification is None else what.classification.value
            self._said[variant] = (name, str(what.stars))
        return self._said[variant]
