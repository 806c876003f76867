"""From recommendations to CDS Hooks 2.0 cards: plain dictionaries, valid by construction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from bedside.decide.moment import Draft
from bedside.decide.recommendation import Alternative, Recommendation, Silence, Urgency
from bedside.decide.suggestion import dose_change, replacement
from bedside.decide.wording import SUMMARY_LIMIT, capital, for_whom
from bedside.knowledge.hook import OverrideReason
from bedside.knowledge.pgx import Drug
from bedside.knowledge.ruleset import Ruleset

NAMESPACE = UUID("6b8f7c7e-6d52-5c36-9d5e-0d1a64f8b6a4")
"""The namespace in which a card's uuid follows from what was answered: the same answer has the same uuids."""

PUBMED = "https://pubmed.ncbi.nlm.nih.gov/"


@dataclass(frozen=True, slots=True)
class Plan:
    """A card to be: its words, urgency and sources; which drug and draft it is about;
    the rules it rests on.
    """

    drug: Drug
    urgency: Urgency
    summary: str
    detail: str
    recommendations: tuple[Recommendation, ...] = ()
    silence: Silence | None = None
    draft: Draft | None = None
    alternatives: tuple[Alternative, ...] = ()

    @property
    def rules(self) -> tuple[str, ...]:
        """The guidance rows or tables behind the card."""
        if self.silence is not None:
            return (self.silence.rule,)
        return tuple(one.guidance_id for one in self.recommendations)


def plan_guidance(
    rules: Ruleset,
    shown: Sequence[Recommendation],
    draft: Draft | None = None,
    alternatives: tuple[Alternative, ...] = (),
) -> Plan:
    """One card for one drug: the most urgent recommendation leads, each further population follows in the
    detail.
    """
    lead = shown[0]
    by_text: dict[str, list[str]] = {}
    for one in shown:
        by_text.setdefault(one.text, []).append(rules.phrases.population(one.population))
    parts = [
        f"**{capital(for_whom(names))}.** {text}" if all(names) and len(shown) > 1 else text
        for text, names in by_text.items()
    ]
    if alternatives:
        named = ", ".join(one.drug.name for one in alternatives)
        notes = " ".join(dict.fromkeys(one.note for one in alternatives))
        parts.append(f"Instead, checked against the same results: {named}. {notes}")
    parts.append(stamp(rules, lead))
    return Plan(
        lead.drug,
        lead.urgency,
        lead.summary,
        "\n\n".join(parts),
        tuple(shown),
        draft=draft,
        alternatives=alternatives,
    )


def plan_silence(
    rules: Ruleset, drug: Drug, silence: Silence, words: str, draft: Draft | None, **parts: str
) -> Plan:
    """A note about what is not known: no directive, only what would settle it."""
    headline = rules.phrases.say(f"{words}_headline", drug=drug.name, **parts)
    why = rules.phrases.say(f"{words}_why", drug=drug.name, **parts)
    urgent = silence.worst in (Urgency.CRITICAL, Urgency.WARNING)
    summary = f"{capital(drug.name)}: {headline}"
    detail = "\n\n".join(part for part in (why, silence.detail, stamp(rules)) if part)
    urgency = Urgency.WARNING if urgent else Urgency.INFO
    urgency = Urgency.CRITICAL if silence.least is Urgency.CRITICAL else urgency
    return Plan(drug, urgency, summary[: SUMMARY_LIMIT - 1], detail, silence=silence, draft=draft)


def stamp(rules: Ruleset, lead: Recommendation | None = None) -> str:
    """The line that says what the card rests on and who has still to check it."""
    if lead is None:
        return f"*Knowledge {rules.pgx.release}. Review: {rules.pgx.review_state}.*"
    basis = f"{lead.citation.title}. " if lead.citation.title else ""
    licence = rules.pgx.release_of(lead.source).licence
    under = "" if lead.release == rules.pgx.release else f", {licence}"
    return f"*{basis}Knowledge {lead.release}{under}. Review: {lead.review_state}.*"


def card_of(plan: Plan, rules: Ruleset, answer: str, place: int) -> dict[str, Any]:
    """The plan as a CDS Hooks card; `answer` names the answer it belongs to, `place` its place in it."""
    uuid = str(uuid5(NAMESPACE, f"{answer}:{place}"))
    lead = plan.recommendations[0] if plan.recommendations else None
    card: dict[str, Any] = {
        "uuid": uuid,
        "summary": plan.summary,
        "detail": plan.detail,
        "indicator": plan.urgency.value,
        "source": _source(rules, lead),
    }
    suggestions = _suggestions(plan, rules, uuid)
    if suggestions:
        card["suggestions"] = suggestions
        card["selectionBehavior"] = "at-most-one"
    if plan.urgency is not Urgency.INFO:
        card["overrideReasons"] = [_reason(reason) for reason in rules.override_reasons]
    links = _links(lead)
    if links:
        card["links"] = links
    card["extension"] = {
        "org.bedside.rules": list(plan.rules),
        "org.bedside.release": str(rules.pgx.release if lead is None else lead.release),
        "org.bedside.review": rules.pgx.review_state if lead is None else lead.review_state,
    }
    return card


def _source(rules: Ruleset, lead: Recommendation | None) -> dict[str, Any]:
    if lead is None:
        return {"label": f"Bedside, knowledge {rules.pgx.release.name} {rules.pgx.release.date}"}
    source: dict[str, Any] = {"label": lead.citation.title or lead.citation.source}
    if lead.citation.url:
        source["url"] = lead.citation.url
    return source


def _links(lead: Recommendation | None) -> list[dict[str, str]]:
    if lead is None:
        return []
    links = []
    if lead.citation.url:
        links.append(
            {"label": lead.citation.title or "Guideline", "url": lead.citation.url, "type": "absolute"}
        )
    for pmid in lead.citation.pmids[:1]:
        links.append({"label": f"PubMed {pmid}", "url": f"{PUBMED}{pmid}/", "type": "absolute"})
    return links


def _reason(reason: OverrideReason) -> dict[str, str]:
    return {"code": reason.code, "system": reason.system, "display": reason.display}


def _suggestions(plan: Plan, rules: Ruleset, uuid: str) -> list[dict[str, Any]]:
    if plan.draft is None or not plan.draft.resource:
        return []
    alone = len(plan.draft.drugs) == 1
    made = [replacement(plan.draft, plan.drug, one) for one in plan.alternatives] if alone else []
    lead = plan.recommendations[0] if plan.recommendations else None
    change = dose_change(plan.draft, lead) if lead is not None and _for_everybody(rules, lead) else None
    if change is not None:
        made.insert(0, change)
    return [
        {
            "label": one["label"],
            "uuid": str(uuid5(UUID(uuid), str(place))),
            "isRecommended": one is change,
            **one,
        }
        for place, one in enumerate(made)
    ]


def _for_everybody(rules: Ruleset, one: Recommendation) -> bool:
    """Whether the advice is for no population in particular, to which the person might not belong."""
    population = rules.phrases.populations.by_id.get(one.population)
    return population is not None and not population.axis
