"""One case before the tumour board: its packet, the recommendation, the sign-off, the report, the order."""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bedside.act.board_cases import BoardCase, why_not
from bedside.errors import InputError, RequestError
from bedside.genome.board import AdviceKind, BoardAdvice, BoardPriority, BoardStep, UseType
from bedside.knowledge.board_policy import load_board_policy
from bedside.knowledge.care_pathways import load_care_pathways
from bedside.knowledge.test_catalogue import load_tests
from bedside.service.access import Permission
from bedside.service.authorise import Principal
from bedside.service.board import followed, note, recommend, sign, the_board, withdraw
from bedside.service.board_packet import packet_bytes
from bedside.service.board_text import header_words, trial_words
from bedside.service.board_view import (
    CaseView,
    advice_of_option,
    case_view,
    option_named,
    packet_of_case,
    report_of_case,
)
from bedside.service.order_from_board import draft_therapy, order_therapy
from bedside.service.show_chart import header
from bedside.web.board_print import groups_of, packet_page
from bedside.web.board_queue import LONGEST, day_of, writer_of
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.session import said
from bedside.web.site import Site


def board_pages(site: Site) -> list[Route]:
    """The routes of one case."""
    both, board = ["GET", "POST"], Permission.BOARD
    return [
        Route("/board/{case}", needs(board, posted(site, _one)), methods=both),
        Route("/board/{case}/sign", needs(Permission.BOARD_SIGN, posted(site, _sign)), methods=["POST"]),
        Route("/board/{case}/print", needs(board, posted(site, _print)), methods=["GET"]),
        Route("/board/{case}/report", needs(board, posted(site, _report)), methods=["GET"]),
        Route("/board/{case}/order", needs(Permission.PRESCRIBE, posted(site, _order)), methods=["POST"]),
    ]


def _case(site: Site, request: Request, permission: Permission) -> tuple[BoardCase, Principal]:
    """The case that the address names, once the caller may open its person's record; else 404 or Refused."""
    case = the_board(site.house).cases.get(request.path_params["case"])
    if case is None:
        raise HTTPException(404)
    return case, site.authorise(request, permission, case.person)


def _one(site: Site, request: Request, form: FormData) -> Response:
    case, principal = _case(site, request, Permission.BOARD)
    problem = ""
    if request.method == "POST":
        try:
            _act(site, case, form, principal.name)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(f"/board/{case.case}", 303)
    return _show(site, request, case, principal, form, problem)


def _act(site: Site, case: BoardCase, form: FormData, account: str) -> None:
    house, name, writer = site.house, case.case, writer_of(form, account)
    act, text = said(form, "act"), said(form, "text", LONGEST)
    if act == "note":
        note(house, name, text, writer)
    elif act == "recommend":
        packet = packet_of_case(house, case)
        option = option_named(packet, "", said(form, "what", LONGEST))
        advice = _advice(form, () if option is None else option.rxnorm)
        recommend(house, name, advice, writer, packet_bytes(packet), said(form, "amended", LONGEST))
    elif act == "followed":
        followed(house, name, writer, text=text)
    elif act == "not-followed":
        if not said(form, "reason"):
            raise RequestError.one("reason", "the reason is not chosen", remedy="say why it was not followed")
        followed(house, name, writer, reason=said(form, "reason"), text=text)
    elif act == "withdraw":
        withdraw(house, name, text, writer)
    else:
        raise RequestError.one("act", "nothing was chosen", remedy="say what is to be done")


def _advice(form: FormData, rxnorm: tuple[str, ...]) -> BoardAdvice:
    """The recommendation that a form says; a draft may lack its owner and its day."""
    try:
        kind = AdviceKind(said(form, "kind"))
        use = UseType(said(form, "use") or UseType.NO_MEDICINE.value)
        priority = BoardPriority(said(form, "priority") or BoardPriority.ROUTINE.value)
    except ValueError:
        raise RequestError.one("kind", "nothing was chosen for what is recommended") from None
    treats = kind is AdviceKind.TREATMENT
    return BoardAdvice(
        kind,
        said(form, "what", 300),
        said(form, "treatment") if treats else "",
        use if treats else UseType.NO_MEDICINE,
        rxnorm if treats else (),
        priority,
        tuple(line.strip() for line in said(form, "evidence", LONGEST).splitlines() if line.strip()),
        said(form, "why", LONGEST),
        said(form, "owner"),
        day_of(form, "due") if said(form, "due") else None,
    )


def _sign(site: Site, request: Request, form: FormData) -> Response:
    case, principal = _case(site, request, Permission.BOARD_SIGN)
    version = said(form, "version")
    try:
        sign(site.house, case.case, int(version) if version.isdigit() else 0, writer_of(form, principal.name))
    except InputError as error:
        return _show(site, request, case, principal, FormData(), problems_told(error))
    return RedirectResponse(f"/board/{case.case}", 303)


def _show(
    site: Site, request: Request, case: BoardCase, principal: Principal, form: FormData, problem: str
) -> Response:
    house, root = site.house, site.house.settings.knowledge_folder
    view = case_view(house, case, site.ids())
    policy = load_board_policy(root)
    reasons = load_care_pathways(root)["nsclc"].reasons
    return site.send(
        request,
        "board_case.html",
        here="/board",
        status=422 if problem else 200,
        person=header(house.ledger.person(case.person), case.person, view.line.record_id),
        view=view,
        case=case,
        packet=view.packet,
        head=() if view.packet is None else tuple(header_words(view.packet)),
        groups={} if view.packet is None else groups_of(view.packet),
        trial_words=trial_words,
        typed=_typed(site, case, view, request, form),
        steps={step.value for step in BoardStep if not _stands_against(case, step)},
        lacks=why_not(case, BoardStep.SIGNED) if case.current is not None else (),
        policy=policy,
        reasons=[(code, reasons[code].title) for code in policy.not_followed],
        tests=tuple(load_tests(root)),
        kinds=tuple(AdviceKind),
        uses=tuple(UseType),
        priorities=tuple(BoardPriority),
        account=principal.name,
        may_sign=Permission.BOARD_SIGN in principal.permissions,
        may_prescribe=Permission.PRESCRIBE in principal.permissions,
        may_order_test=Permission.ORDER_TEST in principal.permissions,
        problem=problem,
    )


def _stands_against(case: BoardCase, step: BoardStep) -> bool:
    return any(name == "step" for name, _ in why_not(case, step))


def _typed(site: Site, case: BoardCase, view: CaseView, request: Request, form: FormData) -> BoardAdvice:
    """What the form of a recommendation begins with: what was typed, an option that was picked, or the
    newest."""
    if said(form, "act") == "recommend":
        try:
            return _advice(form, ())
        except RequestError:
            return BoardAdvice(AdviceKind.TREATMENT, said(form, "what", 300), why=said(form, "why", LONGEST))
    picked = option_named(view.packet, request.query_params.get("option", "")[:20])
    if picked is not None:
        return advice_of_option(site.house, picked)
    return BoardAdvice(AdviceKind.TREATMENT) if case.current is None else case.current.advice


def _print(site: Site, request: Request, form: FormData) -> Response:
    case, _ = _case(site, request, Permission.BOARD)
    packet = packet_of_case(site.house, case)
    return HTMLResponse(packet_page(site.house, packet, case, made_up=site.made_up(), site=True))


def _report(site: Site, request: Request, form: FormData) -> Response:
    case, _ = _case(site, request, Permission.BOARD)
    report, plain, written = report_of_case(site.house, case)
    view = case_view(site.house, case, site.ids())
    return site.send(
        request,
        "board_report.html",
        here="/board",
        person=header(site.house.ledger.person(case.person), case.person, view.line.record_id),
        case=case,
        report=report,
        grade=plain,
        grade_written=written,
        changed=view.changed,
    )


def _order(site: Site, request: Request, form: FormData) -> Response:
    case, principal = _case(site, request, Permission.PRESCRIBE)
    problem, ordered = "", tuple[str, ...]()
    if said(form, "act") == "order":
        chosen = frozenset(code for code in form.getlist("drug") if isinstance(code, str))
        try:
            ordered = order_therapy(site.house, case, chosen, principal.name)
        except InputError as error:
            problem = problems_told(error)
    try:
        drafts = draft_therapy(site.house, case, principal.name)
    except InputError as error:
        return _show(site, request, case, principal, FormData(), problems_told(error))
    view = case_view(site.house, case, site.ids())
    return site.send(
        request,
        "board_order.html",
        here="/board",
        status=422 if problem else 200,
        person=header(site.house.ledger.person(case.person), case.person, view.line.record_id),
        case=case,
        drafts=drafts,
        ordered=ordered,
        problem=problem,
    )
