-- Format 3: members, shared state and claims of swarms.

PRAGMA user_version = 3;
