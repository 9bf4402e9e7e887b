//! Memories and their full-text index.
