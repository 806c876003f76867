"""A trial's criterion about findings, in the language of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from bedside.knowledge.tumour_rule import (
    All,
    AmplifiedAtom,
    FusionAtom,
    Kind,
    MarkerAtom,
    Not,
    OneOf,
    Rule,
    VariantAtom,
)

_CHANGE = re.compile(r"p\.([A-Z])([0-9]+)([A-Z]?)")
_CLASSES = {
    "in_frame_del": Kind.INFRAME_DELETION,
    "in_frame_ins": Kind.INFRAME_INSERTION,
    "frame_shift_del": Kind.FRAMESHIFT,
    "frame_shift_ins": Kind.FRAMESHIFT,
    "frameshift": Kind.FRAMESHIFT,
}
_READ = {
    "hugo_symbol", "variant_category", "protein_change", "wildcard_protein_change", "exon",
    "variant_classification", "cnv_call", "wildtype", "fusion_partner_hugo_symbol", "mmr_status", "ms_status",
    "display_name",
}  # fmt: skip


def genomic(asked: Mapping[str, str]) -> Rule:
    """The rule of a criterion; raises ValueError for what cannot be said as one."""
    unread = sorted(set(asked) - _READ)
    if unread:
        raise ValueError(f"asks for {', '.join(unread)}, which is not understood here")
    if "mmr_status" in asked or "ms_status" in asked:
        return _instability(asked)
    category = asked.get("variant_category", "Any Variation")
    gene = asked.get("hugo_symbol", "")
    if not gene:
        raise ValueError("names no gene")
    if str(asked.get("wildtype", "")).casefold() == "true":
        return Not(VariantAtom(gene, Kind.ANY))
    rule = _category(category.removeprefix("!"), gene, asked)
    return Not(rule) if category.startswith("!") else rule


def _instability(asked: Mapping[str, str]) -> Rule:
    text = (asked.get("mmr_status") or asked.get("ms_status") or "").casefold()
    deficient = "defic" in text or "high" in text or "msi-h" in text
    rule: Rule = OneOf((MarkerAtom("msi", ("high",)), MarkerAtom("mmr", ("deficient",))))
    return rule if deficient else Not(rule)


def _category(category: str, gene: str, asked: Mapping[str, str]) -> Rule:
    match category:
        case "Mutation":
            return _mutation(gene, asked)
        case "Copy Number Variation" | "CNV":
            return _copies(gene, asked.get("cnv_call", ""))
        case "Structural Variation" | "SV":
            partner = asked.get("fusion_partner_hugo_symbol", "").removeprefix("!")
            known = partner and partner.casefold() not in ("any_gene", "intergenic")
            return FusionAtom((gene, partner) if known else (gene,))
        case "Any Variation":
            return OneOf((VariantAtom(gene, Kind.ANY), AmplifiedAtom(gene), FusionAtom((gene,))))
        case _:
            raise ValueError(f"asks for {category}, which is not understood here")


def _copies(gene: str, call: str) -> Rule:
    opposite, word = call.startswith("!"), call.removeprefix("!").casefold()
    if "amplification" not in word:
        raise ValueError(f"asks for {call or 'a copy number'}, which is not understood here")
    rule: Rule = AmplifiedAtom(gene)
    return Not(rule) if opposite else rule


def _mutation(gene: str, asked: Mapping[str, str]) -> Rule:
    rules: list[Rule] = []
    exons = _exons(asked.get("exon", ""))
    text = asked.get("protein_change") or asked.get("wildcard_protein_change") or ""
    if text:
        rules.append(_negated(text, lambda one: _change(gene, one)))
    kind = asked.get("variant_classification", "")
    if kind:
        rules.append(_negated(kind, lambda one: _class(gene, one, exons)))
    elif exons is not None:
        rules.append(VariantAtom(gene, Kind.ANY, exons))
    if not rules:
        return VariantAtom(gene, Kind.ANY)
    return rules[0] if len(rules) == 1 else All(tuple(rules))


def _negated(text: str, make: Callable[[str], Rule]) -> Rule:
    rule = make(text.removeprefix("!"))
    return Not(rule) if text.startswith("!") else rule


def _change(gene: str, text: str) -> Rule:
    found = _CHANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"asks for {text}, which is no substitution")
    return VariantAtom(gene, Kind.CHANGE, None, "", (found[1], int(found[2]), found[3] or "*"))


def _class(gene: str, text: str, exons: tuple[int, int] | None) -> Rule:
    word = text.casefold()
    if word in ("missense_mutation", "missense", "nonsense_mutation", "nonsense"):
        raise ValueError(f"asks for {text}: rules do not tell it from other changes yet")
    kind = _CLASSES.get(word)
    if kind is None:
        raise ValueError(f"asks for {text}, which is not understood here")
    return VariantAtom(gene, kind, exons)


def _exons(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    if not text.isdigit():
        raise ValueError(f"asks for exon {text}")
    return int(text), int(text)
