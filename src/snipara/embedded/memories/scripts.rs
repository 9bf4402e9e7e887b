//! Scripts that write no blanks between words: Chinese, Japanese, Thai and their neighbours, and Korean, whose words carry
//! endings.
//!
//! Such a run is read as its overlapping pairs of characters (bigrams, as Lucene's CJKBigramFilter does): `数据库` is `数据` and
//! `据库`, so that a question finds them inside of a longer run, without a dictionary.

/// A script that is read in pairs. Pairs do not cross from one to another: Japanese particles are no part of a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    Han,
    Hiragana,
    Katakana,
    Hangul,
    SouthEastAsian,
}

/// What asks in Chinese, and stands in nearly every question.
const QUESTION_WORDS: [&str; 12] =
    ["为什么", "為什麼", "什么", "什麼", "怎么", "怎麼", "如何", "哪里", "哪裡", "是否", "请问", "吗"];

/// Returns the script of a character, if it is one of those (Unicode's blocks).
pub(super) const fn script_of(character: char) -> Option<Script> {
    match character {
        '\u{3040}'..='\u{309f}' => Some(Script::Hiragana),
        '\u{30a0}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}' | '\u{ff66}'..='\u{ff9f}' => Some(Script::Katakana),
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3134f}' => {
            Some(Script::Han)
        }
        '\u{1100}'..='\u{11ff}' | '\u{3130}'..='\u{318f}' | '\u{ac00}'..='\u{d7af}' => Some(Script::Hangul),
        '\u{0e00}'..='\u{0eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' => Some(Script::SouthEastAsian),
        _ => None,
    }
}

/// A stretch of a text in one of these scripts, or in none of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ScriptRun<'a> {
    Pairs(Vec<String>),
    Other(&'a str),
}

/// Cuts a word at the borders of these scripts.
pub(super) fn script_runs(word: &str) -> Vec<ScriptRun<'_>> {
    let mut script_runs = Vec::new();
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let script = script_of(first);
        let end = rest.find(|character| script_of(character) != script).unwrap_or(rest.len());
        let (stretch, behind) = rest.split_at(end);
        rest = behind;
        script_runs.push(if script.is_some() { ScriptRun::Pairs(pairs(stretch)) } else { ScriptRun::Other(stretch) });
    }
    script_runs
}

fn pairs(stretch: &str) -> Vec<String> {
    let characters: Vec<char> = stretch.chars().collect();
    if characters.len() < 2 {
        return vec![stretch.to_owned()];
    }
    characters.windows(2).map(|pair| pair.iter().collect()).collect()
}

/// Takes what only asks out of a question, unless nothing else is in it.
pub(super) fn without_question_words(text: &str) -> String {
    let mut rest = text.to_owned();
    for word in QUESTION_WORDS.iter().filter(|word| text.contains(**word)) {
        rest = rest.replace(word, " ");
    }
    if rest.chars().any(char::is_alphanumeric) { rest } else { text.to_owned() }
}

/// Tells whether a word is nothing but Hiragana: particles and endings, which carry no meaning beside other words.
pub(super) fn is_particle(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|character| script_of(character) == Some(Script::Hiragana))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(word: &str) -> String {
        let told = script_runs(word).into_iter().map(|stretch| match stretch {
            ScriptRun::Pairs(pairs) => pairs.join(" "),
            ScriptRun::Other(text) => format!("[{text}]"),
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_run_is_its_pairs_and_a_border_of_scripts_parts_it() {
        assert_eq!(shown("数据库太慢"), "数据 据库 库太 太慢");
        assert_eq!(shown("使用Redis做限流"), "使用 [Redis] 做限 限流");
        assert_eq!(shown("キャッシュを消す"), "キャ ャッ ッシ シュ を 消 す");
        assert_eq!(shown("캐시를"), "캐시 시를");
        assert_eq!(shown("session"), "[session]");
        assert_eq!(shown("库"), "库");
    }

    #[test]
    fn what_only_asks_is_left_out() {
        assert_eq!(without_question_words("为什么数据库慢"), " 数据库慢");
        assert_eq!(without_question_words("什么"), "什么");
        assert!(is_particle("を") && !is_particle("消す") && !is_particle("a"));
    }
}
