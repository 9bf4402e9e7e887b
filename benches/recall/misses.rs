//! Which questions of the labelled set go wrong, one by one: for whoever works on the ranking.
//!
//! Only those of the odd lines are shown: the others are held out, so that a ranking fitted to what is seen here is
//! found out by them (`quality` tells both halves).

use super::Hit;
use super::labelled_set::{Kept, Kind, LabelledSet, Question};
use super::quality::recall_at_5;
use crate::Lines;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let set = LabelledSet::read()?;
    super::runtime()?.block_on(async {
        let folder = tempfile::tempdir()?;
        let kept = Kept::remember(&set, folder.path()).await?;
        let mut lines = Lines::new();
        let mut answered: Vec<(&Question, Vec<Hit>)> = Vec::new();
        for question in set.questions.iter().step_by(2) {
            let hits = kept.ask(&question.question, 5, 0.0).await?;
            let answers = |hit: &&Hit| question.answers.contains(&hit.id);
            answered.push((question, hits.clone()));
            let problem = match question.kind {
                Kind::Noise if hits.first().is_some_and(|hit| hit.relevance >= 0.5) => "noise above 0.5",
                Kind::Noise => continue,
                _ if recall_at_5(question, &hits) < 1.0 => "not in five",
                _ if hits.iter().filter(answers).any(|hit| hit.relevance < 0.5) => "answer below 0.5",
                _ => continue,
            };
            lines.push(format!(
                "{problem}, {}: {} → {}",
                question.kind.name(),
                question.question,
                question.answers.join(" ")
            ));
            lines.extend(hits.iter().take(3).map(|hit| format!("      {:.2} {}", hit.relevance, hit.id)));
        }
        kept.close().await;
        lines.extend([0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6].map(|minimum| with_minimum(&answered, minimum)));
        Ok(lines)
    })
}

/// Tells what another minimum would let through, so that relevance can be scaled to put the best one at 0.5.
fn with_minimum(answered: &[(&Question, Vec<Hit>)], minimum: f64) -> String {
    let through = |hits: &[Hit]| hits.iter().filter(|hit| hit.relevance >= minimum).cloned().collect::<Vec<_>>();
    let mean = |kept: &[f64]| 100.0 * kept.iter().sum::<f64>() / kept.len() as f64;
    let (noise, rest): (Vec<_>, Vec<_>) = answered.iter().partition(|(question, _)| question.kind == Kind::Noise);
    let found: Vec<f64> = rest.iter().map(|(question, hits)| recall_at_5(question, &through(hits))).collect();
    let heard: Vec<f64> = noise.iter().map(|(_, hits)| f64::from(u8::from(!through(hits).is_empty()))).collect();
    format!("minimum {minimum:.2}: recall@5 {:.1} %, noise questions with a hit {:.1} %", mean(&found), mean(&heard))
}
