-- Format 4: hierarchical tasks.

PRAGMA user_version = 4;
