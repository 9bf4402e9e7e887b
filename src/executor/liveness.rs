//! Tells whether the process that ran something is still there.

use super::platform;
use crate::domain::ProcessIdentity;

/// Returns the identity of this process.
///
/// `boot_id` is the kernel's boot id, a space, and the process-id namespace (`pid:[4026531836]`).
pub fn current_process() -> ProcessIdentity {
    let process_id = std::process::id();
    ProcessIdentity {
        process_id,
        start_ticks: platform::look_at(process_id).map_or(0, |process| process.start_ticks),
        boot_id: platform::boot_identity(),
    }
}

/// Whether a process is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Liveness {
    /// It is another process of this machine, and it runs or waits.
    Lives,
    /// It has ended.
    Gone,
    /// It is this process, one that cannot be seen from here, or one that is stopped: it may never go on.
    Unknown,
}

/// Tells whether a process is certainly gone.
pub fn is_gone(process: &ProcessIdentity) -> bool {
    liveness(process) == Liveness::Gone
}

/// Tells whether a process is there.
///
/// After a reboot everything is gone. In another container, where process ids mean something else, nothing can be
/// told. A process that has ended and waits for its parent (a zombie) is gone; one that is stopped does nothing, so
/// nothing but its lease tells for how long its task is its own.
pub fn liveness(process: &ProcessIdentity) -> Liveness {
    let here = current_process();
    if process.start_ticks == 0 || here.start_ticks == 0 || process.boot_id.is_empty() {
        return match platform::is_unused(process.process_id) {
            Some(true) => Liveness::Gone,
            Some(false) | None => Liveness::Unknown,
        };
    }
    if *process == here {
        return Liveness::Unknown;
    }
    let (boot, namespace) = parts(&process.boot_id);
    let (boot_here, namespace_here) = parts(&here.boot_id);
    if boot != boot_here {
        return Liveness::Gone;
    }
    if namespace != namespace_here {
        return Liveness::Unknown;
    }
    match platform::look_at(process.process_id) {
        Some(now) if now.start_ticks == process.start_ticks && now.stopped => Liveness::Unknown,
        Some(now) if now.start_ticks == process.start_ticks => Liveness::Lives,
        _ => Liveness::Gone,
    }
}

fn parts(boot_identity: &str) -> (&str, &str) {
    boot_identity.split_once(' ').unwrap_or((boot_identity, ""))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn another_process_lives_and_of_this_one_its_lease_tells() {
        assert_eq!(liveness(&current_process()), Liveness::Unknown);
        let process_id = std::os::unix::process::parent_id();
        let start_ticks = platform::look_at(process_id).expect("a parent").start_ticks;
        assert_eq!(liveness(&ProcessIdentity { process_id, start_ticks, ..current_process() }), Liveness::Lives);
    }

    #[test]
    fn the_same_id_with_another_start_is_another_process() {
        let mut earlier = current_process();
        earlier.start_ticks += 1;
        assert!(is_gone(&earlier));
    }

    #[test]
    fn what_ran_before_a_reboot_is_gone_and_what_runs_in_another_container_cannot_be_told() {
        let here = current_process();
        let rebooted = ProcessIdentity { boot_id: "another pid:[1]".to_owned(), ..here.clone() };
        assert!(is_gone(&rebooted));
        let boot = here.boot_id.split_once(' ').expect("two parts").0;
        let elsewhere = ProcessIdentity { process_id: u32::MAX, boot_id: format!("{boot} pid:[1]"), ..here.clone() };
        assert!(!is_gone(&elsewhere));
    }
}
