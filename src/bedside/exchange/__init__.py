"""The shapes other systems speak: CDS Hooks, FHIR."""
