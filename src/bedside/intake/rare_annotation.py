"""What an annotated VCF says of a variant: genes, effects, frequency, ClinVar's class, a missense score.

Understood are VEP's CSQ, SnpEff's ANN, bcftools' BCSQ, and single fields that the pack names.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bedside.genome.rare_variant import (
    Classified,
    ClinicalClass,
    Effect,
    Frequency,
    FrequencyState,
    Score,
)
from bedside.knowledge.classification import Bucket, Classification, bucket_of
from bedside.knowledge.clinvar.terms import Terms
from bedside.knowledge.rare_variants import Population, RarePolicy

_INFO = re.compile(r'^##INFO=<ID=([^,>]+),.*?Description="(.*)"')
_FORMAT = re.compile(r"[Ff]ormat: *'?([^']*)'?|'([^']*\|[^']*)'")
_BCSQ = ("Consequence", "SYMBOL", "Feature", "BIOTYPE", "strand", "amino_acid_change", "dna_change")
_VERSION = re.compile(r"(?:[vr]|release[ _])\.?\d+(?:\.\d+)*", re.IGNORECASE)
_GENE, _WORDS, _ALLELE = ("SYMBOL", "Gene_Name"), ("Consequence", "Annotation"), "Allele"
_KINDS = {
    Classification.PATHOGENIC: ClinicalClass.PATHOGENIC,
    Classification.LIKELY_PATHOGENIC: ClinicalClass.LIKELY_PATHOGENIC,
    Classification.PATHOGENIC_LOW_PENETRANCE: ClinicalClass.PATHOGENIC,
    Classification.LIKELY_PATHOGENIC_LOW_PENETRANCE: ClinicalClass.LIKELY_PATHOGENIC,
    Classification.LIKELY_BENIGN: ClinicalClass.LIKELY_BENIGN,
    Classification.BENIGN: ClinicalClass.BENIGN,
}
_BY_BUCKET = {Bucket.VUS: ClinicalClass.UNCERTAIN, Bucket.CONFLICT: ClinicalClass.CONFLICTING}


def clinical_class(found: Classification) -> ClinicalClass:
    """The group a class is weighed in; a statement that is not about pathogenicity is none."""
    return _KINDS.get(found) or _BY_BUCKET.get(bucket_of(found), ClinicalClass.NONE)


@dataclass(frozen=True, slots=True)
class InGene:
    """A variant in one gene as annotated."""

    gene: str
    effect: Effect
    words: str


@dataclass(frozen=True, slots=True)
class Annotated:
    """Everything a line says of one alternate allele. genes is empty when it names none."""

    genes: tuple[InGene, ...]
    frequency: Frequency
    classified: Classified
    score: Score | None


@dataclass(slots=True)
class Annotations:
    """Reads the INFO of a file by its header. unknown: words nobody entered, with how often they came."""

    policy: RarePolicy
    terms: Terms
    fields: Mapping[str, str]
    unknown: dict[str, int] = field(default_factory=dict)

    @classmethod
    def of_header(cls, header: Iterable[str], policy: RarePolicy, terms: Terms) -> Annotations:
        """With the fields that the header declares, by name, each with its description."""
        declared: dict[str, str] = {}
        for line in header:
            if found := _INFO.match(line):
                declared[found[1]] = found[2]
            elif line.startswith("##VEP="):
                declared["##VEP"] = line
        return cls(policy, terms, declared)

    def read(
        self, info: Mapping[str, str], alternates: Sequence[str], index: int, reference: str
    ) -> Annotated:
        """What a line's INFO says of the alternate at `index`."""
        told = list(self._transcripts(info, alternates, index, reference))
        by_gene: dict[str, InGene] = {}
        for one in told:
            gene = next((one[name] for name in _GENE if one.get(name)), "")
            words = next((one[name] for name in _WORDS if one.get(name)), "")
            effect = self._effect(words)
            held = by_gene.get(gene)
            if gene and (held is None or _GRAVITY[effect] < _GRAVITY[held.effect]):
                by_gene[gene] = InGene(gene, effect, words.replace("&", ", "))
        genes = tuple(by_gene.values())
        if "BCSQ" in info and len(alternates) > 1:
            unsure = "which of the line's alleles it is about is not said"
            genes = tuple(replace(one, effect=Effect.UNDETERMINED, words=unsure) for one in genes)
        values = {**{name: v for one in reversed(told) for name, v in one.items() if v}, **info}
        count = len(alternates)
        return Annotated(
            genes,
            self._frequency(values, index, count),
            self._class(values),
            self._score(values, index, count),
        )

    def _transcripts(
        self, info: Mapping[str, str], alternates: Sequence[str], index: int, reference: str
    ) -> Iterable[Mapping[str, str]]:
        for name in ("CSQ", "ANN", "BCSQ"):
            layout = self._layout(name)
            if not layout or not info.get(name):
                continue
            for entry in info[name].split(","):
                if entry.startswith("@"):
                    continue
                one = dict(zip(layout, entry.lstrip("*").split("|"), strict=False))
                if len(alternates) == 1 or _about(one.get(_ALLELE), alternates[index], reference):
                    yield one
            return

    def _layout(self, name: str) -> tuple[str, ...]:
        said = self.fields.get(name)
        if said is None:
            return ()
        if name == "BCSQ":
            return _BCSQ
        found = _FORMAT.search(said)
        text = "" if found is None else found[1] or found[2] or ""
        return tuple(part.strip() for part in text.split("|"))

    def _effect(self, words: str) -> Effect:
        effects = []
        for word in filter(None, words.split("&")):
            one = self.policy.effect_of(word)
            if one is None:
                self.unknown[word] = self.unknown.get(word, 0) + 1
            effects.append(one or Effect.UNDETERMINED)
        return min(effects, key=_GRAVITY.__getitem__, default=Effect.UNDETERMINED)

    def _frequency(self, values: Mapping[str, str], index: int, count: int) -> Frequency:
        silent: Frequency | None = None
        for population in self.policy.populations:
            mine = [name for name in population.fields if self._declared(name)]
            numbers = [n for name in mine if (n := _number(values.get(name), index, count)) is not None]
            if numbers:
                highest, state = max(numbers), FrequencyState.GIVEN
                state = FrequencyState.ABSENT if highest <= 0 else state
                return Frequency(
                    state, max(highest, 0.0), population.dataset, self._version(population, mine)
                )
            if mine and silent is None and population.silence is FrequencyState.ABSENT:
                version = self._version(population, mine)
                silent = Frequency(FrequencyState.ABSENT, 0.0, population.dataset, version)
        return silent or Frequency()

    def _declared(self, name: str) -> bool:
        return name in self.fields or name in self._layout("CSQ")

    def _version(self, population: Population, names: Sequence[str]) -> str:
        for name in names:
            if found := _VERSION.search(self.fields.get(name, "")):
                return found[0]
        found = re.search(rf'{re.escape(population.dataset)}[eg]?="?([^"\s]+)', self.fields.get("##VEP", ""))
        return found[1] if found else ""

    def _class(self, values: Mapping[str, str]) -> Classified:
        for name in ("CLNSIG", "ClinVar_CLNSIG", "CLIN_SIG"):
            if not self._declared(name):
                continue
            raw = values.get(name, "").replace("&", "|").replace("%2C", ",").strip(".")
            source = f"{name} of the file"
            if not raw:
                return Classified(ClinicalClass.NONE, 0, source)
            coded = raw[0].isdigit()
            found = self.terms.classify_codes(raw) if coded else self.terms.classify(raw)
            if found is None:
                self.unknown[f"{name}={raw}"] = self.unknown.get(f"{name}={raw}", 0) + 1
                return Classified(ClinicalClass.NOT_AT_HAND, 0, source)
            stars = self.terms.stars(values.get("CLNREVSTAT", "").replace("&", ",")) or 0
            return Classified(clinical_class(found), stars, source)
        return Classified()

    def _score(self, values: Mapping[str, str], index: int, count: int) -> Score | None:
        for predictor in self.policy.predictors:
            for name in predictor.fields:
                number = _number(values.get(name), index, count)
                if number is not None:
                    return Score(predictor.name, number)
        return None


_GRAVITY = {one: place for place, one in enumerate(Effect)}


def _about(allele: str | None, alternate: str, reference: str) -> bool:
    """Whether an annotation's allele, as its program writes it, is this alternate."""
    if allele is None:
        return True
    short = alternate[1:] or "-" if alternate[0] == reference[0] else alternate
    return allele in (alternate, short)


def _number(text: str | None, index: int, count: int) -> float | None:
    """The number for one alternate; the highest of several that a transcript or population field joins."""
    if not text:
        return None
    parts = text.split(",")
    chosen = [parts[index]] if len(parts) == count else parts
    numbers = []
    for part in chosen:
        for piece in re.split(r"[&|]", part):
            try:
                numbers.append(float(piece))
            except ValueError:
                continue
    return max(numbers, default=None)
