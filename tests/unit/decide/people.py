"""People for the tests of decisions: calls made by hand, and the rules they are judged by."""

from __future__ import annotations

from datetime import date
from functools import cache

from bedside.decide.moment import Draft, Moment, Taken
from bedside.genome.diplotype import Diplotype
from bedside.interpret.gene_call import CallSource, CallStatus, GeneCall
from bedside.knowledge.catalogue import load_pgx
from bedside.knowledge.pgx import Lookup, PgxPack
from bedside.knowledge.ruleset import Ruleset, load_ruleset

TODAY = date(2026, 11, 22)


@cache
def pack() -> PgxPack:
    return load_pgx()


@cache
def rules() -> Ruleset:
    return load_ruleset(pack())


def called(gene: str, *keys: str, diplotype: str = "", settle: tuple[str, ...] = ()) -> GeneCall:
    """A gene with these lookup keys, and the phenotypes that the release gives them."""
    known = pack().genes[gene]
    phenotypes = {rule.lookup_key: rule.phenotype for rule in known.rules}
    pairs = (Diplotype(gene, *diplotype.split("/")),) if diplotype else ()
    return GeneCall(
        gene,
        CallStatus.CALLED,
        CallSource.OUTSIDE,
        source_diplotypes=pairs,
        recommendation_diplotypes=pairs,
        phenotypes=tuple(dict.fromkeys(phenotypes.get(key, key) for key in keys)),
        activity_scores=keys if known.lookup is Lookup.ACTIVITY_SCORE else (),
        lookup_keys=keys,
        settle_with=settle,
    )


def unknown(gene: str, status: CallStatus = CallStatus.INDETERMINATE) -> GeneCall:
    return GeneCall(gene, status)


def moment(
    *ordered: str, taken: tuple[str, ...] = (), age: int | None = None, hook: str = "order-sign"
) -> Moment:
    """Somebody about to order drugs (by name) while taking others."""
    find = rules().drugs.in_words
    return Moment(
        hook,
        TODAY,
        tuple(
            Draft(f"MedicationRequest/{name}", find(name), resource={"intent": "order"}) for name in ordered
        ),
        tuple(Taken(drug) for name in taken for drug in find(name)),
        medications_known=True,
        age=age,
    )
