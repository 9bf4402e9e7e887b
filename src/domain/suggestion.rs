//! The nearest name, for messages about names that do not exist.

/// Returns the candidate nearest to `wrong`, when one is near enough to be meant.
pub fn nearest<'a>(wrong: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(&wrong.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(likeness, _)| *likeness >= 0.8)
        // That likeness favours short words with the same beginning: the number of edits decides.
        .map(|(_, candidate)| (strsim::normalized_damerau_levenshtein(wrong, candidate), candidate))
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn e09_a_typing_error_finds_its_key_and_nonsense_finds_none() {
        let keys = ["prod_url", "fail_fast_on_drift", "policy"];
        assert_eq!(nearest("fail_fast_on_drfit", keys), Some("fail_fast_on_drift"));
        assert_eq!(nearest("zzz", keys), None);
        assert_eq!(nearest("expected_code", ["expect", "expected_status"]), Some("expected_status"));
    }
}
