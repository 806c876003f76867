"""What a file is, is told by its first bytes."""

from __future__ import annotations

import pytest

from bedside.intake.content_kind import ContentKind, content_kind

WIDE = b'{"entry": [' + b'{"resource": {"resourceType": "Observation"}},' * 4000


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"##fileformat=VCFv4.2\n#CHROM\t", ContentKind.VARIANTS),
        (b"\xef\xbb\xbf##fileformat=VCFv4.2\n", ContentKind.VARIANTS),
        (b"BCF\x02\x02\x00", ContentKind.VARIANTS),
        (b"%PDF-1.7\n", ContentKind.PDF),
        (b"\x00\x01%PDF-1.4\n", ContentKind.PDF),
        (b"MSH|^~\\&|LIS", ContentKind.HL7V2),
        (b"\x0bMSH#*~\\&#LIS", ContentKind.HL7V2),
        (b"\r\n FHS|^~\\&|", ContentKind.HL7V2),
        (b"MSH3\tMSH3 c.1A>G", ContentKind.OUTSIDE_CALLS),
        (b' \n{"resourceType": "Bundle"}', ContentKind.FHIR),
        (b'\xef\xbb\xbf{"id": "x", "resourceType": "Bundle"}', ContentKind.FHIR),
        (b'{"meta": {"tag": [{"code": "a}{"}]}, "resource\\u0054ype": "Bundle"}', ContentKind.FHIR),
        (WIDE, ContentKind.FHIR),
        (b'{"report": {"resourceType": "Observation"}}', ContentKind.LABORATORY_JSON),
        (b'{"caption": "resourceType"}', ContentKind.LABORATORY_JSON),
        (b'[{"gene": "X"}]', ContentKind.LABORATORY_JSON),
        (b"# calls\nCYP2C19\t*1/*2\n", ContentKind.OUTSIDE_CALLS),
        (b"sample\tgene\tphenotype\nA\tX\tY\n", ContentKind.OUTSIDE_CALLS),
        (b"#gene\tdiplotype\n", ContentKind.OUTSIDE_CALLS),
        (b"# rsid\tchromosome\nrs123\t1\t5\tAA\n", ContentKind.UNKNOWN),
        (b"once upon a time", ContentKind.UNKNOWN),
        (b"", ContentKind.UNKNOWN),
    ],
)
def test_a_file_is_known_by_its_first_bytes(head, kind):
    assert content_kind(head) is kind
