-- Birth dates of people registered before version 2, from the events that govern.

UPDATE person SET born = CAST(replace(CAST(event.payload AS json) ->> 'birth_date', '-', '') AS BIGINT)
FROM event WHERE event.sequence = person.registered;
