//! What this machine has too little of.

use std::io;

/// ENFILE and EMFILE: the same numbers on Linux, macOS and the BSDs (errno(3)).
const NO_DESCRIPTORS: [i32; 2] = [23, 24];

/// Tells whether something could not be opened because there are no descriptors left. It says nothing about what was to
/// be opened.
pub fn out_of_descriptors(error: &io::Error) -> bool {
    cfg!(unix) && error.raw_os_error().is_some_and(|number| NO_DESCRIPTORS.contains(&number))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_system_says_so_in_words() {
        for number in NO_DESCRIPTORS {
            let error = io::Error::from_raw_os_error(number);
            assert!(error.to_string().contains("open files"), "{error}");
            assert!(out_of_descriptors(&error));
        }
        assert!(!out_of_descriptors(&io::Error::from(io::ErrorKind::NotFound)));
    }
}
