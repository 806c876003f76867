"""ClinVar: its files of any size, the releases made of them, and what changed between two."""
