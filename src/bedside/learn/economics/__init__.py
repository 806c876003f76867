"""What care costs and what it brings: models worked out, with how sure that is."""
