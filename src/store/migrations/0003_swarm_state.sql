-- Format 3: members, shared state and claims of swarms.
CREATE TABLE swarm_members (
    project_id   TEXT   NOT NULL,
    swarm_id     TEXT   NOT NULL,
    agent_id     TEXT   NOT NULL,
    name         TEXT,
    role         TEXT   NOT NULL,
    capabilities TEXT   NOT NULL,
    joined_at    BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    PRIMARY KEY (project_id, swarm_id, agent_id),
    FOREIGN KEY (project_id, swarm_id) REFERENCES swarms (project_id, id)
);

-- An expired key stays as a row without a value, so that its version goes on growing.
CREATE TABLE swarm_state (
    project_id TEXT   NOT NULL,
    swarm_id   TEXT   NOT NULL,
    key        TEXT   NOT NULL,
    value      TEXT   NOT NULL,
    version    BIGINT NOT NULL CHECK (version >= 1),
    updated_by TEXT   NOT NULL,
    updated_at BIGINT NOT NULL,
    expires_at BIGINT,
    PRIMARY KEY (project_id, swarm_id, key),
    FOREIGN KEY (project_id, swarm_id) REFERENCES swarms (project_id, id)
);
CREATE INDEX swarm_state_by_expiry ON swarm_state (project_id, swarm_id, expires_at);

-- One row a resource: whose claim it is, or was until it expired.
CREATE TABLE swarm_claims (
    project_id    TEXT   NOT NULL,
    swarm_id      TEXT   NOT NULL,
    resource_type TEXT   NOT NULL,
    resource_id   TEXT   NOT NULL,
    id            TEXT   NOT NULL,
    agent_id      TEXT   NOT NULL,
    fencing_token BIGINT NOT NULL,
    claimed_at    BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    PRIMARY KEY (project_id, swarm_id, resource_type, resource_id),
    FOREIGN KEY (project_id, swarm_id) REFERENCES swarms (project_id, id)
);
CREATE UNIQUE INDEX swarm_claims_by_id ON swarm_claims (project_id, id);
CREATE INDEX swarm_claims_by_agent ON swarm_claims (project_id, swarm_id, agent_id);

PRAGMA user_version = 3;
