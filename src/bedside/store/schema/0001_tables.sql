-- The ledger, version 1. The same statements run on SQLite and PostgreSQL: {integer} is the 64-bit integer of the
-- dialect, {sequence} a primary key of that type, {text} text that sorts by bytes. Times are microseconds since 1970,
-- UTC. Payloads are canonical JSON kept as text, because the hash is over their bytes.

CREATE TABLE event (
  sequence {sequence},
  kind {text} NOT NULL,
  person {text},
  actor {text} NOT NULL,
  valid_at {integer} NOT NULL,
  known_at {integer} NOT NULL,
  key {text},
  payload {text} NOT NULL,
  hash {text} NOT NULL
);
CREATE UNIQUE INDEX event_key ON event (kind, key) WHERE key IS NOT NULL;
CREATE INDEX event_kind ON event (kind, sequence);
CREATE INDEX event_person ON event (person, sequence) WHERE person IS NOT NULL;

-- What events point to by digest: observations, gene calls, assays. Equal content is one row.
CREATE TABLE content (
  digest {text} PRIMARY KEY,
  kind {text} NOT NULL,
  gene {text} NOT NULL,
  body {text} NOT NULL
);

-- Projections: for each question the sequence of the event that governs. Rebuilt from events at any time.
CREATE TABLE person (
  person {text} PRIMARY KEY,
  registered {integer},
  valid_at {integer},
  family {text} NOT NULL DEFAULT '',
  given {text} NOT NULL DEFAULT '',
  search {text} NOT NULL DEFAULT ''
);
CREATE INDEX person_name ON person (family, given, person);

CREATE TABLE identifier (
  system {text} NOT NULL,
  value {text} NOT NULL,
  person {text} NOT NULL,
  PRIMARY KEY (system, value)
);
CREATE INDEX identifier_person ON identifier (person);

CREATE TABLE medication (
  person {text} NOT NULL,
  system {text} NOT NULL,
  code {text} NOT NULL,
  status {text} NOT NULL,
  valid_at {integer} NOT NULL,
  recorded {integer} NOT NULL,
  PRIMARY KEY (person, system, code)
);
CREATE INDEX medication_code ON medication (system, code, status);

CREATE TABLE problem (
  person {text} NOT NULL,
  system {text} NOT NULL,
  code {text} NOT NULL,
  status {text} NOT NULL,
  valid_at {integer} NOT NULL,
  recorded {integer} NOT NULL,
  PRIMARY KEY (person, system, code)
);
CREATE INDEX problem_code ON problem (system, code, status);

CREATE TABLE result (
  result {text} PRIMARY KEY,
  person {text} NOT NULL,
  confirmation {text} NOT NULL,
  accepted {integer} NOT NULL,
  meanings {integer},
  withdrawn {integer}
);
CREATE INDEX result_person ON result (person, accepted);

CREATE TABLE card (
  card {text} PRIMARY KEY,
  person {text},
  answered {integer} NOT NULL,
  place {integer} NOT NULL
);
CREATE INDEX card_person ON card (person, answered);

CREATE TABLE feedback (
  received {integer} PRIMARY KEY,
  card {text} NOT NULL
);
CREATE INDEX feedback_card ON feedback (card, received);

CREATE TABLE task (
  task {text} PRIMARY KEY,
  person {text} NOT NULL,
  owner {text} NOT NULL,
  due {text} NOT NULL,
  opened {integer} NOT NULL,
  closed {integer}
);
CREATE INDEX task_person ON task (person, task);
CREATE INDEX task_due ON task (due, task);

CREATE TABLE release (
  adopted {integer} PRIMARY KEY,
  source {text} NOT NULL,
  release {text} NOT NULL
);
