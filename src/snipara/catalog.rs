//! The published tools by name (snipara-contract.md §9).
