"""Pharmacogenes of a FHIR document as calls made elsewhere: genotypes, pairs of haplotypes, metabolism,
what a therapeutic implication says of the metabolism, and genomic indicators (Conditions). What cannot be
read is said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bedside.exchange.fhir_document import FhirDocument, Found
from bedside.exchange.fhir_read import NOT_A_RESULT
from bedside.exchange.fhir_value import (
    Resource,
    codes_of_any,
    codings,
    gene_of,
    loinc_of,
    maps,
    said_code,
    text,
)
from bedside.exchange.genomic_text import GenomicWords
from bedside.genome.observation import OutsideCall
from bedside.knowledge.terminology import Terminology

THERAPEUTIC = "therapeutic-implication"
OTHER_GENE = "its gene is not named by a symbol, or by one that its number or its value contradicts"
NO_ALLELES = "its value is no pair of alleles and no phenotype of the gene"
NOT_GERMLINE = "it is of a tumour or a foetus, not of the person's germline"
LONE = "a haplotype that no genotype and no second haplotype of its gene goes with"
NO_TERM = "its answer is no phenotype of the gene"
ADVICE = "the laboratory's own advice on a drug; here advice follows from the guidance in force"
_SYMBOL = re.compile(r"[A-Z][A-Z0-9]{1,14}(?:-[A-Z0-9]{1,8})?\Z")
_GENOTYPE_LIST = re.compile(
    r"(?:hla#[^#]*#)?(?P<gene>HLA-[A-Z0-9]+)\*(?P<first>[0-9:A-Z]+)\+(?P=gene)\*(?P<second>[0-9:A-Z]+)"
)
_LEADING = re.compile(r"([A-Za-z][A-Za-z0-9-]{1,19})(?=[ *])")
_OR = " or "

Computed = Callable[[str, str], frozenset[str]]
"""What a diplotype of a gene means under the release at hand; nothing when it is not known."""


@dataclass(frozen=True, slots=True)
class CalledHere:
    """A call, the phenotype as the laboratory says it ("" when it does not), and where both stand."""

    call: OutsideCall
    said: str
    places: tuple[Found, ...]


@dataclass(slots=True)
class Calls:
    """What was read, and of which resources something was left, with the reason."""

    calls: list[CalledHere] = field(default_factory=list)
    unread: list[tuple[Found, str]] = field(default_factory=list)


@dataclass(slots=True)
class _Gathered:
    """By gene: diplotypes, phenotypes and single haplotypes, each with where they stand."""

    diplotypes: dict[str, dict[str, list[Found]]] = field(default_factory=dict)
    phenotypes: dict[str, dict[str, list[Found]]] = field(default_factory=dict)
    haplotypes: dict[str, list[tuple[str, Found]]] = field(default_factory=dict)
    genes: dict[int, str] = field(default_factory=dict)

    def diplotype(self, gene: str, said: str, one: Found) -> None:
        self.diplotypes.setdefault(gene, {}).setdefault(said, []).append(one)

    def phenotype(self, gene: str, said: str, one: Found) -> None:
        self.phenotypes.setdefault(gene, {}).setdefault(said, []).append(one)


@dataclass(frozen=True, slots=True)
class CallsReader:
    """Reads under a release's words. elsewhere: answers to the genomic source class that are not the person's
    germline."""

    words: GenomicWords
    terms: Terminology
    computed: Computed
    elsewhere: frozenset[str] = frozenset()

    def concerns(self, one: Found) -> bool:
        """Whether a resource speaks of a pharmacogene's alleles or metabolism."""
        if one.kind == "Condition":
            return is_indicator(one, self.terms)
        asked, codes = loinc_of(one.resource.get("code")), self.terms.codes
        wanted = {codes[name] for name in ("genotype", "haplotype", "metabolism", "high_risk_allele")}
        return bool(asked & (wanted | self.terms.gene_activity.keys()))

    def read(self, document: FhirDocument, counted: list[Found]) -> Calls:
        """The calls of the resources that count, which `concerns` or are therapeutic implications."""
        calls, gathered = Calls(), _Gathered()
        for one in counted:
            if self.concerns(one):
                why = self._taken(one, gathered)
                calls.unread += [(one, why)] * bool(why)
        self._pairs(gathered, calls)
        for one in counted:
            if THERAPEUTIC in codes_of_any(one.resource.get("code")):
                self._implied(document, one, gathered, calls)
        calls.calls += self._joined(gathered)
        return calls

    def _taken(self, one: Found, gathered: _Gathered) -> str:
        """Gather what one resource says; why it could not be read, "" when it was."""
        if one.kind == "Condition":
            return self._indicator(one, gathered)
        asked = loinc_of(one.resource.get("code"))
        if any(self._elsewhere(component) for component in maps(one.resource.get("component"))):
            return NOT_GERMLINE
        said = tuple(self._said(one))
        gene = self._gene(one, said)
        if not gene:
            return OTHER_GENE
        gathered.genes[id(one.resource)] = gene
        if self.terms.codes["haplotype"] in asked:
            return self._haplotype(one, gene, said, gathered)
        for value in said:
            parts = [self._read(part, gene) for part in value.split(_OR)]
            read = [part for part in parts if part is not None]
            if read and len(read) == len(parts):
                for call in read:
                    self._gather(call, one, gathered)
                return ""
        term = self._term(gene, one.resource.get("valueCodeableConcept"))
        if term:
            gathered.phenotype(gene, term, one)
            return ""
        return NO_ALLELES

    def _elsewhere(self, component: Resource) -> bool:
        asked = self.terms.codes["source_class"] in codes_of_any(component.get("code"))
        return asked and bool(self.elsewhere & codes_of_any(component.get("valueCodeableConcept")))

    def _gather(self, call: OutsideCall, one: Found, gathered: _Gathered) -> None:
        if call.diplotype:
            gathered.diplotype(call.gene, call.diplotype, one)
        if call.phenotype:
            gathered.phenotype(call.gene, call.phenotype, one)

    def _indicator(self, one: Found, gathered: _Gathered) -> str:
        if any(
            codes_of_any(one.resource.get(name)) & NOT_A_RESULT
            for name in ("verificationStatus", "clinicalStatus")
        ):
            return "it is not confirmed, or no longer in force"
        for said in self._words(one.resource.get("code")):
            call = self.words.read(said)
            if call is not None:
                self._gather(call, one, gathered)
                return ""
        return "its words name no phenotype and no alleles of a gene that the release knows"

    def _said(self, one: Found) -> Iterator[str]:
        yield from self._words(one.resource.get("valueCodeableConcept"))
        if said := text(one.resource.get("valueString")):
            yield said

    def _words(self, concept: object) -> Iterator[str]:
        """What a concept says in words: its text, then each display, then codes that are no numbers."""
        whole = said_code(concept)
        strings = [_genotype_list(text(one.get("code"))) for one in codings(concept)]
        shown = [*strings, whole.text, *(text(one.get("display")) for one in codings(concept)), whole.code]
        yield from dict.fromkeys(filter(None, shown))

    def _gene(self, one: Found, said: tuple[str, ...]) -> str:
        """The one gene that its component, its code and its value name; "" when they contradict one
        another."""
        components = [
            gene_of(component)
            for component in maps(one.resource.get("component"))
            if self.terms.codes["gene_studied"] in codes_of_any(component.get("code"))
        ]
        named = {self.words.by_hgnc.get(number, symbol) for symbol, number in components}
        named |= {symbol for symbol, number in components if symbol and number in self.words.by_hgnc}
        named |= {
            self.terms.gene_activity[code]
            for code in loinc_of(one.resource.get("code"))
            if code in self.terms.gene_activity
        }
        leading = {found[1] for value in said if (found := _LEADING.match(value)) and _SYMBOL.match(found[1])}
        spoken = {symbol for value in said if (symbol := self.words.gene_of(value))}
        if named:
            leading = {one for one in leading if not any(one == f"HLA-{short}" for short in leading)}
            strangers = {
                symbol for symbol in leading | spoken if symbol not in named and f"HLA-{symbol}" not in named
            }
            return named.pop() if len(named) == 1 and not strangers and _is_symbol(named) else ""
        return spoken.pop() if len(spoken) == 1 else ""

    def _read(self, said: str, gene: str) -> OutsideCall | None:
        """A call in the release's words; else the pair of alleles as written, which a later release may
        know."""
        known = self.words.read(said, gene)
        if known is not None:
            return known
        sides = [side.strip().removeprefix(gene).strip() for side in said.split("/")]
        if len(sides) == 2 and all(side and side[0] in "*[(c" for side in sides) and "*" in said:
            return OutsideCall(gene, diplotype="/".join(sides))
        return None

    def _haplotype(self, one: Found, gene: str, said: tuple[str, ...], gathered: _Gathered) -> str:
        for value in said:
            name = value.removeprefix(gene).strip()
            allele = self.words.alleles[gene].allele(name) if gene in self.words.alleles else name
            allele = allele or (name if name.startswith("*") and "/" not in name else "")
            if allele:
                gathered.haplotypes.setdefault(gene, []).append((allele, one))
                return ""
        return NO_ALLELES

    def _pairs(self, gathered: _Gathered, calls: Calls) -> None:
        """Two haplotypes of a gene that has no genotype are its genotype; one alone is nothing yet."""
        for gene, several in gathered.haplotypes.items():
            if gene in gathered.diplotypes:
                continue
            if len(several) != 2:
                calls.unread += [(one, LONE) for _, one in several]
                continue
            pair = "/".join(allele for allele, _ in several)
            for _, one in several:
                gathered.diplotype(gene, pair, one)

    def _term(self, gene: str, concept: object) -> str:
        """The release's term of a coded phenotype, or of one in words; "" when the gene has no such term."""
        known = self.words.phenotypes.get(gene, {})
        for code in codes_of_any(concept):
            term = self.terms.phenotypes.get(code, "")
            if term and (term.lower() in known or gene not in self.words.genes):
                return term
        for said in self._words(concept):
            call = self.words.read(said, gene)
            if call is not None and call.phenotype and not call.diplotype:
                return call.phenotype
        return ""

    def _implied(self, document: FhirDocument, one: Found, gathered: _Gathered, calls: Calls) -> None:
        """The phenotype that a therapeutic implication names, of the genes that it is derived from."""
        led = [document.follow(reference, one) for reference in maps(one.resource.get("derivedFrom"))]
        genes = {gathered.genes.get(id(found.resource), "") for found in led if found is not None} - {""}
        if not genes:
            return
        why = ADVICE
        for component in maps(one.resource.get("component")):
            asked = codes_of_any(component.get("code"))
            if not asked & {THERAPEUTIC, self.terms.codes["metabolism"]}:
                continue
            concept = component.get("valueCodeableConcept")
            own = {gene for said in self._words(concept) if (gene := self.words.gene_of(said))} or genes
            terms = {gene: term for gene in own & genes if (term := self._term(gene, concept))}
            if len(terms) == 1:
                ((gene, term),) = terms.items()
                gathered.phenotype(gene, term, one)
            else:
                why = NO_TERM
        calls.unread.append((one, why))

    def _joined(self, gathered: _Gathered) -> Iterator[CalledHere]:
        for gene in dict.fromkeys([*gathered.diplotypes, *gathered.phenotypes]):
            stated = gathered.phenotypes.get(gene, {})
            said = _OR.join(stated)
            beside = tuple(dict.fromkeys(id(one.resource) for several in stated.values() for one in several))
            places = {id(one.resource): one for several in stated.values() for one in several}
            alone = [OutsideCall(gene, phenotype=term) for term in stated]
            diplotypes = gathered.diplotypes.get(gene, {})
            known = frozenset[str]().union(*(self.computed(gene, pair) for pair in diplotypes))
            agrees = bool(known) and set(stated) <= known
            for pair, several in diplotypes.items():
                where = (*several, *(places[key] for key in beside))
                kept = [""] if agrees or not stated else list(stated)
                for term in kept:
                    yield CalledHere(OutsideCall(gene, pair, term), said, tuple(where))
            if not diplotypes:
                for call in alone:
                    yield CalledHere(call, call.phenotype, tuple(stated[call.phenotype]))


def _genotype_list(code: str) -> str:
    """The pair of alleles of an HLA genotype-list string (`hla#3.31.0#HLA-A*03:01+HLA-A*30:01`); "" when it
    is none, or leaves more than one pair open."""
    found = _GENOTYPE_LIST.fullmatch(code)
    return "" if found is None else f"{found['gene']} *{found['first']}/*{found['second']}"


def is_indicator(one: Found, terms: Terminology) -> bool:
    """Whether a Condition is a genomic indicator, as EHRs keep them."""
    system, _, code = terms.indicator_category.rpartition("|")
    every = (each for concept in maps(one.resource.get("category")) for each in codings(concept))
    return any(each.get("code") == code and each.get("system") == system for each in every)


def _is_symbol(named: set[str]) -> bool:
    return all(_SYMBOL.match(one.upper()) for one in named)
