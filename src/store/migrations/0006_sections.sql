-- Format 6: sections of the repository's documents and their index.

PRAGMA user_version = 6;
