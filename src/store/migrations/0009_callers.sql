-- Format 9: who asked for what belongs to no task is a column. Entries of format 1 say it in their payload, and their
-- column is filled from there; their stored bytes stay as they are.
ALTER TABLE ledger_entries ADD COLUMN caller TEXT;

DROP TRIGGER ledger_entries_no_update;
UPDATE ledger_entries SET caller = json_extract(canonical, '$.payload.caller')
WHERE task_id IS NULL AND format_version = 1 AND json_type(canonical, '$.payload.caller') = 'text';
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

-- The latest of a kind that a caller may see are found in the index alone.
DROP INDEX ledger_entries_by_kind;
CREATE INDEX ledger_entries_by_kind ON ledger_entries (project_id, kind, seq, task_id, caller);

PRAGMA user_version = 9;
