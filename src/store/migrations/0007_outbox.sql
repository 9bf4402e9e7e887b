-- Format 7: what waits to be sent to the hosted service, and which htask a task is for.

PRAGMA user_version = 7;
