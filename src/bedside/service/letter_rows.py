"""Rows of facts about one reported finding or one gene, each fact with the content and field it is from."""

from __future__ import annotations

from bedside.genome.letter import Fact, FactKind, Holder, Row, Source
from bedside.genome.reported import ReportedFinding
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.letter_rules import LetterRules

MOST_WORDS = 8
"""A condition of more words stands in the technical details only."""
LAYPERSON = "layperson"


def content(name: str, kind: FactKind, value: str, digest: str, path: str, shown: str | None = None) -> Fact:
    """A fact that a piece of content of the ledger holds."""
    return Fact(name, kind, value, value if shown is None else shown, Source(Holder.CONTENT, digest, path))


def finding(one: ReportedFinding, digest: str, rules: LetterRules) -> Row:
    """What a laboratory reported of a variant."""
    row: dict[str, Fact] = {}
    if one.gene:
        row["gene"] = content("gene", FactKind.GENE, one.gene, digest, "gene")
    if one.hgvs:
        row["variant"] = content("variant", FactKind.VARIANT, one.hgvs[0], digest, "hgvs.0")
    for name, field, said in (
        ("classification", "classification", one.classification),
        ("condition_said", "condition", one.condition),
    ):
        if said.words:
            path = f"{field}.{0 if said.text else 1}"
            row[name] = content(name, FactKind.CONDITION, said.words, digest, path)
    copies = one.allelic_state.value
    if words := rules.words_for(FactKind.COPIES, copies):
        row["copies"] = content("copies", FactKind.COPIES, copies, digest, "allelic_state", words)
    condition = condition_of(one, digest, rules)
    return row if condition is None else row | {"condition": condition}


def condition_of(one: ReportedFinding, digest: str, rules: LetterRules) -> Fact | None:
    """The condition in a layperson's words where HPO has them, else as the laboratory wrote it; None where
    there is none or it is too long for a plain sentence."""
    said = one.condition
    if rules.language == "en" and (lay := lay_name(said.code)):
        return content("condition", FactKind.CONDITION, said.code, digest, LAYPERSON, lay)
    if not said.words or len(said.words.split()) > MOST_WORDS:
        return None
    path = f"condition.{0 if said.text else 1}"
    return content("condition", FactKind.CONDITION, said.words, digest, path)


def lay_name(code: str) -> str:
    """HPO's first layperson's name of a term, "" where there is none."""
    if not code.startswith("HP:"):
        return ""
    from bedside.knowledge.hpo import load_hpo

    term = load_hpo().term(code)
    names = () if term is None else tuple(name for name, layperson in term.synonyms if layperson)
    return names[0][:1].lower() + names[0][1:] if names else ""


def gene_only(gene: str, digest: str) -> Row:
    """A gene that a finding names."""
    return {"gene": content("gene", FactKind.GENE, gene, digest, "gene")}


def absent(one: ReportedFinding, digest: str) -> Row:
    """What a laboratory looked for and did not find."""
    if one.hgvs:
        return {"name_of_it": content("name_of_it", FactKind.VARIANT, one.hgvs[0], digest, "hgvs.0")}
    return {"name_of_it": content("name_of_it", FactKind.GENE, one.gene, digest, "gene")} if one.gene else {}


def no_answer(one: ReportedFinding, digest: str) -> Row:
    """What a laboratory looked for without an answer."""
    why = content("why", FactKind.LIMIT, one.presence.value, digest, "presence")
    return {"why": why, **(gene_only(one.gene, digest) if one.gene else {})}


def unread(call: GeneCall, digest: str) -> Row:
    """A gene that has no usable answer."""
    why = content("why", FactKind.LIMIT, call.status.value, digest, "status")
    return {"why": why, **gene_only(call.gene, digest)}


def genotype(call: GeneCall, digest: str) -> Row:
    """A gene's call as the record has it."""
    path = "display" if call.display else "source_diplotypes"
    said = " or ".join(call.display or map(str, call.source_diplotypes))
    row: dict[str, Fact] = dict(gene_only(call.gene, digest))
    if said:
        row["genotype"] = content("genotype", FactKind.GENOTYPE, said, digest, path)
    if call.phenotypes:
        words = " or ".join(call.phenotypes)
        row["phenotype"] = content("phenotype", FactKind.PHENOTYPE, words, digest, "phenotypes")
    return row
