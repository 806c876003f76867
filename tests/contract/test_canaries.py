"""Planted names, numbers, tokens and keys are looked for wherever they must never be: logs, standard error,
addresses, answers that refuse, and temporary files. Every route of the route table, every command, HL7 v2."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bedside.cli import COMMANDS, main
from bedside.genome.person import Identifier, Person, Sex
from bedside.knowledge.catalogue import load_pgx
from bedside.service.access import Access, Permission, TokenHolder, token_digest
from bedside.service.authorise import Gate
from bedside.service.house import House, open_house
from bedside.service.register_person import register_person
from bedside.settings import Settings
from bedside.web.app import create_app
from bedside.web.mllp import reply
from tests.contract.site import record
from tests.contract.test_access_matrix import Ask, Served, answers, filled, is_page, methods

PERSON = "canary-person-77"
NAMES = ("Zwitscherina", "Kanarienvogel")
NUMBER = "KV-770077-X"
BORN = date(1937, 3, 19)
TOKEN = "token-of-canary-c0ffee"
KEY = "c0ffee11" * 8
CANARIES = (*NAMES, NUMBER, PERSON, BORN.isoformat(), "19370319", TOKEN, KEY, token_digest(TOKEN))
"""What must not be found. Each is so odd that finding it is no accident."""

WHO = "all"


def told(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def plant(house: House) -> None:
    """A person with every odd thing about them, a result and a drug."""
    record(house, PERSON, {"CYP2C19": "*2/*2"}, {"32968": "clopidogrel"})
    register_person(
        house, Person(PERSON, *NAMES, BORN, Sex.FEMALE, (Identifier("urn:kv", NUMBER),)), actor="clerk"
    )


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where temporary files of this test go."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    house = open_house(Settings(store_url=f"sqlite:///{tmp_path / 'house' / 'ledger.db'}"))
    plant(house)
    every = frozenset(Permission)
    tokens = {
        token_digest(WHO): TokenHolder(WHO, "", every),
        token_digest(TOKEN): TokenHolder("canary", "", frozenset({Permission.KNOWLEDGE})),
    }
    gate = Gate(house.settings, Access(tokens=tokens))
    yield Served(house, gate, create_app(house, gate))
    house.close()


def bodies() -> Iterator[dict[str, Any]]:
    """What a request may carry: forms, JSON and questions full of canaries, none of which fits."""
    words = dict(
        zip(
            (
                "text",
                "number",
                "reason",
                "name",
                "person",
                "note",
                "q",
                "why",
                "given",
                "family",
                "born",
                "token",
            ),
            (*CANARIES, *CANARIES),
            strict=False,
        )
    )
    yield {"data": {**words, "act": NUMBER, "gene": NAMES[0], "drug": NAMES[1]}}
    yield {
        "json": {
            "resourceType": NAMES[0],
            "id": PERSON,
            "hook": NUMBER,
            "hookInstance": TOKEN,
            "context": words,
        },
        "headers": {"content-type": "application/fhir+json"},
    }
    yield {"content": ("{" + ",".join(CANARIES)).encode(), "headers": {"content-type": "application/json"}}


def asks(served: Served) -> Iterator[Ask]:
    """Every route: well asked, with every kind of nonsense, about nobody known, and with a wrong token."""
    for route in served.routes:
        address = filled(served, route, PERSON)
        for method in methods(route):
            csrf = is_page(route) and method == "POST"
            yield Ask(route, method, WHO, address, csrf=csrf)
            yield Ask(route, method, TOKEN, address, csrf=csrf)
            yield Ask(route, method, f"{TOKEN}.{NAMES[0]}.{KEY}", address)
            yield Ask(
                route, method, WHO, address, {"params": {"patient": NUMBER, "name": NAMES[0], "as_of": "x"}}
            )
            if method != "GET":
                for body in bodies():
                    form = csrf and "data" in body
                    yield Ask(route, method, WHO, address, body, form)


def links(answer: Any) -> str:
    """Every address that an answer names or goes to."""
    found = re.findall(r"""(?:href|action|src|hx-[a-z]+)=["']([^"']*)["']""", answer.text)
    return " ".join((*found, answer.headers.get("location", ""), answer.headers.get("content-location", "")))


def refuses_in_words(answer: Any) -> bool:
    """Whether an answer says only what went wrong (a form shown again also shows whose page it is)."""
    return answer.status_code >= 400 and not (
        answer.status_code == 422 and "text/html" in answer.headers.get("content-type", "")
    )


def test_no_route_logs_links_to_or_refuses_with_anything_of_anybody(
    served: Served, temporary: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    every = list(asks(served))
    found = answers(served, every)
    assert len(every) > 500
    assert {200, 400, 401, 403, 404} <= {one.status_code for one in found}
    assert any(NAMES[1] in one.text for one in found if one.status_code == 200)
    own = [(ask, one) for ask, one in zip(every, found, strict=True) if not ask.more.get("params")]
    assert [f"{ask}: {told(links(one))}" for ask, one in own if told(links(one))] == []
    refused = [(ask, told(one.text)) for ask, one in zip(every, found, strict=True) if refuses_in_words(one)]
    assert len(refused) > 300
    assert [f"{ask}: {words}" for ask, words in refused if words] == []
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert [one.getMessage() for one in ours if told(f"{one.getMessage()} {one.exc_text}")] == []
    out = capfd.readouterr()
    assert (told(out.err), told(out.out)) == ([], [])
    assert [path.name for path in temporary.rglob("*")] == []


def test_a_defect_that_holds_a_name_reaches_neither_the_log_nor_the_answer(
    served: Served, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError(f"{NAMES[0]} {NUMBER} {PERSON}")

    caplog.set_level(logging.DEBUG)
    every = [
        Ask(route, method, WHO, filled(served, route, PERSON), csrf=is_page(route) and method == "POST")
        for route in served.routes
        for method in methods(route)
    ]
    for name in ("person", "results", "tasks", "events"):
        monkeypatch.setattr(served.house.ledger, name, breaks)
    found = answers(served, every)
    assert sum(one.status_code == 500 for one in found) > 20
    assert [
        str(ask) for ask, one in zip(every, found, strict=True) if one.status_code >= 400 and told(one.text)
    ] == []
    ours = [one for one in caplog.records if not one.name.startswith(("httpx", "httpcore", "asyncio"))]
    assert any("RuntimeError at " in one.getMessage() for one in ours)
    assert [one.getMessage() for one in ours if told(f"{one.getMessage()} {one.exc_text}")] == []
    assert told(capfd.readouterr().err) == []


PID = f"PID|1||{NUMBER}^^^kv^MR||{NAMES[1]}^{NAMES[0]}||19370319|F"
MESSAGES = (
    "\r".join((r"MSH|^~\&|L|L|E|H|20260301||ORU^R01^ORU_R01|c1|P|2.5.1", PID, "OBR|1||x|y", "")),
    "\r".join((r"MSH|^~\&|L|L|E|H|20260301||ADT^A01|c2|P|2.5.1", PID, "")),
    "\r".join((r"MSH|^~\&|L|L|E|H|20260301||ORL^O22|c3|P|2.5.1", PID, f"ORC|OK|{NUMBER}", "")),
    "\r".join((PID, PID)),
)


def test_no_answer_to_a_message_and_no_log_of_it_holds_anything_of_it(
    served: Served, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    said = [reply(served.house, one.encode()).decode() for one in MESSAGES]
    assert [told(one) for one in said] == [[]] * len(MESSAGES)
    assert told(caplog.text) == []
    assert told(capfd.readouterr().err) == []


def files(folder: Path) -> dict[str, Path]:
    """Files of every kind the commands read, each full of canaries and each wrong somewhere."""
    header = "##fileformat=VCFv4.2\n##reference=GRCh38\n"
    columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t"
    row = f"chr10\t94781859\t.\tG\tA\t.\tPASS\t.\tGT\t{NAMES[0]}\n"
    resource = {"resourceType": "Patient", "id": PERSON, "name": [{"family": NAMES[1], "given": 7}]}
    texts = {
        "bad.vcf": header + columns + f"{PERSON}\n" + row,
        "twice.vcf": header + columns + f"{PERSON}\t{PERSON}\n",
        "bad.hl7": MESSAGES[0],
        "cut.hl7": MESSAGES[3],
        "bad.json": str(resource).replace("'", '"'),
        "cut.json": '{"resourceType": "Bundle", "entry": [' + f'"{NAMES[0]}"',
        "bad.tsv": f"Sample ID\tgene\n{PERSON}\t{NAMES[0]}\n{NUMBER}\n",
        "bad.toml": f'name = "{NAMES[0]}"\nperson = {PERSON}\n',
        "bad.txt": f"# rsid chromosome position genotype {NAMES[0]}\n{NUMBER} {PERSON}\n",
        "bad.pdf": f"%PDF-1.7 {NAMES[0]} {NUMBER}",
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    return {name: folder / name for name in texts}


READERS = ("pgx", "match", "phenotype", "rank")
"""Commands that read a file without a store."""


def lines_of_files(store: str, folder: Path) -> Iterator[list[str]]:
    """Every kind of file, wrong somewhere, to every command that reads files."""
    held, where = files(folder), ["--store", store]
    for path in map(str, held.values()):
        for command in READERS:
            yield [command, path, *(["--person", PERSON] if command == "match" else [])]
        yield ["accept", path, *where]
        yield ["import", path, *where]
        yield ["consumer", path, "--person", PERSON, *where]
        yield ["accept", "--person", PERSON, "--tumour", "LUAD", path, *where]
        yield ["accept", "--person", PERSON, "--assay", "exome", path, *where]
        yield ["accept", "--person", NUMBER, path, "--outside", path, *where]
        yield ["audit", "verify", "--checkpoint", path, *where]
        yield ["audit", "verify", "--kept", path, "--public", path, *where]
        yield ["backup", str(folder / "b"), "--key-file", path, *where]
        yield ["consent", PERSON, "--document", path, "--give", "nothing", *where]
        yield ["pathway", "check", path]
        yield ["knowledge", "check", path]


def lines_of_people(store: str, folder: Path) -> Iterator[list[str]]:
    """People known and unknown, to every command that asks about one, and every command bare."""
    where = ["--store", store]
    for person in (PERSON, NUMBER, NAMES[0]):
        for words in (
            ["show", person], ["show", person, "--as-of", "1999-01-01"],
            ["genome", person], ["consent", person],
            ["consent", person, "--erase", NAMES[0]], ["letter", person],
            ["order", person], ["disclose", person],
            ["export", person, "--format", "fhir"], ["export", person, "--format", "vcf"],
            ["export", person, "--format", "phenopacket"], ["export", person, "--format", "hl7v2"],
            ["polygenic", person], ["board", "packet", person], ["econsult", "show", person],
            ["withdraw", person, "--reason", NAMES[1]],
            ["quarantine", "give", person, person, "--by", "x", "--why", "y"],
            ["specimen", person], ["screen", "--person", person],
            ["unsolved", person], ["undiagnosed", person],
            ["pathway", "show", person], ["site", "drop", person, "--why", NAMES[0], "--by", "x"],
        ):  # fmt: skip
            yield [*words, *where]
    for command, _, _ in COMMANDS:
        if command not in ("serve", "demo", "conformance"):
            yield [command, *where]


@pytest.mark.slow
@pytest.mark.parametrize("lines", [lines_of_files, lines_of_people])
def test_no_command_says_anything_of_anybody_on_standard_error(
    lines: Callable[[str, Path], Iterator[list[str]]], tmp_path: Path, temporary: Path,
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said_of_all(lines, 30, tmp_path, temporary, capfd, caplog, monkeypatch)


QUICK = ("accept", "show")


def quick(store: str, folder: Path) -> Iterator[list[str]]:
    """Some of both, of the commands that start quickly."""
    for every in (lines_of_files, lines_of_people):
        yield from (words for words in every(store, folder) if words[0] in QUICK)


def test_no_quick_command_says_anything_of_anybody_on_standard_error(
    tmp_path: Path, temporary: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    said_of_all(quick, 30, tmp_path, temporary, capfd, caplog, monkeypatch)


def said_of_all(
    lines: Callable[[str, Path], Iterator[list[str]]], least: int, folder: Path, temporary: Path,
    capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Run every line and look at what it says on standard error, in logs and in files it leaves behind."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("BEDSIDE_STORE_KEY", KEY)
    store = f"sqlite:///{folder / 'house' / 'ledger.db'}"
    house = open_house(Settings(store_url=store))
    plant(house)
    house.close()
    (folder / "files").mkdir()
    wrong, ended = [], list[int]()
    for words in lines(store, folder / "files"):
        try:
            ended.append(main(words))
        except SystemExit as usage:
            ended.append(int(str(usage.code)))
            capfd.readouterr()
            continue
        err = capfd.readouterr().err
        if told(err):
            wrong.append((words[:-2], err.strip()[:300]))
    assert wrong == []
    assert ended.count(1) > least
    assert told(caplog.text) == []
    assert [path.name for path in temporary.rglob("*") if path.is_file()] == []


def test_an_encrypted_house_leaves_nothing_readable_in_its_ledger(tmp_path: Path) -> None:
    pytest.importorskip("sqlcipher3", reason="the extra `encryption` is not installed")
    settings = Settings(store_url=f"sqlite+sqlcipher:///{tmp_path / 'ledger.db'}", store_key=KEY)
    house = open_house(settings, pgx=load_pgx())
    plant(house)
    assert house.ledger.person(PERSON) == Person(
        PERSON, *NAMES, BORN, Sex.FEMALE, (Identifier("urn:kv", NUMBER),)
    )
    for path in tmp_path.glob("ledger.db*"):
        content = path.read_bytes()
        assert [canary for canary in CANARIES if canary.encode() in content] == []
    house.close()
