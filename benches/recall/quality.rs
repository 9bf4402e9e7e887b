//! How well recall finds what answers a question, beside plain substring search.

use super::Hit;
use super::labelled_set::{Kept, Kind, LabelledSet, Question};
use super::substring;
use crate::Lines;

/// How deep a ranking is looked at.
const DEPTH: usize = 10;
/// What a call without `limit` gets.
const DEFAULT_LIMIT: usize = 5;
/// The least relevance of a call without `min_relevance`.
const DEFAULT_MINIMUM: f64 = 0.5;

/// Rankings of the same questions, ours and the peer's.
struct Rankings {
    /// Without a minimum, ten deep.
    ours: Vec<Vec<Hit>>,
    /// With the defaults.
    ours_by_default: Vec<Vec<Hit>>,
    /// Without a minimum, ten deep.
    substring: Vec<Vec<Hit>>,
    substring_by_default: Vec<Vec<Hit>>,
}

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let set = LabelledSet::read()?;
    let rankings = super::runtime()?.block_on(ask_everything(&set))?;
    let mut lines = vec![
        format!("{} memories, {} questions; substring search in brackets", set.memories.len(), set.questions.len()),
        format!(
            "{:<27} {:>21}   {:>21}   {:>23}",
            "kind (questions)", "recall@5, no minimum", "MRR@10, no minimum", "recall@5, default 0.5"
        ),
    ];
    for kind in Kind::ANSWERED {
        lines.push(row(kind.name(), &set.questions, &rankings, |_, question| question.kind == kind));
    }
    let answered = |question: &Question| question.kind != Kind::Noise;
    lines.push(row("all", &set.questions, &rankings, |_, question| answered(question)));
    lines.push(row("odd lines", &set.questions, &rankings, |index, question| answered(question) && index % 2 == 0));
    lines.push(row("even lines, held out", &set.questions, &rankings, |index, question| {
        answered(question) && index % 2 == 1
    }));
    lines.extend(noise(&set.questions, &rankings));
    Ok(lines)
}

async fn ask_everything(set: &LabelledSet) -> anyhow::Result<Rankings> {
    let folder = tempfile::tempdir()?;
    let kept = Kept::remember(set, folder.path()).await?;
    let mut rankings =
        Rankings { ours: vec![], ours_by_default: vec![], substring: vec![], substring_by_default: vec![] };
    for Question { question, .. } in &set.questions {
        rankings.ours.push(kept.ask(question, DEPTH as i64, 0.0).await?);
        rankings.ours_by_default.push(kept.ask(question, DEFAULT_LIMIT as i64, DEFAULT_MINIMUM).await?);
        let mut hits = substring::search(&set.memories, question, DEPTH);
        rankings.substring.push(hits.clone());
        hits.retain(|hit| hit.relevance >= DEFAULT_MINIMUM);
        hits.truncate(DEFAULT_LIMIT);
        rankings.substring_by_default.push(hits);
    }
    kept.close().await;
    Ok(rankings)
}

/// Returns the share of the answers that are among the first five.
pub(super) fn recall_at_5(question: &Question, hits: &[Hit]) -> f64 {
    let first = hits.iter().take(5).filter(|hit| question.answers.contains(&hit.id)).count();
    first as f64 / question.answers.len().min(5) as f64
}

/// Returns one by the place of the first answer; 0 when there is none.
fn reciprocal_rank(question: &Question, hits: &[Hit]) -> f64 {
    let place = hits.iter().position(|hit| question.answers.contains(&hit.id));
    place.map_or(0.0, |place| 1.0 / (place + 1) as f64)
}

/// Writes the scores of the questions that are meant, by place and question.
fn row(name: &str, questions: &[Question], rankings: &Rankings, meant: impl Fn(usize, &Question) -> bool) -> String {
    let chosen: Vec<usize> = questions
        .iter()
        .enumerate()
        .filter(|(index, question)| meant(*index, question))
        .map(|(index, _)| index)
        .collect();
    let count = chosen.len();
    let mean = |hits: &[Vec<Hit>], score: fn(&Question, &[Hit]) -> f64| {
        chosen.iter().map(|&index| score(&questions[index], &hits[index])).sum::<f64>() / count as f64
    };
    format!(
        "{:<27} {:>12.1} % ({:.1} %)   {:>13.3} ({:.3})   {:>14.1} % ({:.1} %)",
        format!("{name} ({count})"),
        100.0 * mean(&rankings.ours, recall_at_5),
        100.0 * mean(&rankings.substring, recall_at_5),
        mean(&rankings.ours, reciprocal_rank),
        mean(&rankings.substring, reciprocal_rank),
        100.0 * mean(&rankings.ours_by_default, recall_at_5),
        100.0 * mean(&rankings.substring_by_default, recall_at_5),
    )
}

/// Tells how much of what answers nothing clears the default minimum.
fn noise(questions: &[Question], rankings: &Rankings) -> Lines {
    let with_a_hit = |hits: &[Vec<Hit>]| {
        let noise = questions.iter().zip(hits).filter(|(question, _)| question.kind == Kind::Noise);
        percent(noise.map(|(_, hits)| clears(hits.first())))
    };
    let wrong = |hits: &[Vec<Hit>]| percent(misfits(questions, hits).map(|hit| clears(Some(hit))));
    let in_the_answer = |hits: &[Vec<Hit>]| {
        let rows = questions.iter().zip(hits).flat_map(|(question, hits)| hits.iter().map(move |hit| (question, hit)));
        percent(rows.map(|(question, hit)| !question.answers.contains(&hit.id)))
    };
    let line = |name: &str, ours: f64, peer: f64| format!("{name:<64} {ours:>5.1} % ({peer:.1} %)");
    vec![
        line(
            "noise questions with any hit of 0.5 or more",
            with_a_hit(&rankings.ours_by_default),
            with_a_hit(&rankings.substring_by_default),
        ),
        line("of the wrong memories in ten, those of 0.5 or more", wrong(&rankings.ours), wrong(&rankings.substring)),
        line(
            "of what the defaults return, wrong memories",
            in_the_answer(&rankings.ours_by_default),
            in_the_answer(&rankings.substring_by_default),
        ),
    ]
}

fn clears(hit: Option<&Hit>) -> bool {
    hit.is_some_and(|hit| hit.relevance >= DEFAULT_MINIMUM)
}

/// Returns what was returned for a question and does not answer it.
fn misfits<'a>(questions: &'a [Question], hits: &'a [Vec<Hit>]) -> impl Iterator<Item = &'a Hit> {
    questions
        .iter()
        .zip(hits)
        .flat_map(|(question, hits)| hits.iter().filter(|hit| !question.answers.contains(&hit.id)))
}

fn percent(cases: impl Iterator<Item = bool>) -> f64 {
    let (mut all, mut true_ones) = (0.0, 0.0);
    for case in cases {
        all += 1.0;
        true_ones += f64::from(u8::from(case));
    }
    if all == 0.0 { 0.0 } else { 100.0 * true_ones / all }
}
