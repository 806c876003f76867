"""The pure heart of a hook: drafts, medicines and genes in; cards to be, and reasoned silences, out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bedside.decide.alternatives import alternatives_to, worsens
from bedside.decide.card import Plan, plan_guidance, plan_silence
from bedside.decide.consider import Consideration, consider
from bedside.decide.moment import Draft, Moment
from bedside.decide.recommend import URGENCIES, recommend_all
from bedside.decide.recommendation import Recommendation, Silence, SilenceReason, Urgency
from bedside.decide.restraint import Quieted
from bedside.decide.silence import rivals, spoken, untested
from bedside.decide.wording import SUMMARY_LIMIT
from bedside.interpret.gene_call import CallStatus, GeneCall
from bedside.knowledge.hook import Hook, Scope
from bedside.knowledge.pgx import Drug
from bedside.knowledge.ruleset import Ruleset


@dataclass(frozen=True, slots=True)
class Decision:
    """What a hook says and what it keeps silent about. tracked: findings of the top
    tier, which become tasks. quieted: cards that stewardship changed; waiting: those that become tasks.
    """

    plans: tuple[Plan, ...]
    silences: tuple[Silence, ...]
    quieted: tuple[Quieted, ...] = ()
    waiting: tuple[Plan, ...] = ()

    @property
    def tracked(self) -> tuple[Recommendation, ...]:
        """Every critical recommendation that is shown."""
        return tuple(
            one for plan in self.plans for one in plan.recommendations if one.urgency is Urgency.CRITICAL
        )


def decide(rules: Ruleset, hook: Hook, calls: Mapping[str, GeneCall], moment: Moment) -> Decision:
    """The hook's cards, most urgent first, and every rule's reason for silence."""
    plans: list[Plan] = []
    silences: list[Silence] = []
    for draft, drug in _asked(hook, moment):
        if drug is None:
            silences.append(_unread(draft))
            continue
        considered = consider(rules, calls, drug, moment)
        plan, silent = _about(rules, hook, calls, moment, considered, draft)
        silences += silent
        if plan is not None:
            plans.append(plan)
        plans += _harmed(rules, hook, calls, moment, drug) if draft is not None else []
    if hook.scope is Scope.CURRENT_MEDICATIONS:
        on_file, held = _on_file(rules, calls, moment, plans)
        plans += on_file
        silences += held
    return Decision(tuple(sorted(plans, key=_order)), tuple(silences))


def _asked(hook: Hook, moment: Moment) -> Iterator[tuple[Draft | None, Drug | None]]:
    if hook.scope is Scope.CURRENT_MEDICATIONS:
        yield from ((None, drug) for drug in dict.fromkeys(taken.drug for taken in moment.taken))
        return
    for draft in moment.drafts:
        if not draft.drugs:
            yield draft, None
        for drug in draft.drugs:
            yield draft, drug


def _about(
    rules: Ruleset,
    hook: Hook,
    calls: Mapping[str, GeneCall],
    moment: Moment,
    considered: Consideration,
    draft: Draft | None,
) -> tuple[Plan | None, tuple[Silence, ...]]:
    """The card about one drug, if any, and the silences beside it."""
    drug = considered.drug
    shown, silent = spoken(hook, considered)
    if shown:
        offered = alternatives_to(rules, calls, considered, moment) if considered.severity > 1 else ()
        return plan_guidance(rules, shown, draft, offered), silent
    doubt = rivals(considered)
    if doubt is not None and (hook.test_first or doubt.worst in hook.show):
        return _of_doubt(rules, drug, doubt, calls, draft), silent
    missing = untested(rules, hook, considered)
    if missing is not None:
        genes = " and ".join(missing.genes)
        return plan_silence(rules, drug, missing, _words(missing), draft, genes=genes), silent
    table = next(
        (one for one in silent if one.reason is SilenceReason.NO_GUIDANCE_FOR_DRUG and one.genes), None
    )
    if table is not None and Urgency.INFO in hook.show:
        return _of_algorithm(rules, drug, table, calls, draft), silent
    return None, silent


def _words(missing: Silence) -> str:
    return "indeterminate" if missing.reason is SilenceReason.GENE_INDETERMINATE else "untested"


def _of_doubt(
    rules: Ruleset, drug: Drug, doubt: Silence, calls: Mapping[str, GeneCall], draft: Draft | None
) -> Plan:
    settle = dict.fromkeys(text for gene in doubt.genes if gene in calls for text in calls[gene].settle_with)
    genes = " and ".join(doubt.genes)
    means = ", ".join(settle) or f"a confirmatory test of {genes}"
    return plan_silence(rules, drug, doubt, "range", draft, genes=genes, settle=means)


def _of_algorithm(
    rules: Ruleset, drug: Drug, table: Silence, calls: Mapping[str, GeneCall], draft: Draft | None
) -> Plan | None:
    """A note for a drug whose guideline is a calculation: the results it needs, as far
    as they are on file.
    """
    known = [
        f"{gene} {' or '.join(map(str, calls[gene].source_diplotypes))}"
        for gene in table.genes
        if gene in calls and calls[gene].status is CallStatus.CALLED
    ]
    if not known:
        genes = " and ".join(table.genes)
        return plan_silence(rules, drug, table, "untested", draft, genes=genes)
    return plan_silence(rules, drug, table, "algorithm", draft, results=", ".join(known))


def _harmed(
    rules: Ruleset, hook: Hook, calls: Mapping[str, GeneCall], moment: Moment, drug: Drug
) -> list[Plan]:
    """Cards about drugs now taken that the drafted drug would make worse by inhibiting their enzyme."""
    return [
        plan_guidance(rules, shown)
        for after in worsens(rules, calls, drug, moment)
        if (shown := spoken(hook, after)[0])
    ]


def _on_file(
    rules: Ruleset, calls: Mapping[str, GeneCall], moment: Moment, plans: list[Plan]
) -> tuple[list[Plan], list[Silence]]:
    """One line at the opening of the chart: which genes on file forbid which drugs, beyond those taken now;
    and what is held back because it does not concern this person.
    """
    shown = {plan.drug.name for plan in plans} | {taken.drug.name for taken in moment.taken}
    others = [
        one
        for one in recommend_all(rules.pgx, rules.phrases, calls, moment.problems)
        if one.drug.name not in shown
    ]
    held = [
        Silence(one.guidance_id, one.drug.name, SilenceReason.BELOW_THIS_HOOK, one.held_back)
        for one in others
        if one.held_back
    ]
    found = [one for one in others if one.urgency is Urgency.CRITICAL]
    if not found:
        return [], held
    genes = sorted(
        {basis.gene for one in found for basis in one.basis if basis.gene not in one.unknown_genes}
    )
    drugs = sorted({one.drug.name for one in found})
    count = "1 drug" if len(drugs) == 1 else f"{len(drugs)} drugs"
    among = f": {drugs[0]}" if len(drugs) == 1 else f", among them {drugs[0]}"
    named = f"{', '.join(genes)} on file: {count} to avoid{among}"
    detail = f"To avoid or contraindicated by results on file: {', '.join(drugs)}."
    detail = f"{detail}\n\n*Knowledge {rules.pgx.release}. Review: {rules.pgx.review_state}.*"
    summary = named if len(named) < SUMMARY_LIMIT else f"{len(genes)} genes on file: {count} to avoid"
    rule = Silence("results-on-file", "", SilenceReason.NO_GUIDANCE_FOR_DRUG, detail="", genes=tuple(genes))
    return [Plan(found[0].drug, Urgency.INFO, summary, detail, silence=rule)], held


def _unread(draft: Draft | None) -> Silence:
    order = draft.order if draft is not None else ""
    if draft is not None and draft.named:
        return Silence(
            order,
            "",
            SilenceReason.DRUG_NOT_RECOGNISED,
            "the order names a drug that the drug map does not hold",
        )
    return Silence(order, "", SilenceReason.DRAFT_WITHOUT_DRUG)


def _order(plan: Plan) -> tuple[int, str, str]:
    return URGENCIES.index(plan.urgency), plan.drug.name, plan.draft.order if plan.draft else ""
