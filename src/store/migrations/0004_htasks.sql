-- Format 4: hierarchical tasks.
CREATE TABLE htasks (
    project_id             TEXT    NOT NULL,
    id                     TEXT    NOT NULL,
    swarm_id               TEXT    NOT NULL,
    parent_id              TEXT,
    level                  TEXT    NOT NULL CHECK (level IN ('N0_INITIATIVE', 'N1_FEATURE', 'N2_WORKSTREAM', 'N3_TASK')),
    sequence_number        BIGINT  NOT NULL CHECK (sequence_number >= 1),
    -- Grows with every htask of the project: what was made first comes first, whatever the clock says.
    created_order          BIGINT  NOT NULL,
    workstream_type        TEXT,
    custom_workstream_type TEXT,
    title                  TEXT    NOT NULL,
    description            TEXT    NOT NULL,
    owner                  TEXT    NOT NULL,
    execution_target       TEXT,
    priority               TEXT    NOT NULL CHECK (priority IN ('P0', 'P1', 'P2')),
    eta_target             TEXT,
    -- The time in eta_target, or the end of time when it has none.
    eta_rank               BIGINT  NOT NULL,
    acceptance_criteria    TEXT    NOT NULL,
    context_refs           TEXT    NOT NULL,
    depends_on             TEXT    NOT NULL,
    evidence_required      TEXT    NOT NULL,
    evidence_provided      TEXT    NOT NULL,
    status                 TEXT    NOT NULL CHECK (status IN ('PENDING', 'IN_PROGRESS', 'BLOCKED', 'COMPLETED',
                                                              'FAILED', 'CANCELLED')),
    -- What it was before it was blocked.
    status_before          TEXT,
    is_blocking            BOOLEAN NOT NULL CHECK (is_blocking IN (0, 1)),
    -- Its own cause; an ancestor of a blocked htask has none.
    blocker                TEXT,
    blocked_by_task_id     TEXT,
    waiver                 TEXT,
    -- Token and end of the lease stay when a claim ends, so that an old token is told from a wrong one.
    claimed_by             TEXT,
    fencing_token          BIGINT,
    lease_expires_at       BIGINT,
    result                 TEXT,
    learnings              TEXT    NOT NULL,
    decision_impact        TEXT,
    linked_memory_id       TEXT,
    auto_closed_parent     TEXT,
    created_at             BIGINT  NOT NULL,
    updated_at             BIGINT  NOT NULL,
    started_at             BIGINT,
    completed_at           BIGINT,
    archived_at            BIGINT,
    PRIMARY KEY (project_id, id),
    UNIQUE (project_id, created_order),
    CHECK ((status = 'BLOCKED') = (status_before IS NOT NULL)),
    CHECK (claimed_by IS NULL OR (fencing_token IS NOT NULL AND lease_expires_at IS NOT NULL)),
    FOREIGN KEY (project_id, swarm_id) REFERENCES swarms (project_id, id),
    FOREIGN KEY (project_id, parent_id) REFERENCES htasks (project_id, id)
);
CREATE INDEX htasks_by_parent ON htasks (project_id, swarm_id, parent_id, sequence_number);
-- In the order in which they are recommended.
CREATE INDEX htasks_by_rank ON htasks (project_id, swarm_id, level, status, priority, eta_rank, is_blocking DESC,
                                       created_order);
CREATE INDEX htasks_by_lease ON htasks (project_id, swarm_id, lease_expires_at) WHERE claimed_by IS NOT NULL;
CREATE INDEX htasks_by_blocker ON htasks (project_id, swarm_id) WHERE blocker IS NOT NULL;
CREATE UNIQUE INDEX htasks_by_token ON htasks (project_id, fencing_token) WHERE fencing_token IS NOT NULL;

CREATE TABLE htask_dependencies (
    project_id    TEXT NOT NULL,
    task_id       TEXT NOT NULL,
    depends_on_id TEXT NOT NULL,
    PRIMARY KEY (project_id, task_id, depends_on_id),
    FOREIGN KEY (project_id, task_id) REFERENCES htasks (project_id, id),
    FOREIGN KEY (project_id, depends_on_id) REFERENCES htasks (project_id, id)
);

PRAGMA user_version = 4;
