"""Mechanism, onset and established variants by gene, as the project proposes them. Not checked against a
primary source except where one is named; the packs say so.
"""

from __future__ import annotations

ALTERED = {
    "ACTA2",
    "ACTC1",
    "CACNA1S",
    "CALM1",
    "CALM2",
    "CALM3",
    "DES",
    "MYH7",
    "MYH11",
    "MYL2",
    "MYL3",
    "PLN",
    "PRKAG2",
    "RBM20",
    "RET",
    "RYR1",
    "RYR2",
    "TGFBR1",
    "TGFBR2",
    "TMEM43",
    "TNNC1",
    "TNNI3",
    "TNNT2",
    "TPM1",
    "TTR",
}
ALTERED_DISEASE = {
    ("BAG3", "Myofibrillar myopathy"),
    ("FLNC", "Hypertrophic cardiomyopathy"),
    ("FLNC", "Myofibrillar myopathy"),
    ("SCN5A", "Long QT syndrome type 3"),
    ("SCN5A", "Dilated cardiomyopathy"),
}
SPECIAL = {
    "HFE": ("named-only", "ACMG SF v3.3 table: p.C282Y homozygotes only"),
    "TTN": ("truncating-only", "ACMG SF v3.3 table: truncating variants only"),
    "APOB": (
        "loss-protects",
        "Loss of function lowers LDL cholesterol (ClinGen: familial hypobetalipoproteinemia 1, Definitive);"
        " receptor-binding variants raise it (PMID:2563166)",
    ),
    "PCSK9": (
        "loss-protects",
        "Gain of function raises LDL cholesterol (PMID:12730697); loss of function lowers it (PMID:15654334)",
    ),
}
LOSS_BASIS = "Loss of function: general knowledge of the field, [unchecked] against a primary source"
ALTERED_BASIS = (
    "Altered product (gain of function or dominant negative): general knowledge of the field, [unchecked]"
    " against a primary source"
)
ADULT = {"BRCA1", "BRCA2", "PALB2", "MLH1", "MSH2", "MSH6", "PMS2", "MUTYH", "HFE", "TTR", "TTN"}
ADULT_BASIS = (
    "Proposed: surveillance or treatment begins in adult life, [unchecked]; the ACMG list itself leaves the"
    " age to the laboratory and the parents"
)
CHILD_BASIS = "Proposed: surveillance or treatment can begin before majority, [unchecked]"
NOTES = {
    "TRDN": 'The table says "All P and LP" though the inheritance is AR; two variants are asked for here',
    "ABCD1": "Two heterozygous variants need phase; an unphased pair goes to a person",
    "CALM2": "The table gives one MIM number for both diseases",
}
SPELLING = {
    "Dliated": "Dilated",
    "Maturity-Onset of Diabetes of the Young": "Maturity-onset diabetes of the young",
}

# Position on GRCh37 where ClinVar's 2016 release has it, and what the name is; the build lifts and checks.
NAMED = (
    (
        "HFE",
        "chr6",
        26093141,
        "G",
        "A",
        9,
        "p.Cys282Tyr",
        "ACMG SF v3.3 (Lee 2025, GIM S1098-3600(25)00101-7)",
    ),
    ("PCSK9", "chr1", 55509689, "T", "A", 2873, "p.Ser127Arg", "PMID:12730697"),
    ("PCSK9", "chr1", 55523127, "G", "T", 0, "p.Asp374Tyr", "PMID:14727179 [unchecked]"),
    ("APOB", "chr2", 21229160, "C", "T", 17890, "p.Arg3527Gln", "PMID:2563166"),
    ("APOB", "chr2", 21229161, "G", "A", 40223, "p.Arg3527Trp", "PMID:7627691"),
)

CDC = {
    "Hereditary breast and ovarian cancer": ["BRCA1", "BRCA2"],
    "Lynch syndrome": ["MLH1", "MSH2", "MSH6", "PMS2"],
    "Familial hypercholesterolemia": ["LDLR", "APOB", "PCSK9"],
}

# Gene, disease, inheritance, and the core condition of the Recommended Uniform Screening Panel it stands for.
RUSP = (
    ("ACADM", "Medium-chain acyl-CoA dehydrogenase deficiency", "AR"),
    ("ACADVL", "Very long-chain acyl-CoA dehydrogenase deficiency", "AR"),
    ("ACAT1", "Beta-ketothiolase deficiency", "AR"),
    ("ADA", "Severe combined immunodeficiency (adenosine deaminase)", "AR"),
    ("ASL", "Argininosuccinic aciduria", "AR"),
    ("ASS1", "Citrullinemia type I", "AR"),
    ("BCKDHA", "Maple syrup urine disease", "AR"),
    ("BCKDHB", "Maple syrup urine disease", "AR"),
    ("CBS", "Homocystinuria", "AR"),
    ("CFTR", "Cystic fibrosis", "AR"),
    ("DBT", "Maple syrup urine disease", "AR"),
    ("FAH", "Tyrosinemia type I", "AR"),
    ("GALC", "Infantile Krabbe disease", "AR"),
    ("GALT", "Classic galactosemia", "AR"),
    ("GAMT", "Guanidinoacetate methyltransferase deficiency", "AR"),
    ("GCDH", "Glutaric acidemia type I", "AR"),
    ("HADHA", "Long-chain L-3-hydroxyacyl-CoA dehydrogenase deficiency", "AR"),
    ("HADHB", "Trifunctional protein deficiency", "AR"),
    ("HBB", "Sickle cell disease", "AR"),
    ("HLCS", "Holocarboxylase synthetase deficiency", "AR"),
    ("HMGCL", "3-Hydroxy-3-methylglutaric aciduria", "AR"),
    ("IDS", "Mucopolysaccharidosis type II", "XL"),
    ("IDUA", "Mucopolysaccharidosis type I", "AR"),
    ("IL2RG", "Severe combined immunodeficiency (X-linked)", "XL"),
    ("IL7R", "Severe combined immunodeficiency", "AR"),
    ("IVD", "Isovaleric acidemia", "AR"),
    ("JAK3", "Severe combined immunodeficiency", "AR"),
    ("MCCC1", "3-Methylcrotonyl-CoA carboxylase deficiency", "AR"),
    ("MCCC2", "3-Methylcrotonyl-CoA carboxylase deficiency", "AR"),
    ("MMAA", "Methylmalonic acidemia (cobalamin disorders)", "AR"),
    ("MMAB", "Methylmalonic acidemia (cobalamin disorders)", "AR"),
    ("MMUT", "Methylmalonic acidemia (methylmalonyl-CoA mutase)", "AR"),
    ("PAH", "Classic phenylketonuria", "AR"),
    ("PCCA", "Propionic acidemia", "AR"),
    ("PCCB", "Propionic acidemia", "AR"),
    ("SLC22A5", "Carnitine uptake defect", "AR"),
)
NEWBORN_FROM_SF = {
    "ABCD1",
    "BTD",
    "CALM1",
    "CALM2",
    "CALM3",
    "CASQ2",
    "GAA",
    "KCNH2",
    "KCNQ1",
    "OTC",
    "RB1",
    "RET",
    "RPE65",
    "RYR2",
    "SCN5A",
    "TRDN",
    "TSC1",
    "TSC2",
    "WT1",
}
ALIAS = {"MMUT": "MUT"}
