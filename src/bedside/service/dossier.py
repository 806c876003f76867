"""A dossier to be handed over: as JSON, as Markdown, and with a budget model to fill in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bedside.errors import NotFound
from bedside.knowledge.dossier import SCORED, Dossier, Trial, load_dossiers
from bedside.knowledge.economic_model import EconomicModel
from bedside.knowledge.economic_model_file import load_models
from bedside.learn.dossier_gaps import lacks
from bedside.learn.economics.analysis import analyse
from bedside.learn.shares import Share
from bedside.learn.two_arms import TwoArms
from bedside.service.budget_template import budget_template
from bedside.service.economics import answer

DRAWS, SEED = 2000, 1


def dossier_named(name: str, root: Path | None) -> Dossier:
    """A dossier by name; raises NotFound."""
    held = load_dossiers(root)
    if name not in held:
        raise NotFound.one("NAME", f"{name!r} is no dossier here", remedy=f"one of {', '.join(held)}")
    return held[name]


def document(dossier: Dossier, root: Path | None, today: date) -> dict[str, Any]:
    """The whole dossier with what it lacks and what its models say."""
    models = load_models(root)
    missing = lacks(dossier, models, today)
    header = dossier.provenance
    return {
        "dossier": header.name,
        "title": header.title,
        "digest": header.sha256,
        "owner": header.owner,
        "review_state": header.review_state,
        "review_due": header.review_due.isoformat(),
        "on": today.isoformat(),
        "complete": not missing,
        "sentence": sentence(len(missing)),
        "missing": [asdict(one) for one in missing],
        "test": dossier.test,
        "indication": dossier.indication,
        "picots": dict(dossier.picots),
        "questions": [
            {**asdict(one), "domain": one.domain.value, "certainty": one.certainty.value}
            for one in dossier.questions
        ],
        "net": dossier.net,
        "recommendation": dossier.recommendation,
        "actionability": [
            {
                "outcome": one.outcome,
                "intervention": one.intervention,
                "total": one.total,
                **{name: None if name not in one.scores else list(one.scores[name]) for name in SCORED},
            }
            for one in dossier.scored
        ],
        "trials": trial_rows(dossier),
        "economics": [economics_row(name, models) for name in dossier.models],
        "caveats": list(dossier.caveats),
        "sources": [asdict(one) for one in dossier.sources],
        "gaps": [{**asdict(one), "due": one.due.isoformat()} for one in dossier.gaps],
        "budget_template": budget_template(dossier),
    }


def sentence(missing: int) -> str:
    """Whether it is complete, in one sentence."""
    if not missing:
        return "Complete: every part is said, and every gap has an owner and time left."
    return f"Not complete: {missing} thing{'s' if missing != 1 else ''} missing."


def economics_row(name: str, models: Mapping[str, EconomicModel]) -> dict[str, Any]:
    """What a model of the dossier says."""
    if name not in models:
        return {"model": name, "answer": "", "not_known": [], "review_state": ""}
    model = models[name]
    return {
        "model": name,
        "answer": answer(analyse(model, DRAWS, SEED)),
        "not_known": list(model.unknown),
        "review_state": model.provenance.review_state,
    }


def trial_rows(dossier: Dossier) -> list[dict[str, Any]]:
    """Each trial by risk, with the odds ratio beside it; and the rest of a whole as a negative control."""
    by_name = {one.name: one for one in dossier.trials}
    rows = []
    for one in dossier.trials:
        rows.append(_trial(one.title, _arms(one), one.confirmed, negative=False))
        if one.whole_of:
            part = by_name[one.whole_of]
            title = f"{one.title}, without those of “{part.title}”: a negative control"
            both = one.confirmed and part.confirmed
            rows.append(_trial(title, _arms(one).without(_arms(part)), both, negative=True))
    return rows


def _arms(one: Trial) -> TwoArms:
    return TwoArms(Share(*one.treated), Share(*one.control))


def _trial(title: str, arms: TwoArms, confirmed: bool, *, negative: bool) -> dict[str, Any]:
    low, high = arms.avoided_interval
    ratio = arms.odds_ratio
    return {
        "title": title,
        "confirmed": confirmed,
        "negative_control": negative,
        "treated": [arms.treated.count, arms.treated.of],
        "control": [arms.control.count, arms.control.of],
        "risk_treated": arms.treated.value,
        "risk_control": arms.control.value,
        "avoided": arms.avoided,
        "avoided_low": low,
        "avoided_high": high,
        "relative_cut": arms.relative_cut,
        "number_to_treat": arms.number_to_treat,
        "odds_ratio": None if ratio is None else list(ratio),
    }


def trial_words(one: Mapping[str, Any]) -> str:
    """A trial in one sentence: risks first, the odds ratio named as what it is."""
    said = (
        f"{one['treated'][0]} of {one['treated'][1]} against {one['control'][0]} of {one['control'][1]}: "
        f"{100 * one['risk_treated']:.1f} % against {100 * one['risk_control']:.1f} %, "
        f"{100 * one['avoided']:.1f} points less (95 % {100 * one['avoided_low']:.1f} to "
        f"{100 * one['avoided_high']:.1f})"
    )
    if one["number_to_treat"] is not None:
        said += f", one avoided of {one['number_to_treat']:.0f} treated"
    if one["odds_ratio"] is not None:
        middle, low, high = one["odds_ratio"]
        said += f"; odds ratio {middle:.2f} ({low:.2f} to {high:.2f}, of the counts alone)"
        said += ", which is no cut in risk"
    return said + ("." if one["confirmed"] else ". Counts not confirmed at the source.")


def markdown(said: Mapping[str, Any]) -> Iterator[str]:
    """The dossier as a document to hand over."""
    yield f"# {said['title']}"
    yield f"{said['sentence']} Review: {said['review_state']}."
    yield f"Test: {said['test']}. Indication: {said['indication']}."
    yield from (f"- **{name.capitalize()}**: {text or 'not said'}" for name, text in said["picots"].items())
    yield "## What is shown"
    for one in said["questions"]:
        sources = f" [{', '.join(one['sources'])}]" if one["sources"] else ""
        yield f"- *{one['domain']}*. {one['asks']} {one['answer'] or 'Open.'} ({one['certainty']}){sources}"
    yield f"Net benefit: {said['net'] or 'not said'} Recommendation: {said['recommendation'] or 'none yet'}"
    if said["trials"]:
        yield "## Trials, by risk"
        yield from (f"- {one['title']}: {trial_words(one)}" for one in said["trials"])
    yield "## How far it can be acted on"
    for one in said["actionability"]:
        parts = ", ".join(f"{name} {_score(one[name])}" for name in SCORED)
        total = "not fully scored" if one["total"] is None else f"{one['total']} of 12"
        yield f"- {one['outcome']}, by {one['intervention']}: {total} ({parts})"
    if not said["actionability"]:
        yield "- not scored"
    yield "## What it costs and brings"
    yield from (f"- {one['answer'] or one['model'] + ' is not at hand'}" for one in said["economics"])
    if not said["economics"]:
        yield "- no model yet"
    yield "## Caveats"
    yield from (f"- {one}" for one in said["caveats"])
    yield "## Missing"
    yield from (f"- {one['part']}: {one['what']}" for one in said["missing"])
    yield "## Gaps, each with its owner"
    for one in said["gaps"]:
        yield f"- {one['what']}: {one['owner']}, by {one['due']}. Closed by: {one['closes']}"
    yield "## Sources"
    yield from (f"- {one['name']}: {one['citation']} (read: {one['read']})" for one in said["sources"])
    yield "## Budget model to fill in"
    yield f"```toml\n{said['budget_template']}```"


def _score(said: list[Any] | None) -> str:
    return "not scored" if said is None else f"{said[0]}{said[1]}"
