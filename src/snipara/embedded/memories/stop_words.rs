//! Words that do not show the subject of a question.

/// English function words, and words that people put around a question.
const STOP_WORDS: &str = " a about above across after again all along also am among an and any are arent as at be \
    because been before behind being beside besides below between both but by can cannot cant could couldnt did didnt \
    do does doesnt doing dont down during each either else ever every few find for from further get gets getting give \
    given go goes going got had hadnt happen happened happening happens has hasnt have havent having he hello help \
    her here hers herself hey hi him himself his how i id if ill im in into is isnt it its itself ive just know let \
    lets like long make me might more most much must my myself near need needed needs neither no nor not now of off \
    often ok on once only or other our ours ourselves out outside over own please recall remember really remind same \
    say says shall she should shouldnt since so some somebody someone something still such sure tell than thanks that \
    thats the their theirs them themselves then there theres these they thing things this those through to too under \
    until up upon us very want wanted wants was wasnt way we were werent what whats when where whether which while \
    who whom whose why will with within without wont would wouldnt you your yours yourself ";

/// Words of the trade that stand in memories of every kind. Alone they distinguish little, even in a store that is too
/// small to show it.
const TRADE_WORDS: &str = " app apps application applications build builds change changed changes check checked checks \
    code deploy deployed deploying deployment deployments deploys environment error errors fail failed failing fails \
    failure failures fix fixed fixes issue issues last latest new prod production problem problems project release \
    released releases run running runs server servers service services set staging system task tasks test tested tests \
    time times update updated updates use used uses using version versions work worked working works wrong ";

fn has(list: &str, word: &str) -> bool {
    list.match_indices(word).any(|(start, _)| {
        let around = (list.as_bytes().get(start.wrapping_sub(1)), list.as_bytes().get(start + word.len()));
        around == (Some(&b' '), Some(&b' '))
    })
}

/// Tells whether a lower-case word does not show the subject of a text.
pub(super) fn is_stop_word(word: &str) -> bool {
    has(STOP_WORDS, word)
}

/// Tells whether a lower-case word is used in this trade all the time.
pub(super) fn is_trade_word(word: &str) -> bool {
    has(TRADE_WORDS, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_looked_for() {
        assert!(is_stop_word("the") && is_stop_word("a") && is_stop_word("yourself"));
        assert!(!is_stop_word("th") && !is_stop_word("session") && !is_stop_word(""));
        assert!(is_trade_word("deploy") && !is_trade_word("pgbouncer"));
    }
}
