-- Format 1. Portable text: ids TEXT, times BIGINT microseconds, documents TEXT; triggers and pragmas are SQLite's own.
CREATE TABLE projects (
    project_id TEXT NOT NULL PRIMARY KEY
);

CREATE TABLE repositories (
    project_id        TEXT   NOT NULL,
    git_common_folder TEXT   NOT NULL,
    joined_at         BIGINT NOT NULL,
    PRIMARY KEY (project_id, git_common_folder)
);

CREATE TABLE tasks (
    project_id      TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    title           TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    criteria        TEXT   NOT NULL,
    criteria_digest TEXT   NOT NULL,
    status          TEXT   NOT NULL CHECK (status IN ('pending', 'in_progress', 'local_ok', 'local_fail', 'validating',
                                                      'prod_ok', 'prod_fail', 'env_drift', 'done')),
    cause           TEXT,
    attempt         BIGINT NOT NULL CHECK (attempt >= 0),
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX tasks_by_time ON tasks (project_id, created_at);

CREATE TABLE runs (
    project_id         TEXT    NOT NULL,
    task_id            TEXT    NOT NULL,
    attempt            BIGINT  NOT NULL CHECK (attempt >= 1),
    token              BIGINT  NOT NULL CHECK (token >= 1),
    state              TEXT    NOT NULL CHECK (state IN ('running', 'ended', 'interrupted')),
    holder_label       TEXT    NOT NULL,
    process_id         BIGINT  NOT NULL,
    start_ticks        BIGINT  NOT NULL,
    boot_id            TEXT    NOT NULL,
    cookie             TEXT    NOT NULL,
    started_at         BIGINT  NOT NULL,
    lease_expires_at   BIGINT  NOT NULL,
    ended_at           BIGINT,
    cancel_requested   BOOLEAN NOT NULL,
    config_digest      TEXT    NOT NULL,
    production_origin  TEXT    NOT NULL,
    report             TEXT,
    PRIMARY KEY (project_id, task_id, attempt),
    UNIQUE (project_id, token),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks (project_id, id)
);
-- One run of a task at a time, whatever the code does.
CREATE UNIQUE INDEX runs_one_running ON runs (project_id, task_id) WHERE state = 'running';

CREATE TABLE ledger_entries (
    project_id     TEXT   NOT NULL,
    seq            BIGINT NOT NULL CHECK (seq >= 1),
    prev_hash      TEXT   NOT NULL,
    hash           TEXT   NOT NULL,
    kind           TEXT   NOT NULL,
    task_id        TEXT,
    attempt        BIGINT,
    format_version BIGINT NOT NULL,
    canonical      TEXT   NOT NULL,
    body_digest    TEXT,
    key_id         TEXT,
    signature      TEXT,
    UNIQUE (project_id, seq),
    UNIQUE (project_id, prev_hash)
);
CREATE INDEX ledger_entries_by_task ON ledger_entries (project_id, task_id, seq);
CREATE INDEX ledger_entries_by_kind ON ledger_entries (project_id, kind, seq);

-- A removed body keeps its row without its text, so that the same text never comes back under its digest.
CREATE TABLE ledger_bodies (
    project_id TEXT NOT NULL,
    digest     TEXT NOT NULL,
    body       TEXT,
    removed_by BIGINT,
    PRIMARY KEY (project_id, digest),
    CHECK ((body IS NULL) = (removed_by IS NOT NULL))
);

CREATE TABLE decisions (
    project_id TEXT    NOT NULL,
    seq        BIGINT  NOT NULL,
    hash       TEXT    NOT NULL,
    task_id    TEXT    NOT NULL,
    attempt    BIGINT  NOT NULL,
    passed     BOOLEAN NOT NULL CHECK (passed IN (0, 1)),
    PRIMARY KEY (project_id, seq)
);
CREATE INDEX decisions_by_task ON decisions (project_id, task_id, attempt);

-- The second lock on "done".
CREATE TRIGGER tasks_done_needs_decision_insert BEFORE INSERT ON tasks
WHEN NEW.status IN ('prod_ok', 'done') AND NOT EXISTS (
    SELECT 1 FROM decisions d
    WHERE d.project_id = NEW.project_id AND d.task_id = NEW.id AND d.attempt = NEW.attempt AND d.passed = 1)
BEGIN
    SELECT RAISE(ABORT, 'a task is done only with a passing decision of the same attempt');
END;
CREATE TRIGGER tasks_done_needs_decision_update BEFORE UPDATE ON tasks
WHEN NEW.status IN ('prod_ok', 'done') AND NOT EXISTS (
    SELECT 1 FROM decisions d
    WHERE d.project_id = NEW.project_id AND d.task_id = NEW.id AND d.attempt = NEW.attempt AND d.passed = 1)
BEGIN
    SELECT RAISE(ABORT, 'a task is done only with a passing decision of the same attempt');
END;

CREATE TRIGGER decisions_need_their_entry BEFORE INSERT ON decisions
WHEN NOT EXISTS (
    SELECT 1 FROM ledger_entries e
    WHERE e.project_id = NEW.project_id AND e.seq = NEW.seq AND e.hash = NEW.hash AND e.kind = 'decision'
      AND e.task_id = NEW.task_id AND e.attempt = NEW.attempt)
BEGIN
    SELECT RAISE(ABORT, 'a decision needs its ledger entry');
END;
-- REPLACE deletes without a DELETE trigger, so an occupied place is refused here.
CREATE TRIGGER decisions_no_replace BEFORE INSERT ON decisions
WHEN EXISTS (SELECT 1 FROM decisions d WHERE d.project_id = NEW.project_id AND d.seq = NEW.seq)
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions
BEGIN
    SELECT RAISE(ABORT, 'decisions are append-only');
END;

CREATE TRIGGER ledger_entries_no_replace BEFORE INSERT ON ledger_entries
WHEN EXISTS (SELECT 1 FROM ledger_entries e WHERE e.project_id = NEW.project_id AND e.seq >= NEW.seq)
  OR EXISTS (SELECT 1 FROM ledger_entries e WHERE e.project_id = NEW.project_id AND e.prev_hash = NEW.prev_hash)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_entries_no_update BEFORE UPDATE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;
CREATE TRIGGER ledger_entries_no_delete BEFORE DELETE ON ledger_entries
BEGIN
    SELECT RAISE(ABORT, 'the ledger is append-only');
END;

PRAGMA application_id = 1397641042;
PRAGMA user_version = 1;
