//! Text from outside is data (docs/design/outside.md): through every tool, and through the real binary's doors.

mod doors;
mod lockdown;
mod planted;
mod tools;
