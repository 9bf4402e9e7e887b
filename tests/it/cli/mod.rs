//! The real binary at a real terminal's end: exit codes, streams, signals.

mod below_a_run;
mod connections;
mod descriptors;
mod documents;
mod end_to_end;
mod first_minutes;
mod first_run;
mod full;
mod handoff;
mod hook;
mod init;
mod install;
mod keeping;
mod logins;
mod manners;
mod neighbour;
mod no_project;
mod place;
mod quick_start;
mod signals;
mod streams;
mod suites;
mod terminal;
mod tls_front;
