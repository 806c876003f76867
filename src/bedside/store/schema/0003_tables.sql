-- The ledger, version 3: whose a number is that comes without the name of who gave it. Spaces in it do not count.

CREATE INDEX identifier_number ON identifier (replace(value, ' ', ''));
