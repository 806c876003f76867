"""Alerts: what they did, rule by rule; a change proposed, decided and audited; the cycles that study them."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.act.alert_proposals import Change, ProposalState
from bedside.act.cycles import NEXT, SAID, Choice, Step
from bedside.errors import InputError, Refused
from bedside.knowledge.alert_policy import Quieter
from bedside.service.access import Permission
from bedside.service.alert_cycles import ALERT_MEASURES, cycles_of, move, uncycled
from bedside.service.alert_proposals import Asked, approve, proposals_of, propose, refuse
from bedside.service.alert_readings import alert_review, policy_of
from bedside.service.alerts_review import document
from bedside.service.authorise import LOCAL_OPERATOR, Principal
from bedside.service.harm_audit import Verdict, audit, open_audit, rate
from bedside.service.people import name_of
from bedside.service.rules import rules_of
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site

LONGEST = 400


def alert_pages(site: Site) -> list[Route]:
    """The routes of alerts and of cycles."""
    look, decide = Permission.ALERTS, Permission.ALERT_APPROVE
    return [
        Route("/alerts", needs(look, posted(site, _every)), methods=["GET"]),
        Route("/alerts/propose", needs(look, posted(site, _propose)), methods=["POST"]),
        Route("/alerts/decide", needs(decide, posted(site, _decide)), methods=["POST"]),
        Route("/alerts/audit", needs(decide, posted(site, _audit)), methods=["POST"]),
        Route("/alerts/read", needs(look, posted(site, _read)), methods=["POST"]),
        Route("/alerts/{rule:path}", needs(look, posted(site, _one)), methods=["GET"]),
        Route("/cycles", needs(look, posted(site, _cycles)), methods=["GET", "POST"]),
    ]


def _every(site: Site, request: Request, form: FormData) -> Response:
    site.authorise(request, Permission.ALERTS)
    return site.send(
        request,
        "alerts.html",
        here="/programme",
        review=document(site.house, alert_review(site.house)),
        budget=rules_of(site.house).ruleset.phrases.tiers.interruptive_per_100_orders,
        proposals=list(proposals_of(site.house).values()),
        policy=policy_of(site.house),
    )


def _one(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ALERTS)
    return _rule_page(site, request, principal, request.path_params["rule"])


def _rule_page(
    site: Site, request: Request, principal: Principal, rule: str, problem: str = "", status: int = 200
) -> Response:
    review = document(site.house, alert_review(site.house))
    found = next((one for one in review["rules"] if one["rule"] == rule), None)
    if found is None:
        raise HTTPException(404)
    mine = [one for one in proposals_of(site.house).values() if one.rule == rule]
    decided = [one for one in mine if one.override is not None]
    return site.send(
        request,
        "alert_rule.html",
        here="/programme",
        status=status,
        problem=problem,
        one=found,
        orders=review["orders"],
        proposals=mine,
        open=any(one.state is ProposalState.OPEN for one in mine),
        audits={one.proposal: audit(site.house, one.proposal) for one in decided},
        to_read=_to_read(site, principal, {one.proposal for one in decided}),
        cycles={name: one for name, one in cycles_of(site.house).items() if one.rule == rule},
        verdicts=[one.value for one in Verdict],
        quieter=[one.value for one in Quieter],
        measures=ALERT_MEASURES,
        may_decide=Permission.ALERT_APPROVE in principal.permissions,
        may_chart=Permission.CHART in principal.permissions,
        unnamed=principal == LOCAL_OPERATOR,
        reasons={one.code: one.display for one in rules_of(site.house).ruleset.override_reasons},
    )


def _to_read(site: Site, principal: Principal, proposals: set[str]) -> list[tuple[str, str, str, str]]:
    """Tasks of an audit that whoever asks may read: task, record id, name, day; one for each occasion."""
    ids, seen, found = site.ids(), set(), []
    for task in site.house.ledger.tasks():
        name = (task.about.get("proposal"), task.about.get("occasion"))
        if name[0] not in proposals or name in seen:
            continue
        if principal.people is not None and task.person not in principal.people:
            continue
        seen.add(name)
        held = site.house.ledger.person(task.person)
        shown = ("" if held is None else name_of(held)) or task.person
        found.append((task.task, "" if ids is None else ids.of(task.person), shown, task.about["at"][:10]))
    return found


def _who(form: FormData, principal: Principal) -> str:
    """Who acts: the name that signed in. On a machine without an access file, the name that is typed."""
    if principal != LOCAL_OPERATOR:
        return principal.name
    return said(form, "by") or principal.name


def _back(rule: str) -> Response:
    return RedirectResponse(f"/alerts/{quote(rule)}", status_code=303)


def _propose(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ALERTS)
    rule, to = said(form, "rule", LONGEST), said(form, "to")
    try:
        change = Change(Quieter(to) if to else None, said(form, "words", LONGEST))
        asked = Asked(*(said(form, name, LONGEST) for name in ("why", "aim", "measure", "prediction")))
        propose(site.house, rule, change, asked, actor=_who(form, principal))
    except (InputError, ValueError) as error:
        return _rule_page(site, request, principal, rule, _words(error), 400)
    return _back(rule)


def _decide(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ALERT_APPROVE)
    name, reason, rule = said(form, "proposal"), said(form, "reason", LONGEST), said(form, "rule", LONGEST)
    act = approve if said(form, "decision") == "approve" else refuse
    try:
        act(site.house, name, reason, actor=_who(form, principal))
    except InputError as error:
        return _rule_page(site, request, principal, rule, _words(error), 400)
    return _back(rule)


def _audit(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ALERT_APPROVE)
    rule = said(form, "rule", LONGEST)
    try:
        open_audit(site.house, said(form, "proposal"), actor=_who(form, principal))
    except InputError as error:
        return _rule_page(site, request, principal, rule, _words(error), 400)
    return _back(rule)


def _read(site: Site, request: Request, form: FormData) -> Response:
    principal = site.authorise(request, Permission.ALERTS)
    rule, name = said(form, "rule", LONGEST), said(form, "task", LONGEST)
    task = next((one for one in site.house.ledger.tasks() if one.task == name), None)
    if task is not None and principal.people is not None and task.person not in principal.people:
        raise Refused("this record is not granted to this caller")
    who, verdict, note = _who(form, principal), said(form, "verdict"), said(form, "note", LONGEST)
    try:
        rate(site.house, name, verdict, note, actor=who)
    except InputError as error:
        return _rule_page(site, request, principal, rule, _words(error), 400)
    return _back(rule)


def _cycles(site: Site, request: Request, form: FormData) -> Response:
    principal, problem = site.authorise(request, Permission.ALERTS), ""
    if request.method == "POST":
        step = said(form, "step")
        words = ("aim", "measure", "change", "prediction", "follows", "before", "after", "decision", "reason")
        told = {name: said(form, name, LONGEST) for name in words if said(form, name, LONGEST)}
        try:
            move(site.house, said(form, "cycle"), step, told, actor=_who(form, principal))
            return RedirectResponse("/cycles", status_code=303)
        except InputError as error:
            problem = _words(error)
    return site.send(
        request,
        "cycles.html",
        here="/programme",
        status=400 if problem else 200,
        problem=problem,
        cycles=list(cycles_of(site.house).values()),
        uncycled=uncycled(site.house),
        next_steps={step: sorted(one.value for one in after) for step, after in NEXT.items()},
        said=SAID,
        steps=Step,
        choices=[one.value for one in Choice],
        measures=ALERT_MEASURES,
        unnamed=principal == LOCAL_OPERATOR,
    )


def _words(error: Exception) -> str:
    """What was wrong, in one line."""
    if isinstance(error, InputError):
        return "; ".join(f"{one.source}: {one.reason}" for one in error.problems)
    return str(error)
