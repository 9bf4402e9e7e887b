-- Format 5: memories and their index.
CREATE TABLE memories (
    project_id       TEXT   NOT NULL,
    id               TEXT   NOT NULL,
    row_number       BIGINT NOT NULL CHECK (row_number >= 1),
    memory_type      TEXT   NOT NULL,
    scope            TEXT   NOT NULL,
    agent_id         TEXT,
    category         TEXT,
    content          TEXT   NOT NULL,
    status           TEXT   NOT NULL,
    status_reason    TEXT,
    superseded_by    TEXT,
    source           TEXT,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT,
    last_accessed_at BIGINT,
    access_count     BIGINT NOT NULL,
    PRIMARY KEY (project_id, id)
);
-- The place of a memory in the index below, which knows numbers only: one file keeps one project.
CREATE UNIQUE INDEX memories_by_row_number ON memories (row_number);
CREATE INDEX memories_by_time ON memories (project_id, created_at, row_number);

-- How many memories there are: counting 100,000 rows takes longer than a recall may.
CREATE TABLE memory_totals (
    project_id TEXT   NOT NULL PRIMARY KEY,
    memories   BIGINT NOT NULL
);
CREATE TRIGGER memories_are_counted AFTER INSERT ON memories BEGIN
    INSERT INTO memory_totals (project_id, memories) VALUES (NEW.project_id, 1)
    ON CONFLICT (project_id) DO UPDATE SET memories = memories + 1;
END;

-- SQLite's own: the words of a memory, and its identifiers each as one word (snipara::embedded::memories::terms makes
-- both). The tokenizer folds diacritics and stems; `_` parts the numbers of a version.
CREATE VIRTUAL TABLE memories_index USING fts5 (
    words, identifiers, tokenize = "porter unicode61 remove_diacritics 2 tokenchars '_'"
);
-- What is forgotten must be gone from the index, not only marked in it.
INSERT INTO memories_index (memories_index, rank) VALUES ('secure-delete', 1);

-- Whoever deletes a memory, its words go with it.
CREATE TRIGGER memories_are_forgotten AFTER DELETE ON memories BEGIN
    DELETE FROM memories_index WHERE rowid = OLD.row_number;
    UPDATE memory_totals SET memories = memories - 1 WHERE project_id = OLD.project_id;
END;

PRAGMA user_version = 5;
