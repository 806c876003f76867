-- The ledger, version 2: what people allowed, and which genomes are stored. `{integer}` days are written 20260301, so
-- that adding years is adding 10,000 for each.

ALTER TABLE person ADD COLUMN born {integer};

-- For each person and layer the decision that governs. said_at: microseconds since 1970, UTC; said_on: its day.
-- uses: terms of the Data Use Ontology, separated by spaces. born: the person's, so that age needs no other table.
CREATE TABLE consent (
  person {text} NOT NULL,
  scope {text} NOT NULL,
  decision {text} NOT NULL,
  given_by {text} NOT NULL,
  uses {text} NOT NULL,
  emancipated {integer} NOT NULL,
  said_at {integer} NOT NULL,
  said_on {integer} NOT NULL,
  born {integer},
  recorded {integer} NOT NULL,
  PRIMARY KEY (person, scope)
);
-- Everything a question about everybody needs, in the order it groups them.
CREATE INDEX consent_alike ON consent (scope, decision, given_by, uses, emancipated, said_on, born, person);

-- Each stored run, by the event that stored it and the one that erased it.
CREATE TABLE genome_run (
  run {text} PRIMARY KEY,
  person {text} NOT NULL,
  result {text} NOT NULL,
  evidence {text} NOT NULL,
  records {integer} NOT NULL,
  stored {integer} NOT NULL,
  erased {integer}
);
CREATE INDEX genome_run_person ON genome_run (person);
CREATE INDEX genome_run_stored ON genome_run (stored);
CREATE INDEX genome_run_erased ON genome_run (erased, person);
