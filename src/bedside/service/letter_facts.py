"""The typed facts a letter to a person may hold, each read from a field of the record and naming it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bedside.act.inbox import Item
from bedside.act.inbox import Standing as ResultStanding
from bedside.act.letter_classes import Sorted, sort_result
from bedside.genome.assay import Assay
from bedside.genome.letter import Fact, FactKind, Facts, Holder, ResultClass, Row, Source
from bedside.genome.record import HeldResult
from bedside.genome.reported import ReportedFinding
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.letter_rules import LetterRules, load_letter_classes
from bedside.knowledge.letter_templates import LetterTemplate
from bedside.service.house import House
from bedside.service.letter_drugs import drug_rows
from bedside.service.letter_rows import absent, content, finding, gene_only, no_answer, unread
from bedside.service.people import name_of
from bedside.store.encode import decode, decode_assay
from bedside.store.encode_reported import decode_reported

YES = "yes"


@dataclass(frozen=True, slots=True)
class Material:
    """A result with everything of it that letters are made of."""

    held: HeldResult
    item: Item
    assay: Assay
    findings: tuple[ReportedFinding, ...]
    calls: Mapping[str, GeneCall]
    sorted: Sorted

    @property
    def classes(self) -> tuple[ResultClass, ...]:
        """The letters there can be about the result."""
        return (ResultClass.WITHDRAWN,) if self.held.withdrawn else self.sorted.classes


@dataclass(frozen=True, slots=True)
class Asked:
    """A letter that is asked for: its class, its words, whom to ask where the writer names somebody."""

    about: ResultClass
    template: LetterTemplate
    rules: LetterRules
    contact: str = ""


def material_of(house: House, held: HeldResult, item: Item) -> Material:
    """The result with what it holds."""
    bodies = house.ledger.content({held.assay, *held.reported})
    findings = tuple(decode_reported(decode(bodies[one])) for one in held.reported)
    named = house.ledger.calls(set(held.calls.values()))
    calls = {gene: named[digest] for gene, digest in sorted(held.calls.items())}
    classes = load_letter_classes(house.settings.knowledge_folder)
    assay = decode_assay(decode(bodies[held.assay]))
    return Material(held, item, assay, findings, calls, sort_result(findings, calls, classes))


def facts_of(house: House, material: Material, asked: Asked) -> Facts:
    """Everything the letter may say; what the record does not hold is left out."""
    rows = _rows(house, material, asked)
    single = {one.name: one for one in _common(house, material, asked)}
    single |= {one.name: one for one in _flags(material, asked.about, rows)}
    if asked.about is ResultClass.DRUGS:
        unread_genes = _not_read(house, material)
        if unread_genes:
            names = ", ".join(unread_genes)
            source = Source(Holder.RESULT, material.held.result, "not-read")
            single["not_read"] = Fact("not_read", FactKind.GENES, names, names, source)
    return Facts(single, {name: tuple(filter(None, several)) for name, several in rows.items()})


def _rows(house: House, material: Material, asked: Asked) -> dict[str, tuple[Row, ...]]:
    held, rules = material.held, asked.rules
    places = material.sorted.findings.get(asked.about, ())
    told = [(material.findings[place], held.reported[place]) for place in places]
    rows: dict[str, tuple[Row, ...]] = {}
    match asked.about:
        case ResultClass.WITHDRAWN:
            return rows
        case ResultClass.NOTHING:
            rows["absent"] = tuple(absent(one, digest) for one, digest in told)
            genes = {one.gene: gene_only(one.gene, digest) for one, digest in told if one.gene}
            rows["looked"] = tuple(genes.values())
        case ResultClass.INCONCLUSIVE:
            rows["unread"] = tuple(no_answer(one, digest) for one, digest in told)
            if not material.sorted.read:
                rows["unread"] += tuple(
                    unread(material.calls[gene], held.calls[gene]) for gene in material.sorted.unread
                )
        case ResultClass.DRUGS:
            return drug_rows(house, held, material.calls, material.sorted.read, rules)
        case _:
            rows["findings"] = tuple(finding(one, digest, rules) for one, digest in told)
    rows["limits"] = tuple(
        {"limit": content("limit", FactKind.LIMIT, text, held.assay, f"limits.{number}")}
        for number, text in enumerate(material.assay.limits)
    )
    return rows


def _common(house: House, material: Material, asked: Asked) -> Iterator[Fact]:
    held, rules, words = material.held, asked.rules, asked.template.provenance
    known = house.ledger.person(held.person)
    if known is not None and name_of(known):
        yield _plain("name", FactKind.NAME, name_of(known), Holder.PERSON, held.person)
    for name, day, holder in (
        ("day", house.clock().date(), Holder.WRITER),
        ("reported_on", held.valid_at.date(), Holder.RESULT),
    ):
        source = Source(holder, held.result, name)
        yield Fact(name, FactKind.DATE, day.isoformat(), rules.day_words(day), source)
    if held.laboratory:
        yield _plain("laboratory", FactKind.LABORATORY, held.laboratory, Holder.RESULT, held.result)
    if material.assay.method:
        yield content("method", FactKind.METHOD, material.assay.method, held.assay, "method")
    contact, holder = (asked.contact, Holder.WRITER) if asked.contact else (rules.contact, Holder.RULES)
    yield _plain("contact", FactKind.CONTACT, contact, holder, rules.provenance.name)
    sealed = f"{words.name} {words.sha256[:12]}"
    yield _plain("wording", FactKind.RELEASE, sealed, Holder.RULES, words.name)
    yield _plain("review", FactKind.RELEASE, words.review_state, Holder.RULES, words.name)
    release = held.release or str(house.pgx.release)
    yield _plain("release", FactKind.RELEASE, release, Holder.RESULT, held.result)


def _plain(name: str, kind: FactKind, value: str, holder: Holder, key: str) -> Fact:
    return Fact(name, kind, value, value, Source(holder, key, name))


def _flags(material: Material, about: ResultClass, rows: Mapping[str, tuple[Row, ...]]) -> Iterator[Fact]:
    """What is so or is not: each opens sentences, and none is printed."""
    held = material.held
    so = {
        "corrected": material.item.standing is ResultStanding.AMENDED,
        "taken_back": bool(held.withdrawn),
        "replaced": bool(material.item.replaced_by),
        "nothing_reported": about is ResultClass.NOTHING and bool(rows.get("absent")),
        "no_answer": about is ResultClass.INCONCLUSIVE and bool(rows.get("unread")),
        "read": about is ResultClass.DRUGS and bool(rows.get("calls")),
        "advised": bool(rows.get("taken") or rows.get("advice")),
        "more": bool(rows.get("more")),
        "elsewhere": bool(rows.get("elsewhere")),
        "limits_held": bool(rows.get("limits")),
    }
    for name, holds in so.items():
        if holds:
            yield Fact(name, FactKind.FLAG, YES, YES, Source(Holder.RESULT, held.result, name))
    if about is ResultClass.SECONDARY:
        yield Fact("not_asked", FactKind.FLAG, YES, YES, Source(Holder.WRITER, "", "not_asked"))


def _not_read(house: House, material: Material) -> tuple[str, ...]:
    """Genes of the release that this result did not look at or could not read."""
    return tuple(sorted((set(house.pgx.genes) | set(material.calls)) - set(material.sorted.read)))
