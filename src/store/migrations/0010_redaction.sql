-- Format 10: an entry whose text stands in the chain itself can be redacted. Its row keeps number and hash, has what is
-- left of its content, and names the entry of the kind `redaction` that holds the digest of that. Only kinds in which the
-- chain itself holds a text can lose one: addresses, and in format 1 the texts of a fact.
ALTER TABLE ledger_entries ADD COLUMN redacted_by BIGINT;

DROP TRIGGER ledger_entries_no_update;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
WHEN OLD.project_id IS NOT NEW.project_id OR OLD.seq IS NOT NEW.seq OR OLD.prev_hash IS NOT NEW.prev_hash
  OR OLD.hash IS NOT NEW.hash OR OLD.kind IS NOT NEW.kind OR OLD.task_id IS NOT NEW.task_id
  OR OLD.attempt IS NOT NEW.attempt OR OLD.format_version IS NOT NEW.format_version
  OR OLD.body_digest IS NOT NEW.body_digest OR OLD.caller IS NOT NEW.caller OR OLD.key_id IS NOT NEW.key_id
  OR OLD.signature IS NOT NEW.signature
  OR OLD.kind NOT IN ('drift', 'checklist', 'proof')
    AND (OLD.format_version > 1 OR OLD.kind NOT IN ('task_created', 'local_test', 'decision', 'deployment'))
  OR NOT EXISTS (
    SELECT 1 FROM ledger_entries r WHERE r.project_id = OLD.project_id AND r.seq = NEW.redacted_by AND r.seq > OLD.seq
      AND r.kind = 'redaction')
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

PRAGMA user_version = 10;
