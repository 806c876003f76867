"""The letter of medical necessity of an authorisation, from the record and the coverage answer; refused
when a sentence of it cannot be shown to stand somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from bedside.act.authorisation import Authorisation
from bedside.act.necessity_check import check_necessity
from bedside.act.necessity_letter import (
    Basis,
    LetterFact,
    NecessityFacts,
    NecessityLetter,
    Row,
    basis_of,
    evidence_words,
    met_and_open,
    write_letter,
)
from bedside.decide.coverage_answer import CriterionResult, PolicyResult
from bedside.errors import Problem, RequestError
from bedside.genome.authorisation import DenialClass
from bedside.genome.coverage import Known, Listed
from bedside.genome.event import Event, EventKind
from bedside.genome.order import Order
from bedside.genome.person import ItemStatus
from bedside.knowledge.necessity_template import load_necessity_template
from bedside.service.authorisation_form import Form, form_of
from bedside.service.authorisations import KIND, plan_of_authorisation, policy_of
from bedside.service.house import House
from bedside.service.order_test import order_named
from bedside.service.people import name_of


@dataclass(frozen=True, slots=True)
class _Material:
    """What a letter is made of."""

    house: House
    held: Authorisation
    order: Order
    form: Form
    events: tuple[Event, ...]

    def last(self, kind: EventKind, **said: str) -> Event | None:
        """The newest event of a kind whose payload says this."""
        fitting = [
            one
            for one in self.events
            if one.kind is kind and all(one.payload.get(name) == value for name, value in said.items())
        ]
        return fitting[-1] if fitting else None


def necessity_letter(house: House, held: Authorisation, *, appeal: bool = False) -> NecessityLetter:
    """The letter as the record makes it now, checked. appeal: against the newest refusal. Raises
    `RequestError` with every fault, or when there is no refusal to appeal."""
    material = _material(house, held)
    denial = _denial(held) if appeal else None
    facts, gaps = _facts(material, denial)
    template = load_necessity_template(house.settings.knowledge_folder)
    letter = write_letter(template, facts, gaps, denial=denial)
    places = [one.sequence for one in material.events]
    faults = check_necessity(letter.text, letter.sentences, template, facts, places, denial)
    if faults:
        raise RequestError(Problem("letter", str(one)) for one in faults)
    return letter


def _material(house: House, held: Authorisation) -> _Material:
    order = order_named(house, held.person, held.order).order
    form = form_of(house, held.person, held.order, payer=held.payer)
    events = tuple(house.ledger.events(person=held.person))
    return _Material(house, held, order, form, tuple(one for one in events if one.person == held.person))


def _denial(held: Authorisation) -> DenialClass:
    if held.refusal is None:
        raise RequestError.one("letter", "there is no refusal to appeal")
    return held.refusal.denial or DenialClass.NOT_GIVEN


def _facts(material: _Material, denial: DenialClass | None) -> tuple[NecessityFacts, tuple[str, ...]]:
    met, gaps = _criteria(material)
    pairs, guidelines = tuple(_pairs(material)), tuple(_guidelines(material))
    single = {one.name: one for one in _single(material)}
    if denial is not None:
        single |= {one.name: one for one in _refusal(material)}
    if guidelines:
        genes = sorted({row["guideline_gene"].shown for row in guidelines})
        bases = tuple(basis for row in guidelines for basis in row["guideline"].bases)
        single["guideline_genes"] = LetterFact("guideline_genes", _listed(genes), bases)
    rows = {
        "reasons": tuple(_reasons(material)),
        "policies": tuple(_policies(material)),
        "met": met,
        "pairs": pairs,
        "guidelines": guidelines,
    }
    return NecessityFacts(single, rows), gaps


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _fact(
    name: str, shown: str, event: Event | None, source: str, on: date | None = None
) -> Iterator[LetterFact]:
    """A fact of an event; nothing where there is no event or nothing to show."""
    if event is not None and shown.strip():
        yield LetterFact(
            name, shown, (Basis(source, event.sequence, on or event.valid_at.date(), event.actor),)
        )


def _single(material: _Material) -> Iterator[LetterFact]:
    order, held = material.order, material.held
    placed = material.last(EventKind.ORDER_PLACED)
    for event in material.events:
        if event.kind is EventKind.ORDER_PLACED and event.payload["order"]["order"] == order.order:
            placed = event
    person = material.last(EventKind.PERSON_REGISTERED)
    drafted = material.last(KIND, authorisation=held.authorisation, move="drafted")
    known, plan = material.house.ledger.person(held.person), plan_of_authorisation(held)
    if known is not None:
        yield from _fact("patient", name_of(known), person, "registration")
        if known.birth_date is not None:
            yield from _fact("born", known.birth_date.isoformat(), person, "registration")
    yield from _fact("plan", plan.name or plan.payer, drafted, "the plan as drafted")
    yield from _fact("member", plan.member, drafted, "the card's number as drafted")
    for name, shown in (
        ("order", order.order),
        ("test", order.code.name),
        ("laboratory", order.laboratory),
        ("orderer", order.orderer),
        ("ordered_on", order.placed_at.date().isoformat()),
    ):
        yield from _fact(name, shown, placed, "the order")
    test = material.form.stored.asked.test
    cited = f"coverage knowledge {material.form.answer.knowledge}"
    if test.z_code:
        yield LetterFact("z_code", test.z_code, (Basis("codes", citation=cited),))
    if test.codes:
        said = ", ".join(f"{one.system.upper()} {one.code}" for one in test.codes)
        yield LetterFact("codes", said, (Basis("codes", citation=cited),))
    governing = material.form.answer.governing
    if governing:
        bases = tuple(Basis(one.policy, citation=_cited(one)) for one in governing)
        yield LetterFact("policies", _listed([one.title for one in governing]), bases)
    if held.expedited and drafted is not None:
        yield from _fact("why_expedited", held.why_expedited, drafted, "said when it was drafted")
        yield from _fact("expedited_by", drafted.actor, drafted, "said when it was drafted")
        yield from _fact("expedited_on", drafted.valid_at.date().isoformat(), drafted, "when it was drafted")


def _refusal(material: _Material) -> Iterator[LetterFact]:
    refusal = material.held.refusal
    if refusal is None:
        return
    event = next((one for one in material.events if one.sequence == refusal.place), None)
    words = policy_of(material.house).answers.denials[refusal.denial or DenialClass.NOT_GIVEN].words
    on = (refusal.created or refusal.at or material.held.at).date()
    yield from _fact("refused_on", on.isoformat(), event, "the payer's answer", on)
    yield from _fact("refused_claim", refusal.claim, event, "the payer's answer", on)
    yield from _fact("refused_why", words, event, "the payer's answer", on)
    if refusal.reason is not None and refusal.reason.text.isprintable():
        yield from _fact("refused_words", refusal.reason.text[:200], event, "the payer's answer", on)


def _reasons(material: _Material) -> Iterator[Row]:
    """The order's reasons that the problem list holds; one that nobody recorded is not said."""
    for reason in material.order.reasons:
        event = material.last(EventKind.PROBLEM_RECORDED, code=reason.code, system=reason.system.value)
        if event is None or event.payload["status"] != ItemStatus.ACTIVE.value:
            continue
        shown = reason.display or reason.code
        row = [
            *_fact("reason", shown, event, "problem list"),
            *_fact("reason_code", reason.code, event, "problem list"),
        ]
        if row:
            yield {one.name: one for one in row}


def _cited(policy: PolicyResult) -> str:
    return f"{policy.title}, {policy.source_url}, {policy.version}"


def _policies(material: _Material) -> Iterator[Row]:
    for one in material.form.answer.governing:
        basis = (Basis(one.policy, citation=_cited(one)),)
        yield {
            "policy_title": LetterFact("policy_title", one.title, basis),
            "policy_source": LetterFact("policy_source", one.source_url or one.version, basis),
        }


def _criteria(material: _Material) -> tuple[tuple[Row, ...], tuple[str, ...]]:
    rows: list[Row] = []
    gaps: list[str] = []
    for policy in material.form.answer.governing:
        met, lacking = met_and_open(policy)
        for one in met:
            if one.evidence and one.value:
                rows.append(_criterion(one, policy))
            else:
                gaps.append(f"{one.says}: met, and nothing on record can be named for it")
        gaps += [f"{one.says}: {one.open or f'not met ({one.value})'}" for one in lacking]
    if not material.form.answer.governing:
        gaps.append("no policy at hand governs this test: the letter goes through none")
    return tuple(rows), tuple(dict.fromkeys(gaps))


def _criterion(one: CriterionResult, policy: PolicyResult) -> Row:
    cited = (Basis(policy.policy, citation=one.citation),)
    bases = tuple(basis_of(pointer, _where(pointer.event, one)) for pointer in one.evidence)
    return {
        "says": LetterFact("says", one.says, cited),
        "cites": LetterFact("cites", one.citation, cited),
        "value": LetterFact("value", one.value, bases),
        "evidence": LetterFact("evidence", evidence_words(one.evidence), bases),
    }


def _where(event: int | None, one: CriterionResult) -> str:
    """What is stated on a form or by the order stands in the coverage answer that kept it."""
    return "" if event is not None else f"the coverage answer's fact {one.fact}"


def _pairs(material: _Material) -> Iterator[Row]:
    """The medicines on record that a gene of the test speaks about."""
    fact = material.form.stored.asked.facts.get("actionable-drugs")
    if not isinstance(fact, Known) or not isinstance(fact.value, Listed):
        return
    held = material.house.pgx
    genes = material.form.stored.asked.test.genes
    for drug in sorted(fact.value.values):
        evidence = tuple(one for one in fact.evidence if one.event is not None and drug in one.source)
        fitting = [one for one in held.pairs if one.drug == drug and (genes is None or one.gene in genes)]
        for pair in fitting:
            if evidence and pair.level in ("A", "A/B", "B"):
                cited = (Basis("gene-drug pairs", citation=f"{held.release}, level {pair.level}"),)
                bases = tuple(basis_of(one) for one in evidence)
                yield {
                    "drug": LetterFact("drug", drug, bases),
                    "drug_evidence": LetterFact("drug_evidence", evidence_words(evidence), bases),
                    "gene": LetterFact("gene", pair.gene, cited),
                    "pair_source": LetterFact("pair_source", f"CPIC level {pair.level}", cited),
                }


def _guidelines(material: _Material) -> Iterator[Row]:
    """The guidelines of those medicines, by what they are cited as."""
    seen = set()
    for row in _pairs(material):
        drug, gene = row["drug"].shown, row["gene"].shown
        for one in material.house.pgx.guidance.get(drug, ()):
            title = one.citation.title or one.citation.source
            if gene not in one.criteria or (drug, gene, title) in seen or not title:
                continue
            seen.add((drug, gene, title))
            where = ", ".join(f"PMID {pmid}" for pmid in one.citation.pmids) or one.citation.url
            basis = (Basis(title, citation=f"{title} {where}".strip()),)
            yield {
                "guideline": LetterFact("guideline", title, basis),
                "guideline_source": LetterFact("guideline_source", where or one.citation.source, basis),
                "guideline_drug": LetterFact("guideline_drug", drug, row["drug"].bases),
                "guideline_gene": LetterFact("guideline_gene", gene, basis),
            }
