//! Sections of documents and their full-text index.
