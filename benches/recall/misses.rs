//! Which questions of the labelled set go wrong, one by one: for whoever works on the ranking.

use super::labelled_set::{Kept, Kind, LabelledSet};
use super::quality::recall_at_5;
use crate::Lines;

pub(crate) fn measure() -> anyhow::Result<Lines> {
    let set = LabelledSet::read()?;
    super::runtime()?.block_on(async {
        let folder = tempfile::tempdir()?;
        let kept = Kept::remember(&set, folder.path()).await?;
        let mut lines = Lines::new();
        for question in &set.questions {
            let hits = kept.ask(&question.question, 5, 0.0).await?;
            let answers = |hit: &&super::Hit| question.answers.contains(&hit.id);
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
        Ok(lines)
    })
}
