"""One file for each area of conformance: `ORDER`, and `areas(bench)`, which runs or reads it."""
