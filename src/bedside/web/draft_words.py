"""What a draft's fields are called on its page, and how sure a reading is, in plain words."""

from __future__ import annotations

from bedside.genome.draft import Absence, DraftField, FieldKind, Level, Verdict

NAMES = {
    FieldKind.PATIENT: "Patient (family, given)",
    FieldKind.BIRTH_DATE: "Birth date",
    FieldKind.SEX: "Sex",
    FieldKind.NUMBER: "Patient number",
    FieldKind.ACCESSION: "Laboratory's number of the report",
    FieldKind.ORDER: "Order number",
    FieldKind.STATUS: "State of the report",
    FieldKind.LABORATORY: "Laboratory",
    FieldKind.TEST: "Test",
    FieldKind.COLLECTED: "Specimen collected",
    FieldKind.RECEIVED: "Specimen received",
    FieldKind.REPORTED: "Reported",
    FieldKind.GENE: "Gene",
    FieldKind.GENOTYPE: "Genotype",
    FieldKind.PHENOTYPE: "Phenotype",
    FieldKind.VARIANT_GENE: "Gene of the variant",
    FieldKind.VARIANT: "DNA change",
    FieldKind.PROTEIN: "Protein change",
    FieldKind.ZYGOSITY: "Zygosity",
    FieldKind.CLASSIFICATION: "Laboratory's class",
    FieldKind.NEGATIVE: "Said not to be there",
    FieldKind.METHODS: "Methods",
    FieldKind.LIMITS: "Limits of the test",
}
_ABSENT = {
    Absence.NOT_FOUND: "Not found",
    Absence.UNREADABLE: "Could not be read",
    Absence.AMBIGUOUS: "Not clear",
}
_SURE = {Level.HIGH: "Read with confidence", Level.MEDIUM: "Read with some doubt", Level.LOW: "Doubtful"}
_DECIDED = {Verdict.ACCEPTED: "Accepted", Verdict.CORRECTED: "Typed", Verdict.REJECTED: "Left out"}
_HEADINGS = {
    "whose": "Whose report, and how final",
    "negative": "Said not to be there",
    "others": "About the test",
}


def field_name(kind: FieldKind) -> str:
    """What a field is called."""
    return NAMES[kind]


def line_name(field: DraftField) -> str:
    """What a field is called where there are several lines of results."""
    return f"{NAMES[field.kind]}, line {field.row}" if field.row else NAMES[field.kind]


def sureness(field: DraftField) -> str:
    """How sure the reading is, or that there is none."""
    return _ABSENT[field.absence] if field.absence is not None else _SURE[field.level]


def verdict_word(verdict: Verdict) -> str:
    """What was decided."""
    return _DECIDED[verdict]


def group_heading(name: str, row: int) -> str:
    """The heading over fields that belong together."""
    if name in _HEADINGS:
        return _HEADINGS[name]
    return f"{'Drug response gene' if name == 'call' else 'Variant'}, line {row}"


FILTERS = (field_name, line_name, sureness, verdict_word, group_heading)
