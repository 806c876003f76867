"""The headers of the findings panels: provenance, policy, and what small variants cannot answer."""

from __future__ import annotations

_POLICY = """
[policy]
# Stars of the review status: reported from two (or an expert panel); one goes to a person; none never.
report_stars = 2
review_stars = 1
consent = ["clinical"]
# The ACMG list leaves age to laboratory and parents; the project's default is the stricter one.
withhold_adult_onset = true
majority = 18
{age_unknown}# Stop gained, frameshift, splice donor, splice acceptor.
truncating = ["SO:0001587", "SO:0001589", "SO:0001575", "SO:0001574"]
confirmatory = {confirmatory}
"""
_AGE_UNKNOWN = """\
# Nobody is taken for an adult who may be a child: a person of unknown age is contacted only once their own
# consent can be weighed. The list has no age limit: the finding goes to the laboratory's sign-off and waits.
age_unknown = "report"
"""
_LARGE = """
[[not_assessed]]
gene = ""
what = "deletions and duplications of whole exons or genes, inversions, repeat expansions"
"""
_EPCAM = """
[[not_assessed]]
gene = "EPCAM"
what = "deletion of its last exons, which silences the neighbouring gene MSH2 and causes Lynch syndrome"
"""
_HOMOLOGY = """
[[not_assessed]]
gene = "PMS2"
what = "variants in the last exons, where short reads cannot tell the gene from its pseudogene"
"""
_NEWBORN_GAPS = """
[[not_assessed]]
gene = "SMN1"
what = "deletion of the gene (spinal muscular atrophy), a core condition"

[[not_assessed]]
gene = "CYP21A2"
what = "congenital adrenal hyperplasia, a core condition: the pseudogene makes small variants unreliable"

[[not_assessed]]
gene = "CFTR"
what = "cystic fibrosis, a core condition: left out of the draft, not in the ClinGen file used"

[[not_assessed]]
gene = "GALT"
what = "galactosemia, a core condition: left out of the draft, not in the ClinGen file used"

[[not_assessed]]
gene = ""
what = "core conditions not covered: critical congenital heart disease, hearing loss, hypothyroidism"
"""


# What each list rests on, and who is asked to approve it.
_STANDING = {
    "acmg-sf": ("guideline", "clinical geneticist"),
    "cdc-tier1": ("guideline", "clinical geneticist"),
    "newborn": ("consensus", "newborn screening committee"),
}


def _header(title: str, name: str, version: str, source: str, review: str, comment: str) -> str:
    level, role = _STANDING[name]
    return (
        f"# {comment}\n"
        'kind = "findings"\n'
        f'name = "{name}"\n'
        f'title = "{title}"\n'
        'owner = "Bedside maintainers (clinical content)"\n'
        'licence = "Apache-2.0; the facts are the cited lists\'"\n'
        f'source = "{source}"\n'
        "retrieved = 2026-11-25\n"
        "review_due = 2027-05-25\n"
        f'review_state = "{review}"\n'
        f'evidence_level = "{level}"\n'
        f'approval = {{ state = "awaiting", role = "{role}" }}\n'
        f'version = "{version}"\n'
    )


_JUDGED = (
    "awaiting sign-off by a clinical geneticist; mechanism and age by row are the project's proposal where"
    " their basis says [unchecked]"
)
_LEE = "ACMG SF v3.3, Lee et al., Genet Med 2025, S1098-3600(25)00101-7, by way of the Talos-AF table (MIT)"

HEADERS = {
    "acmg-sf": _header(
        "ACMG secondary findings v3.3", "acmg-sf", "3.3", _LEE, _JUDGED,
        "Genes and diseases reported from a sequence made for another purpose, unless the person declines.",
    )
    + _POLICY.format(confirmatory="false", age_unknown=_AGE_UNKNOWN) + _LARGE + _HOMOLOGY,
    "cdc-tier1": _header(
        "CDC Tier 1 genomic applications", "cdc-tier1", "2026-11",
        "CDC Tier 1 (HBOC, Lynch syndrome, FH); rows as in " + _LEE, _JUDGED,
        "Three conditions whose detection in the general population saves lives.",
    )
    + _POLICY.format(confirmatory="false", age_unknown=_AGE_UNKNOWN) + _LARGE + _EPCAM + _HOMOLOGY,
    "newborn": _header(
        "Newborn screening by sequence (draft)", "newborn", "draft-2026-11",
        "RUSP core conditions (HRSA, public domain) [unchecked against the list]; ClinGen gene-disease"
        " validity 2025-01 (CC0); " + _LEE,
        "draft, awaiting sign-off by a newborn screening programme; the choice of genes is [unchecked]",
        "Conditions to treat in the first weeks of life. A finding only ever asks for a second test.",
    )
    + _POLICY.format(confirmatory="true", age_unknown="") + _LARGE + _NEWBORN_GAPS,
}  # fmt: skip
