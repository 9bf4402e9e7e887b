-- Format 2: swarms, their events, and the counter of fencing tokens.
CREATE TABLE swarms (
    project_id      TEXT   NOT NULL,
    id              TEXT   NOT NULL,
    name            TEXT   NOT NULL,
    description     TEXT   NOT NULL,
    max_agents      BIGINT NOT NULL,
    task_timeout_s  BIGINT NOT NULL,
    claim_timeout_s BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    PRIMARY KEY (project_id, id)
);
CREATE INDEX swarms_by_name ON swarms (project_id, name, created_at);

-- Broadcasts, and changes of htasks (which name their task): one stream a project, so that a cursor is one number.
CREATE TABLE swarm_events (
    project_id  TEXT   NOT NULL,
    seq         BIGINT NOT NULL CHECK (seq >= 1),
    id          TEXT   NOT NULL,
    swarm_id    TEXT   NOT NULL,
    task_id     TEXT,
    event_type  TEXT   NOT NULL,
    agent_id    TEXT,
    from_status TEXT,
    to_status   TEXT,
    payload     TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (project_id, seq),
    FOREIGN KEY (project_id, swarm_id) REFERENCES swarms (project_id, id)
);
CREATE INDEX swarm_events_by_swarm ON swarm_events (project_id, swarm_id, seq);
CREATE INDEX swarm_events_by_task ON swarm_events (project_id, task_id, seq);

-- Grows with every claim of a resource or an htask, and never goes back.
CREATE TABLE fencing_tokens (
    project_id TEXT   NOT NULL PRIMARY KEY,
    last_token BIGINT NOT NULL
);

PRAGMA user_version = 2;
