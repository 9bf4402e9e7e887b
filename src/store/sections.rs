//! The repository's documents, cut into sections, and the index of their words.

use super::columns::record;
use super::{StoreError, StoreTransaction};

/// How much a word in the title and in the path weighs against one in the text.
const COLUMN_WEIGHTS: &str = "6.0, 2.0, 1.0";

/// A document as it was when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredDocument {
    /// Relative to the work tree, with `/`.
    pub(crate) path: String,
    pub(crate) bytes: i64,
    pub(crate) modified_ns: i64,
    pub(crate) digest: String,
    /// How it was cut into sections.
    pub(crate) reading: i64,
    /// A problem that a reader should know.
    pub(crate) problem: Option<String>,
}

/// A section to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewSection {
    pub(crate) title: String,
    pub(crate) first_line: u32,
    pub(crate) last_line: u32,
    pub(crate) content: String,
}

/// A section as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StoredSection {
    pub(crate) path: String,
    pub(crate) title: String,
    pub(crate) first_line: u32,
    pub(crate) last_line: u32,
    pub(crate) content: String,
}

/// What the index says about one term.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TermMatches {
    /// How many sections of all work trees hold it.
    pub(crate) holding: u64,
    /// The best sections of this work tree with BM25's share of the term, greater is better.
    pub(crate) best: Vec<(i64, f64)>,
}

impl StoreTransaction {
    /// Reads the documents of a work tree, in order of their paths.
    pub(crate) async fn documents(&mut self, work_tree: &str) -> Result<Vec<StoredDocument>, StoreError> {
        self.sql("SELECT * FROM documents WHERE project_id = $1 AND work_tree = $2 ORDER BY path")
            .bind(work_tree)
            .read_all()
            .await
    }

    /// Reads the work trees that have documents here.
    pub(crate) async fn work_trees(&mut self) -> Result<Vec<String>, StoreError> {
        self.sql("SELECT DISTINCT work_tree FROM documents WHERE project_id = $1 ORDER BY work_tree").values().await
    }

    /// Keeps when an unchanged document was touched last.
    pub(crate) async fn touch_document(
        &mut self,
        work_tree: &str,
        path: &str,
        modified_ns: i64,
    ) -> Result<(), StoreError> {
        self.sql("UPDATE documents SET modified_ns = $4 WHERE project_id = $1 AND work_tree = $2 AND path = $3")
            .with((work_tree, path, modified_ns))
            .run()
            .await
    }

    /// Keeps a document with its sections, in place of what was kept under its path.
    pub(crate) async fn put_document(
        &mut self,
        work_tree: &str,
        document: &StoredDocument,
        sections: &[NewSection],
    ) -> Result<(), StoreError> {
        self.remove_sections(work_tree, Some(&document.path)).await?;
        self.sql(
            "INSERT INTO documents (project_id, work_tree, path, bytes, modified_ns, digest, reading, problem)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
             ON CONFLICT (project_id, work_tree, path) DO UPDATE SET bytes = excluded.bytes,
                modified_ns = excluded.modified_ns, digest = excluded.digest, reading = excluded.reading,
                problem = excluded.problem",
        )
        .bind(work_tree)
        .bind(&document.path)
        .bind(document.bytes)
        .bind(document.modified_ns)
        .bind(&document.digest)
        .bind(document.reading)
        .bind(&document.problem)
        .run()
        .await?;
        let last: i64 = self.sql("SELECT COALESCE(MAX(seq), 0) FROM sections WHERE project_id = $1").value().await?;
        for (seq, section) in (last + 1..).zip(sections) {
            self.sql(
                "INSERT INTO sections (project_id, seq, work_tree, path, title, first_line, last_line, content)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            )
            .bind(seq)
            .bind(work_tree)
            .bind(&document.path)
            .bind(&section.title)
            .bind(section.first_line)
            .bind(section.last_line)
            .bind(&section.content)
            .run()
            .await?;
            self.index_sql("INSERT INTO section_index (rowid, title, path, content) VALUES ($1, $2, $3, $4)")
                .with((seq, &section.title, &document.path, &section.content))
                .run()
                .await?;
        }
        Ok(())
    }

    /// Forgets one document of a work tree, or all of them.
    pub(crate) async fn remove_documents(&mut self, work_tree: &str, path: Option<&str>) -> Result<(), StoreError> {
        self.remove_sections(work_tree, path).await?;
        self.sql("DELETE FROM documents WHERE project_id = $1 AND work_tree = $2 AND ($3 IS NULL OR path = $3)")
            .with((work_tree, path))
            .run()
            .await
    }

    async fn remove_sections(&mut self, work_tree: &str, path: Option<&str>) -> Result<(), StoreError> {
        for statement in [
            // An index without a copy of the texts is told what it forgets (https://www.sqlite.org/fts5.html §4.4.3).
            "INSERT INTO section_index (section_index, rowid, title, path, content)
             SELECT 'delete', seq, title, path, content FROM sections
             WHERE project_id = $1 AND work_tree = $2 AND ($3 IS NULL OR path = $3)",
            "DELETE FROM sections WHERE project_id = $1 AND work_tree = $2 AND ($3 IS NULL OR path = $3)",
        ] {
            self.sql(statement).bind(work_tree).bind(path).run().await?;
        }
        Ok(())
    }

    /// Counts the sections of a work tree, and those of all of them.
    pub(crate) async fn count_sections(&mut self, work_tree: &str) -> Result<(u64, u64), StoreError> {
        self.sql("SELECT count(*) FILTER (WHERE work_tree = $2), count(*) FROM sections WHERE project_id = $1")
            .bind(work_tree)
            .one()
            .await
    }

    /// Looks one term up: a quoted word or phrase in the language of FTS5.
    ///
    /// `CROSS JOIN` keeps SQLite from asking the index anew for each section. Equal scores are ordered by place, not by when they were indexed, so that every process answers the same.
    pub(crate) async fn term_matches(
        &mut self,
        work_tree: &str,
        term: &str,
        limit: i64,
    ) -> Result<TermMatches, StoreError> {
        let holding = self
            .index_sql("SELECT count(*) FROM section_index WHERE section_index MATCH $1")
            .bind(term)
            .value()
            .await?;
        if holding == 0 {
            return Ok(TermMatches { holding: 0, best: Vec::new() });
        }
        let best = self
            .sql(sqlx::AssertSqlSafe(format!(
                "SELECT sections.seq, -bm25(section_index, {COLUMN_WEIGHTS}) AS score
             FROM section_index CROSS JOIN sections
             WHERE section_index MATCH $3 AND sections.project_id = $1 AND sections.seq = section_index.rowid
                AND sections.work_tree = $2
             ORDER BY score DESC, sections.path, sections.first_line LIMIT $4"
            )))
            .with((work_tree, term, limit))
            .all()
            .await?;
        Ok(TermMatches { holding, best })
    }

    /// Reads a section.
    pub(crate) async fn section(&mut self, seq: i64) -> Result<Option<StoredSection>, StoreError> {
        self.sql("SELECT * FROM sections WHERE project_id = $1 AND seq = $2").bind(seq).read_first().await
    }
}

record! { row => StoredDocument in "documents" { path, bytes, modified_ns, digest, reading, problem } }

record! { row => StoredSection in "sections" { path, title, first_line, last_line, content } }
