-- Format 5: memories and their index.

PRAGMA user_version = 5;
