"""Studies: who was compared with whom, from when, and what came of it; or why that cannot be said."""
