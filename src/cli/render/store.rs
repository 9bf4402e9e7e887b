//! The store as a whole, for people: what a look at it found, and what became of backups.

use super::paint::{Paint, line};
use crate::domain::{BackupReport, RepairReport, RestoreReport, StoreCheck, StorePart, pluralize};

/// Shows what a look at a store found.
pub(crate) fn store_check(report: &StoreCheck, paint: Paint, quiet: bool) -> String {
    let file = line(&report.file.display().to_string());
    if report.ok {
        let entries = report.entries.map(|count| format!(" ({})", pluralize(count, "entry", "entries")));
        let mut text = format!("{}{}\n", paint.success("✓ the store is whole"), entries.unwrap_or_default());
        if !quiet {
            let how = if report.read_only { ", read-only: nothing can be written" } else { "" };
            text.push_str(&format!("  file     {file}{how}\n"));
        }
        return text;
    }
    let mut text = format!("{} {file}\n", paint.error("✗ the store is damaged:"));
    for problem in &report.problems {
        let part = match problem.part {
            StorePart::File => "file",
            StorePart::Pages => "pages",
            StorePart::References => "rows",
            StorePart::Schema => "schema",
            StorePart::Ledger => "ledger",
        };
        text.push_str(&format!("  {part:<8} {}\n", line(&problem.what)));
    }
    if let Some(fix) = &report.fix {
        text.push_str(&format!("  {:<8} {}\n", "fix", line(fix)));
    }
    text
}

/// Shows a backup that was written.
pub(crate) fn backup(report: &BackupReport, paint: Paint) -> String {
    let file = line(&report.file.display().to_string());
    let entries = pluralize(report.entries, "entry", "entries");
    let mut text = format!("{} {file} ({entries})\n  sha256   {}\n", paint.success("✓ wrote"), line(&report.sha256));
    if let Some(problem) = &report.problem {
        text.push_str(&format!("{} {}\n", paint.error("✗ its ledger does not verify:"), line(&problem.what)));
    }
    text
}

/// Shows a backup that took its store's place.
pub(crate) fn restored(report: &RestoreReport, paint: Paint) -> String {
    let file = line(&report.file.display().to_string());
    let entries = pluralize(report.entries, "entry", "entries");
    let mut text = format!("{} {file} ({entries})\n", paint.success("✓ restored"));
    let compared = if report.digest_compared { "" } else { " (no .sha256 file beside it to compare with)" };
    text.push_str(&format!("  sha256   {}{compared}\n", line(&report.sha256)));
    if let Some(kept) = &report.kept {
        text.push_str(&format!("  before   {}\n", line(&kept.display().to_string())));
    }
    text
}

/// Says what a repair kept and what is lost, a line each.
pub(crate) fn repaired_lines(report: &RepairReport) -> Vec<String> {
    let repaired = &report.repaired;
    let known = repaired.entries_known.map(|known| format!(" of {known}")).unwrap_or_default();
    let mut lines = vec![format!("kept     {}{known}", pluralize(repaired.entries, "entry", "entries"))];
    let mut lost = |what: String| lines.push(format!("lost     {what}"));
    if repaired.pages > 0 {
        lost(format!("{} could not be read", pluralize(repaired.pages, "page", "pages")));
    }
    for rows in &repaired.rows {
        lost(format!("{} of {}: {}", pluralize(rows.rows, "row", "rows"), line(&rows.table), line(&rows.why)));
    }
    for (count, one, many) in [
        (repaired.lost_bodies.len(), "text beside the chain", "texts beside the chain"),
        (repaired.lost_criteria.len(), "task that cannot be run again", "tasks that cannot be run again"),
    ] {
        if count > 0 {
            lost(pluralize(u64::try_from(count).unwrap_or(u64::MAX), one, many));
        }
    }
    lines
}

/// Shows a store that was repaired, and how it comes into its place.
pub(crate) fn repaired(report: &RepairReport, paint: Paint) -> String {
    let file = line(&report.file.display().to_string());
    let mut text = format!("{} {file}\n", paint.success("✓ repaired into"));
    for told in repaired_lines(report) {
        text.push_str(&format!("  {told}\n"));
    }
    if let Some(problem) = &report.problem {
        text.push_str(&format!("  {} {}; it cannot be restored\n", paint.error("✗"), line(&problem.what)));
        return text;
    }
    match &report.kept {
        Some(kept) => text.push_str(&format!("  before   {}\n", line(&kept.display().to_string()))),
        None => text.push_str(&format!("  next     snipara-orchestrator restore {file} --yes\n")),
    }
    text
}
