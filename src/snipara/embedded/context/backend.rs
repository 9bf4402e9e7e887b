//! The trait over the store.

use super::ranking::rank;
use super::refresh::refresh;
use super::terms::terms;
use crate::domain::{ContextAnswer, ContextQuery, Section, tokens_of};
use crate::snipara::embedded::{Embedded, EmbeddedSettings};
use crate::snipara::{Answer, ContextSearch, SniparaError};

/// How many sections are compared for each term.
const CANDIDATES: i64 = 200;

/// The warning for a repository without documents.
const NO_DOCUMENTS: &str = "no documents were found: add README.md, docs/*.md, DEPLOY.md, RUNBOOK.md or openapi.json, \
                            and look that .gitignore does not name them";

impl Embedded {
    async fn answer(&self, query: ContextQuery) -> Result<ContextAnswer, SniparaError> {
        let EmbeddedSettings { store, repository, .. } = &self.settings;
        if let Some(why) = &self.settings.no_project {
            let why = why.replacen("this is kept in", "no document is read in", 1);
            return Ok(ContextAnswer { warnings: vec![why], ..ContextAnswer::default() });
        }
        let refreshed = refresh(store, repository).await?;
        let work_tree = repository.to_string_lossy();
        let mut transaction = store.begin_read().await?;
        let (own, all) = transaction.count_sections(&work_tree).await?;
        let mut matches = Vec::new();
        for term in terms(&query.query) {
            let found = transaction.term_matches(&work_tree, &term.quoted, CANDIDATES).await?;
            matches.push((term, found));
        }
        let mut sections = Vec::new();
        for ranked in rank(&matches, all) {
            let Some(found) = transaction.section(ranked.seq).await? else { continue };
            sections.push(Section {
                title: found.title,
                file: found.path,
                lines: [found.first_line, found.last_line],
                token_count: tokens_of(&found.content),
                content: found.content,
                relevance_score: ranked.relevance,
                truncated: false,
            });
        }
        transaction.commit().await?;
        let mut answer = ContextAnswer {
            sections,
            total_tokens: 0,
            files_indexed: refreshed.documents,
            sections_indexed: own,
            warnings: refreshed.warnings,
        };
        if own == 0 {
            answer.warnings.push(NO_DOCUMENTS.to_owned());
        }
        answer.fit(query.max_tokens);
        Ok(answer)
    }
}

impl ContextSearch for Embedded {
    fn query_context(&self, query: ContextQuery) -> Answer<'_, ContextAnswer> {
        Box::pin(self.answer(query))
    }
}
