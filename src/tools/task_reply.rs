//! A task report, short enough for a model: at most 400 tokens in either form.

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::{FailingCheck, TaskReport, TaskStatus, one_line};

use super::outside::attribute;
use super::reply::{Link, ToolAnswer};
use super::token_estimate::estimate;

/// The most tokens of one form of a verdict by our estimate; the budget is 400.
const BUDGET: usize = 364;

/// The fewest characters of an instruction that are worth showing before its last clause.
const LEAST_STEP: usize = 24;

/// A task report with long texts shortened and long lists cut; the whole is the resource `task://{task_id}`.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct TaskReply {
    #[serde(flatten)]
    report: TaskReport,
    /// What was left out, and where it can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<String>,
}

/// How many lines of a list are shown, and how many characters of each.
type Few = (usize, usize);

/// How long each part may be, in characters.
struct Cut {
    /// The title and the headline.
    titles: (usize, usize),
    rows: Few,
    reasons: Few,
    lines: Few,
    next: usize,
    head: usize,
    notes: Few,
}

/// From generous to tight; the first that fits is taken. What the project knows goes first, then the lines on what could
/// not be looked at, of which the number stays, then what the failing row says anyway; the next step is kept whole as
/// long as it can be: a model that reads half an instruction does half of it.
const TRUNCATION_LEVELS: [Cut; 15] = [
    Cut {
        titles: (200, 400),
        rows: (3, 240),
        reasons: (3, 300),
        lines: (3, 240),
        next: 320,
        head: 71,
        notes: (2, 160),
    },
    Cut {
        titles: (100, 400),
        rows: (3, 160),
        reasons: (3, 200),
        lines: (3, 160),
        next: 320,
        head: 71,
        notes: (2, 120),
    },
    Cut { titles: (80, 400), rows: (3, 100), reasons: (2, 120), lines: (3, 120), next: 300, head: 20, notes: (2, 80) },
    Cut { titles: (80, 400), rows: (3, 100), reasons: (2, 120), lines: (3, 120), next: 300, head: 20, notes: (1, 60) },
    Cut { titles: (60, 400), rows: (3, 100), reasons: (2, 100), lines: (3, 100), next: 280, head: 20, notes: (0, 0) },
    Cut { titles: (60, 400), rows: (2, 90), reasons: (1, 90), lines: (2, 80), next: 280, head: 20, notes: (0, 0) },
    Cut { titles: (40, 400), rows: (1, 80), reasons: (1, 80), lines: (1, 80), next: 260, head: 20, notes: (0, 0) },
    Cut { titles: (40, 400), rows: (1, 80), reasons: (1, 80), lines: (1, 40), next: 260, head: 20, notes: (0, 0) },
    Cut { titles: (40, 400), rows: (1, 80), reasons: (1, 80), lines: (0, 0), next: 260, head: 20, notes: (0, 0) },
    Cut { titles: (30, 360), rows: (1, 60), reasons: (1, 60), lines: (0, 0), next: 240, head: 20, notes: (0, 0) },
    Cut { titles: (40, 300), rows: (1, 80), reasons: (0, 0), lines: (0, 0), next: 260, head: 20, notes: (0, 0) },
    Cut { titles: (24, 240), rows: (1, 40), reasons: (0, 0), lines: (0, 0), next: 200, head: 20, notes: (0, 0) },
    Cut { titles: (24, 160), rows: (1, 24), reasons: (1, 40), lines: (0, 0), next: 80, head: 20, notes: (0, 0) },
    Cut { titles: (12, 80), rows: (1, 12), reasons: (1, 20), lines: (0, 0), next: 40, head: 20, notes: (0, 0) },
    Cut { titles: (8, 40), rows: (1, 8), reasons: (0, 0), lines: (0, 0), next: 24, head: 20, notes: (0, 0) },
];

/// Makes the answer to a call: the verdict in both forms, and a link to the whole where something was left out.
pub fn answer(report: &TaskReport) -> ToolAnswer<TaskReply> {
    let mut answer = cut_answer(report, &TRUNCATION_LEVELS[0]);
    for cut in &TRUNCATION_LEVELS {
        answer = cut_answer(report, cut);
        let structured = serde_json::to_value(&answer.output).map_or(usize::MAX, |mut output| {
            attribute(&mut output);
            estimate(&output.to_string())
        });
        // A link costs a model about 50 tokens.
        let text = estimate(&answer.text) + 50 * answer.links.len();
        if structured.max(text) <= BUDGET {
            break;
        }
    }
    answer
}

fn cut_answer(whole: &TaskReport, cut: &Cut) -> ToolAnswer<TaskReply> {
    let verdict = shortened(whole, cut);
    let links = if verdict.more.is_some() {
        vec![Link::new(format!("task://{}", whole.task_id), "task report", "The whole report.")]
    } else {
        Vec::new()
    };
    ToolAnswer { text: text(&verdict), output: verdict, links }
}

fn shortened(whole: &TaskReport, cut: &Cut) -> TaskReply {
    let said = each_thing_once(whole);
    let mut report = said.clone();
    report.title = one_line(&report.title, cut.titles.0);
    // Where room is short, status, counts and rows say what the headline of a failure says; that of a DONE stays.
    let is_said = report.status != TaskStatus::Done && cut.rows.0 < 3;
    report.headline = if is_said { String::new() } else { one_line(&report.headline, cut.titles.1) };
    report.next_step = shorten_step(&report.next_step, report.task_id.as_str(), cut.next);
    shorten_lines(&mut report.warnings, cut.lines);
    for notes in [&mut report.context, &mut report.memories] {
        notes.truncate(cut.notes.0);
        notes.iter_mut().for_each(|note| *note = one_line(note, cut.notes.1));
    }
    if let Some(gate) = &mut report.gate {
        shorten_lines(&mut gate.reasons, cut.reasons);
    }
    if let Some(drift) = &mut report.drift {
        shorten_lines(&mut drift.issues, cut.lines);
        shorten_lines(&mut drift.unverified, cut.lines);
    }
    report.failing.truncate(cut.rows.0);
    for row in &mut report.failing {
        row.check = one_line(&row.check, 40);
        row.endpoint = shorten_endpoint(&row.endpoint, cut.rows.1);
        row.error_message = row.error_message.take().map(|message| one_line(&message, cut.rows.1));
    }
    let same = report == said;
    if report.ledger.head.len() > cut.head {
        report.ledger.head = one_line(&report.ledger.head, cut.head);
    }
    let more = (!same).then(|| {
        let rows = whole.failing.len().saturating_sub(report.failing.len());
        let rows = if rows > 0 { format!("{rows} more failing rows and ") } else { String::new() };
        // As the resource's form is listed: the id stands beside this, and said twice it takes the room of a reason.
        format!("{rows}longer texts: read resource task://{{task_id}}")
    });
    TaskReply { report, more }
}

/// Leaves out what another part says: reasons that stand in a row, and of what a verdict rests on the lists, which the
/// headline and the warnings say. Where the task is not done, the rows say why.
fn each_thing_once(whole: &TaskReport) -> TaskReport {
    let mut report = whole.clone();
    let done = report.status == TaskStatus::Done;
    report.assurance = report.assurance.filter(|_| done).map(|assurance| Box::new(assurance.without_lists()));
    if let Some(gate) = &mut report.gate {
        gate.reasons.retain(|reason| !whole.failing.iter().any(|row| is_told_by(reason, row)));
    }
    report
}

/// Tells whether a row of what failed says what a reason of the gate says.
fn is_told_by(reason: &str, row: &FailingCheck) -> bool {
    let names = reason.strip_prefix(row.check.as_str()).is_some_and(|rest| rest.starts_with(' '));
    names && row.error_message.as_ref().is_some_and(|message| reason.ends_with(message.as_str()))
}

/// Leaves out the origin before it cuts the path: the path tells the rows of one production apart.
fn shorten_endpoint(endpoint: &str, length: usize) -> String {
    if endpoint.chars().count() <= length {
        return one_line(endpoint, length);
    }
    let path = endpoint.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]));
    one_line(path.unwrap_or(endpoint), length)
}

/// Cuts a list, and says that it was cut: an empty list would say that there was nothing.
fn shorten_lines(lines: &mut Vec<String>, (count, length): Few) {
    let hidden = lines.len().saturating_sub(count);
    lines.truncate(count);
    for line in lines.iter_mut() {
        *line = one_line(line, length);
    }
    if hidden > 0 {
        lines.push(if lines.is_empty() { format!("{hidden} not shown") } else { format!("{hidden} more") });
    }
}

/// Cuts an instruction before its last clause when that names the task: half an id calls nothing.
fn shorten_step(step: &str, id: &str, length: usize) -> String {
    let fits = step.chars().count() <= length;
    let Some(at) = step.rfind(id).filter(|_| !fits) else { return one_line(step, length) };
    let before = step.get(..at).unwrap_or_default();
    let clause = [", then ", " and ", ": "].iter().filter_map(|word| before.rfind(word)).max();
    let Some((head, tail)) = clause.and_then(|clause| step.split_at_checked(clause)) else {
        return one_line(before, length);
    };
    match length.checked_sub(tail.chars().count()) {
        Some(room) if room >= LEAST_STEP => format!("{}{}", one_line(head, room), one_line(tail, length)),
        _ => one_line(head, length),
    }
}

/// Says the same as the structured form in short lines; those with words from outside begin with `>`.
fn text(verdict: &TaskReply) -> String {
    let report = &verdict.report;
    let mut lines = Vec::new();
    let cause = report.cause.map(|cause| format!(" ({})", cause.as_str())).unwrap_or_default();
    let running = if report.running { ", running" } else { "" };
    lines.push(format!("{}{cause}{running} (attempt {})", report.status, report.attempt));
    lines.push(format!("> {}", report.title));
    if !report.headline.is_empty() {
        lines.push(format!("> headline: {}", report.headline));
    }
    if let Some(gate) = report.gate.as_ref().filter(|gate| !gate.passed) {
        lines.extend(gate.reasons.iter().map(|reason| format!("> refused: {reason}")));
    }
    let proofs = report.proofs;
    lines.push(format!(
        "proofs: {} passing of {} required, {} failing, {} unverified",
        proofs.passing, proofs.required, proofs.failing, proofs.unverified
    ));
    for row in &report.failing {
        let result = row.result.as_str();
        let code = row.response_code.map(|code| format!(" {code}")).unwrap_or_default();
        let why = row.error_message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        lines.push(format!("> {} {} {result}{code}{why}", row.check, row.endpoint));
    }
    if let Some(drift) = &report.drift {
        lines.extend(drift.issues.iter().map(|issue| format!("> drift: {issue}")));
        lines.extend(drift.unverified.iter().map(|line| format!("> drift unverified: {line}")));
    }
    lines.extend(report.warnings.iter().map(|warning| format!("> warning: {warning}")));
    lines.extend(report.context.iter().map(|line| format!("> context: {line}")));
    lines.extend(report.memories.iter().map(|line| format!("> memory: {line}")));
    lines.extend(verdict.more.iter().cloned());
    lines.push(format!("task_id: {}", report.task_id));
    lines.push(format!("next_step: {}", report.next_step));
    lines.join("\n")
}

#[cfg(test)]
mod tests;
