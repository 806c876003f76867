"""The letter that explains a result to the person: the letter beside its facts, and its release."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bedside.errors import InputError, NotFound
from bedside.genome.letter import Line, Released, ResultClass, Section, Standing
from bedside.service.access import Permission
from bedside.service.authorise import authorise
from bedside.service.letter_facts import Material
from bedside.service.patient_letters import Letter, Wish, kept_text, letters, preview, result_named
from bedside.service.release_letter import release, withdraw_letter
from bedside.service.show_chart import header
from bedside.web.errors import problems_told
from bedside.web.guard import needs
from bedside.web.posted import posted
from bedside.web.render import render
from bedside.web.session import said
from bedside.web.site import Site

LANGUAGES = {"en": "English", "es": "Spanish"}
NAMES = {
    ResultClass.WITHDRAWN: "Result taken back",
    ResultClass.FINDING: "A change that can cause disease",
    ResultClass.SECONDARY: "The same change, found besides what was asked",
    ResultClass.CARRIER: "Carrier",
    ResultClass.UNCERTAIN: "A change of uncertain meaning",
    ResultClass.INCONCLUSIVE: "No clear answer",
    ResultClass.DRUGS: "Medicines",
    ResultClass.NOTHING: "Nothing found",
}


@dataclass(frozen=True, slots=True)
class Part:
    """One section of a letter as it is printed: its heading, and its lines, those of a list together."""

    section: Section
    heading: str
    blocks: tuple[tuple[bool, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """A letter that can be looked at: its number among those of the result, and its name."""

    number: int
    about: ResultClass
    name: str


def letter_pages(site: Site) -> list[Route]:
    """The route of letters about results."""
    return [
        Route(
            "/people/{record_id}/letters/result/{result}",
            needs(Permission.RESULTS, posted(site, _letter)),
            methods=["GET", "POST"],
        ),
    ]


def parts_of(letter: Letter) -> tuple[Part, ...]:
    """The letter's sections with their lines."""
    found = []
    for section in Section:
        lines = [one for one in letter.lines if one.section is section]
        if lines:
            found.append(Part(section, letter.rules.headings[section], _blocks(lines)))
    return tuple(found)


def _blocks(lines: list[Line]) -> tuple[tuple[bool, tuple[str, ...]], ...]:
    blocks: list[tuple[bool, tuple[str, ...]]] = []
    for line in lines:
        listed = line.row >= 0
        if blocks and blocks[-1][0] is listed:
            blocks[-1] = (listed, (*blocks[-1][1], line.text))
        else:
            blocks.append((listed, (line.text,)))
    return tuple(blocks)


def alone(letter: Letter) -> str:
    """The letter as a page of its own, to be printed."""
    parts = parts_of(letter)
    return render("patient_letter_alone.html", letter=letter, parts_of_it=parts, draft=_draft(letter))


def _draft(letter: Letter) -> bool:
    return letter.standing is not Standing.RELEASED


def _letter(site: Site, request: Request, form: FormData) -> Response:
    person = site.person(request)
    principal = site.authorise(request, Permission.RESULTS, person)
    language = request.query_params.get("language", "en")
    if language not in LANGUAGES:
        raise HTTPException(404)
    problem, found = "", None
    try:
        material = result_named(site.house, person, request.path_params["result"])
    except NotFound:
        raise HTTPException(404) from None
    except InputError as error:
        return _page(site, request, person, None, None, problems_told(error), language, 422)
    choice = _chosen(material, request.query_params.get("part", ""))
    wish = Wish(language, None if choice is None else choice.about)
    if request.method == "POST":
        authorise(principal, Permission.LETTERS, person)
        try:
            _act(site, person, material, wish, form, principal.name)
        except InputError as error:
            problem = problems_told(error)
        else:
            return RedirectResponse(str(request.url.path) + _query(language, choice), 303)
    refused = bool(problem)
    try:
        found = preview(site.house, person, material.held.result, wish)
    except InputError as error:
        problem = problem or problems_told(error)
    return _page(site, request, person, material, found, problem, language, 422 if refused else 200)


def _chosen(material: Material, part: str) -> Choice | None:
    choices = _choices(material)
    if part:
        return next((one for one in choices if str(one.number) == part), None)
    plain = [one for one in choices if one.about is not ResultClass.SECONDARY]
    return plain[0] if len(plain) == 1 else None


def _choices(material: Material) -> tuple[Choice, ...]:
    return tuple(Choice(number, one, NAMES[one]) for number, one in enumerate(material.classes, 1))


def _query(language: str, choice: Choice | None) -> str:
    """The rest of the address: which letter by number, never by what it tells."""
    return f"?language={language}" + (f"&part={choice.number}" if choice is not None else "")


def _act(site: Site, person: str, material: Material, wish: Wish, form: FormData, actor: str) -> None:
    if said(form, "act") == "release":
        seen = said(form, "seen", 64)
        if not seen:
            raise InputError.one("letter", "nothing was read", remedy="open the letter and read it")
        release(site.house, person, material.held.result, wish, by=actor, seen=seen)
    elif said(form, "act") == "withdraw":
        withdraw_letter(site.house, person, said(form, "letter", 300), said(form, "why", 400), by=actor)
    else:
        raise InputError.one("act", "nothing was chosen")


def _page(
    site: Site,
    request: Request,
    person: str,
    material: Material | None,
    found: Letter | None,
    problem: str,
    language: str,
    status: int,
) -> Response:
    principal = site.principal(request)
    released: tuple[tuple[Released, str], ...] = ()
    if material is not None:
        mine = letters(site.house, person)
        released = tuple(
            (one, kept_text(site.house, one)) for one in reversed(mine) if one.result == material.held.result
        )
    return site.send(
        request,
        "patient_letter.html",
        status=status,
        person=header(site.house.ledger.person(person), person, request.path_params["record_id"]),
        result=request.path_params["result"],
        letter=found,
        parts_of_it=() if found is None else parts_of(found),
        choices=() if material is None else _choices(material),
        draft=found is not None and _draft(found),
        languages=LANGUAGES,
        language=language,
        names=NAMES,
        released=released,
        problem=problem,
        may_release=Permission.LETTERS in principal.permissions,
    )
