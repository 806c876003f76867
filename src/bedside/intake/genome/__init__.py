"""A laboratory's whole file as one person's genome: every record read as columns, never line by line."""
