-- Format 6: sections of the repository's documents and their index.
-- A copy of what lies in the work tree: it may be emptied at any time, the next question fills it again.
CREATE TABLE documents (
    project_id  TEXT   NOT NULL,
    -- The work tree: all work trees of a project share this store, and their documents differ.
    work_tree   TEXT   NOT NULL,
    path        TEXT   NOT NULL,
    bytes       BIGINT NOT NULL,
    modified_ns BIGINT NOT NULL,
    digest      TEXT   NOT NULL,
    -- How it was cut into sections: a newer way reads it again.
    reading     BIGINT NOT NULL,
    -- What a reader should know, such as why it has no sections.
    problem     TEXT,
    PRIMARY KEY (project_id, work_tree, path)
);

CREATE TABLE sections (
    project_id TEXT   NOT NULL,
    -- Also the row of section_index.
    seq        BIGINT NOT NULL CHECK (seq >= 1),
    work_tree  TEXT   NOT NULL,
    path       TEXT   NOT NULL,
    title      TEXT   NOT NULL,
    first_line BIGINT NOT NULL,
    last_line  BIGINT NOT NULL,
    content    TEXT   NOT NULL,
    PRIMARY KEY (project_id, seq),
    FOREIGN KEY (project_id, work_tree, path) REFERENCES documents (project_id, work_tree, path)
);
CREATE INDEX sections_by_document ON sections (project_id, work_tree, path, first_line);

-- SQLite's own: the words of sections, without a second copy of their texts.
CREATE VIRTUAL TABLE section_index USING fts5(
    title, path, content, content = 'sections', content_rowid = 'seq', tokenize = 'porter unicode61 remove_diacritics 2'
);
-- What left a document leaves the file, too, as everywhere in this store.
INSERT INTO section_index (section_index, rank) VALUES ('secure-delete', 1);

PRAGMA user_version = 6;
