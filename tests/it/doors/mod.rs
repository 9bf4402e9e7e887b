//! One request, one result: each verb through each door on a project of its own, compared by what is stored.
//!
//! The rows go through the doors and read the file back by SQL, so that they hold whatever is changed inside. What is
//! meant to differ is named in its row with the reason.

mod htasks;
mod memories;
mod project;
mod stored;
mod swarms;
mod table;
mod validation;
mod verb;
