"""Pharmacogenes in force as an HL7 v2 result: an `ORU^R01` of 2.5.1 in the shape of LOINC panel 81247-9, a
group of gene, genotype and metabolism for each gene that has one answer. What has none is said in notes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from bedside.exchange.hl7v2_text import Separators, write_segments, written_time
from bedside.exchange.order_hl7v2 import OURS, SEXES
from bedside.genome.person import Person
from bedside.interpret.gene_call import GeneCall
from bedside.knowledge.lri_answers import LriAnswers

PANEL = "81247-9^Master HL7 genetic variant reporting panel^LN"
NAMES = {"gene": "Gene studied", "genotype": "Genotype display name", "metabolism": "Gene product metabolism"}
_S = Separators()


def write_oru(
    person: Person,
    calls: Sequence[GeneCall],
    notes: Sequence[str],
    reported_at: datetime,
    filler: str,
    answers: LriAnswers,
    phenotypes: Mapping[str, str],
    hgnc: Mapping[str, str],
) -> bytes:
    """The message. calls: each with one answer (`tells_one_answer`). phenotypes: LOINC answer code → the
    release's term. hgnc: gene symbol → number."""
    codes = {term: code for code, term in phenotypes.items() if code in answers.lists[answers.metabolism]}
    return write_segments(_segments(person, calls, notes, reported_at, filler, answers, codes, hgnc))


def tells_one_answer(call: GeneCall) -> bool:
    """Whether a call can stand in the message: one genotype that fits, or a phenotype alone."""
    return len(call.source_diplotypes) == 1 or (not call.source_diplotypes and len(call.phenotypes) == 1)


def _segments(
    person: Person,
    calls: Sequence[GeneCall],
    notes: Sequence[str],
    reported_at: datetime,
    filler: str,
    answers: LriAnswers,
    codes: Mapping[str, str],
    hgnc: Mapping[str, str],
) -> Iterator[Sequence[str]]:
    e, when = _S.escaped, written_time(reported_at)
    yield (
        "MSH", "^~\\&", "BEDSIDE", "", "", "", when, "", "ORU^R01^ORU_R01", e(f"{filler}-{when}"), "P",
        "2.5.1", "", "", "AL", "NE", "", "UNICODE UTF-8",
    )  # fmt: skip
    ids = [f"{e(person.person)}^^^{OURS}^PI"]
    ids += [f"{e(one.value)}^^^&{e(one.system)}&URI^PI" for one in person.identifiers]
    born = "" if person.birth_date is None else f"{person.birth_date:%Y%m%d}".rjust(8, "0")
    name = f"{e(person.family)}^{e(person.given)}"
    yield "PID", "1", "", "~".join(ids), "", name, "", born, SEXES[person.sex]
    yield ("OBR", "1", "", e(filler), PANEL, *[""] * 17, when, "", "", "F")
    for place, note in enumerate(notes, 1):
        yield "NTE", str(place), "", e(note)
    place = 0
    for group, call in enumerate(calls, 1):
        for question, kind, value in _observed(call, answers, codes, hgnc):
            place += 1
            coded = f"{getattr(answers, question)}^{NAMES[question]}^LN"
            yield "OBX", str(place), kind, coded, str(group), value, "", "", "", "", "", "F"


def _observed(
    call: GeneCall, answers: LriAnswers, codes: Mapping[str, str], hgnc: Mapping[str, str]
) -> Iterator[tuple[str, str, str]]:
    """The questions of a gene, each with the type and the value of its answer."""
    e = _S.escaped
    number = hgnc.get(call.gene, "")
    yield "gene", "CWE", f"{e(number)}^{e(call.gene)}^HGNC" if number else f"^{e(call.gene)}"
    if call.source_diplotypes:
        yield "genotype", "ST", e(str(call.source_diplotypes[0]))
    terms = [codes[one] for one in call.phenotypes if one in codes]
    if len(call.phenotypes) == len(terms) == 1:
        shown = answers.lists[answers.metabolism][terms[0]]
        yield "metabolism", "CWE", f"{terms[0]}^{e(shown)}^LN"
