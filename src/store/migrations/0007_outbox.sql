-- Format 7: what waits to be sent to the hosted service, and which htask a task is for.
CREATE TABLE task_htasks (
    project_id TEXT   NOT NULL,
    task_id    TEXT   NOT NULL,
    swarm_id   TEXT   NOT NULL,
    htask_id   TEXT   NOT NULL,
    linked_at  BIGINT NOT NULL,
    PRIMARY KEY (project_id, task_id),
    FOREIGN KEY (project_id, task_id) REFERENCES tasks (project_id, id)
);
CREATE INDEX task_htasks_by_htask ON task_htasks (project_id, htask_id, linked_at);

-- One swarm a configuration: the neighbour (an API origin and the project there, or `embedded`) and our agent in it.
CREATE TABLE default_swarms (
    project_id TEXT    NOT NULL,
    neighbour  TEXT    NOT NULL,
    agent_id   TEXT    NOT NULL,
    swarm_id   TEXT    NOT NULL,
    joined     BOOLEAN NOT NULL,
    noted_at   BIGINT  NOT NULL,
    PRIMARY KEY (project_id, neighbour, agent_id)
);

-- What a run has to tell the hosted service. `sending` names the process that sends; when that process is gone nobody
-- knows whether it arrived, and the row becomes `unknown`: it is never sent again.
CREATE TABLE outbox (
    project_id  TEXT    NOT NULL,
    id          TEXT    NOT NULL,
    neighbour   TEXT    NOT NULL,
    kind        TEXT    NOT NULL CHECK (kind IN ('memory', 'final_state', 'evidence')),
    task_id     TEXT    NOT NULL,
    attempt     BIGINT  NOT NULL CHECK (attempt >= 0),
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL CHECK (state IN ('waiting', 'sending', 'sent', 'unknown', 'refused')),
    tries       BIGINT  NOT NULL CHECK (tries >= 0),
    created_at  BIGINT  NOT NULL,
    next_try_at BIGINT  NOT NULL,
    process_id  BIGINT,
    start_ticks BIGINT,
    boot_id     TEXT,
    sending_at  BIGINT,
    reason      TEXT,
    told        BOOLEAN NOT NULL,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, neighbour, kind, task_id, attempt)
);
CREATE INDEX outbox_by_state ON outbox (project_id, state, next_try_at);

PRAGMA user_version = 7;
