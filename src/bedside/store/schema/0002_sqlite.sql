-- Birth dates of people registered before version 2, from the events that govern.

UPDATE person SET born = (
  SELECT CAST(replace(json_extract(event.payload, '$.birth_date'), '-', '') AS INTEGER)
  FROM event WHERE event.sequence = person.registered
);
