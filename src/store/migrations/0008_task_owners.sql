-- Format 8: whose a task is, where callers have names. A task without a row is nobody's in particular.
CREATE TABLE task_owners (
    project_id TEXT   NOT NULL,
    task_id    TEXT   NOT NULL,
    owner      TEXT   NOT NULL,
    noted_at   BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks (project_id, id)
);
CREATE INDEX task_owners_by_owner ON task_owners (project_id, owner);

PRAGMA user_version = 8;
