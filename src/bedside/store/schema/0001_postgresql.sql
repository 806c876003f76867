-- What PostgreSQL needs besides the tables: events and content are never changed or removed.

CREATE FUNCTION bedside_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '% are never changed or removed', TG_TABLE_NAME; END $$;
CREATE TRIGGER event_never_changes BEFORE UPDATE OR DELETE ON event
FOR EACH ROW EXECUTE FUNCTION bedside_refuse();
CREATE TRIGGER event_never_truncated BEFORE TRUNCATE ON event
FOR EACH STATEMENT EXECUTE FUNCTION bedside_refuse();
CREATE TRIGGER content_never_changes BEFORE UPDATE OR DELETE ON content
FOR EACH ROW EXECUTE FUNCTION bedside_refuse();
CREATE TRIGGER content_never_truncated BEFORE TRUNCATE ON content
FOR EACH STATEMENT EXECUTE FUNCTION bedside_refuse();
