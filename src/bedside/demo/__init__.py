"""A made-up health system."""
