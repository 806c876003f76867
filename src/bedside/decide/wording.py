"""Composes what people read from codes: one sentence for the action, one line for
the reason, one short text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bedside.decide.evidence import Evidence, is_presence
from bedside.decide.recommendation import Basis
from bedside.knowledge.pgx import Action, Dose, Guidance
from bedside.knowledge.phrases import Phrases

SUMMARY_LIMIT = 140
"""CDS Hooks: a card's summary is shorter than this many characters."""

_IF_USED = frozenset({Action.AVOID_USE_ALTERNATIVE, Action.AVOID, Action.CONSIDER_ALTERNATIVE})


_NO_ADVICE = frozenset({Action.NO_RECOMMENDATION, Action.INVALID_INPUT})


def capital(text: str) -> str:
    """The text with its first letter large."""
    return text[:1].upper() + text[1:]


def summarise(phrases: Phrases, row: Guidance, basis: Sequence[Basis], unknown: Sequence[str]) -> str:
    """The action in one sentence under 140 characters; for whom and what is unknown are never left out, the
    reason where it fits.
    """
    subject = f"{capital(row.drug)} {phrases.population(row.population)}".rstrip()
    core = f"{subject}: {phrases.actions[row.action].headline_of(row.qualified)}"
    lack = phrases.say("not_known", genes=" and ".join(unknown)) if unknown else ""
    known = [f"{one.gene} {phenotype_words(phrases, one)}" for one in basis if one.gene not in unknown]
    tried = ("; ".join(filter(None, (", ".join(known), lack))), lack)
    said = [f"{core} ({reason})" if reason else core for reason in tried]
    short = next((one for one in said if len(one) < SUMMARY_LIMIT), said[-1])
    return short if len(short) < SUMMARY_LIMIT else f"{short[: SUMMARY_LIMIT - 2]}…"


def for_whom(names: Sequence[str]) -> str:
    """Several populations in words; one that only narrows another ("with no other choice") is left out."""
    told = [name for name in dict.fromkeys(names) if name]
    return " or ".join(
        name for name in told if not any(name.startswith(f"{other} ") for other in told if other != name)
    )


def phenotype_words(phrases: Phrases, basis: Basis) -> str:
    """A gene's phenotype in plain words; presence of an allele and a bare score have words of their own."""
    if is_presence(basis.lookup_key):
        allele, _, answer = basis.lookup_key.rpartition(" ")
        return phrases.say("present" if answer == "positive" else "absent", allele=allele)
    if basis.phenotype:
        return _either(phrases, basis.phenotype)
    if basis.activity_score:
        return phrases.say("score", score=basis.activity_score)
    return _either(phrases, basis.lookup_key)


def _either(phrases: Phrases, terms: str) -> str:
    return " or ".join(phrases.phenotype(term) for term in terms.split(" or "))


def explain(phrases: Phrases, basis: Sequence[Basis]) -> str:
    """Why, in one line: each gene's result and what it means, and what changed that."""
    parts = []
    for one in basis:
        result = " or ".join(one.diplotypes)
        if one.converted_by:
            parts.append(
                phrases.say(
                    "converted",
                    gene=f"{one.gene} {result}".rstrip(),
                    phenotype=phenotype_words(phrases, one),
                    drugs=" and ".join(one.converted_by),
                    genotype=phrases.phenotype(one.genotype_phenotype),
                )
            )
        else:
            parts.append(
                phrases.say("basis", gene=one.gene, result=result, phenotype=phenotype_words(phrases, one))
            )
    return "; ".join(part.replace(" :", ":") for part in parts)


def dose_words(phrases: Phrases, dose: Dose | None) -> str:
    """The coded dose in words, "" where there is none."""
    if dose is None:
        return ""
    basis = phrases.dose_basis.get(dose.basis, phrases.dose_basis[""])
    parts = []
    if dose.percent_low is not None:
        parts.append(_range(phrases, "percent", dose.percent_low, dose.percent_high, basis))
    if dose.fold_low is not None:
        parts.append(_range(phrases, "fold", dose.fold_low, dose.fold_high, basis))
    if dose.maximum is not None:
        name = "ceiling" if parts else "maximum" if dose.basis else "maximum_plain"
        parts.append(phrases.dose[name].format(maximum=f"{dose.maximum:g}", unit=dose.unit, basis=basis))
    return ", ".join(parts)


def _range(phrases: Phrases, name: str, low: float, high: float | None, basis: str) -> str:
    if high is None or high == low:
        return phrases.dose[name].format(low=f"{low:g}", basis=basis)
    return phrases.dose[f"{name}_range"].format(low=f"{low:g}", high=f"{high:g}", basis=basis)


def compose(phrases: Phrases, row: Guidance, why: str, basis: Sequence[Basis], unknown: Sequence[str]) -> str:
    """The whole text: action, dose, monitoring, reason, what is unknown, strength and source."""
    sentences = [phrases.actions[row.action].sentence_of(row.qualified).format(drug=row.drug)]
    sentences += _how(phrases, row)
    sentences += further_words(phrases, row)
    sentences.append(f"{why}.")
    known = [one.gene for one in basis if one.gene not in unknown]
    if unknown and known and row.action not in _NO_ADVICE:
        sentences.append(phrases.say("unknown_sentence", known=" and ".join(known)))
    sentences.append(f"{row.source}: {phrases.strengths[row.strength]}.")
    return " ".join(capital(sentence) for sentence in sentences)


def _how(phrases: Phrases, row: Guidance) -> list[str]:
    """Dose and monitoring; where the drug is better avoided, they are for those who need it all the same."""
    dose = dose_words(phrases, row.dose)
    name = "later" if row.action is Action.STANDARD_DOSING else "plain"
    steps = [f"{'' if row.action in _IF_USED else phrases.dose[name]}{dose}."] if dose else []
    steps += [phrases.monitor[code] for code in row.monitor if code in phrases.monitor]
    if steps and row.action in _IF_USED:
        steps[0] = f"{phrases.dose['conditional']}{steps[0][:1].lower()}{steps[0][1:]}"
    return steps


def further_words(phrases: Phrases, row: Guidance) -> list[str]:
    """What the guideline says beyond action, dose and monitoring; where our codes do not carry it, that there
    is more.
    """
    known = [phrases.further[code] for code in row.further if code in phrases.further]
    lost = row.unread or len(known) < len(row.further)
    return list(dict.fromkeys([*known, phrases.further["READ_GUIDELINE"]])) if lost else known


def conditional_dose(phrases: Phrases, action: Action, dose: Dose | None) -> str:
    """The coded dose in words, with its condition where the drug is better avoided; "" without a dose."""
    said = dose_words(phrases, dose)
    lead = phrases.dose["conditional"] if said and action in _IF_USED else ""
    return f"{lead[:1].lower()}{lead[1:]}{said}"


def basis_of(evidence: Mapping[str, Evidence], row: Guidance) -> tuple[Basis, ...]:
    """Each gene's part in a matched row, in the order of the gene names."""
    return tuple(_basis(evidence[gene], row.criteria[gene]) for gene in sorted(row.criteria))


def _basis(one: Evidence, key: str) -> Basis:
    call = one.call
    if call is None or not one.known:
        diplotypes = () if call is None else tuple(map(str, call.source_diplotypes)) or call.component_alleles
        return Basis(one.gene, diplotypes, key, "", key)
    if is_presence(key):
        return Basis(one.gene, (), key, "", key)
    shown = call.display or tuple(map(str, call.recommendation_diplotypes or call.source_diplotypes))
    score = call.activity_scores[0] if len(call.activity_scores) == 1 else ""
    rivals = len(one.candidates) > 1
    phenotype = " or ".join(call.phenotypes) if len(call.phenotypes) == 1 or rivals else ""
    conversion = one.conversion
    if conversion is None:
        return Basis(one.gene, shown, phenotype, score, key)
    origin, to = next(
        ((was, to) for was, to in conversion.keys.items() if key in (to, conversion.phenotypes.get(to))),
        ("", ""),
    )
    if not origin:
        return Basis(one.gene, shown, phenotype, score, key)
    return Basis(
        one.gene,
        shown,
        conversion.phenotypes.get(to, to),
        to if to != conversion.phenotypes.get(to) else "",
        key,
        converted_by=conversion.by,
        genotype_phenotype=phenotype or origin,
    )
