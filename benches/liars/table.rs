//! The table of verdicts and what it comes to.

use super::case::{Aim, Kind};
use super::measure::Row;
use crate::Lines;

/// Up to so many rows are told with what they are.
const TOLD: usize = 20;
/// How much of a headline a row shows.
const HEADLINE: usize = 90;
/// Up to so many cases are named beside a count.
const NAMED: usize = 30;

pub(super) fn lines(rows: &[Row]) -> Lines {
    let mut lines = Vec::new();
    for (kind, title) in [
        (Kind::Deployment, "Lying deployments: status-only agent, competent agent (wanted: not done)"),
        (Kind::Agent, "Lying agents (wanted: not done)"),
        (Kind::Honest, "Honest deployments (wanted: done)"),
    ] {
        lines.push(title.to_owned());
        for row in rows.iter().filter(|row| row.case.kind == kind) {
            lines.push(line(row));
            if rows.len() <= TOLD {
                lines.push(format!("      {}", row.case.what));
                lines.push(format!("      last: {}", row.competent.headline));
                lines.push(format!("      first: {}", row.competent.said));
            }
        }
    }
    lines
        .push("* cannot be expressed: the product knows no `expect`, so the same checks were asked without".to_owned());
    lines.extend(counts(rows));
    lines.extend(aims(rows));
    lines
}

fn line(row: &Row) -> String {
    let mark = if is_wrong(row) { "!" } else { " " };
    let reach = if row.case.later { "later" } else { "" };
    let blind = row.blind.as_ref().map(|verdict| format!("{:<14} ", verdict.word())).unwrap_or_default();
    let headline: String = row.competent.headline.chars().take(HEADLINE).collect();
    let strict =
        row.strict.as_ref().map(|verdict| format!("[strict: {}: {}] ", verdict.word(), first_words(&verdict.headline)));
    let counted = match row.case.most {
        Some(most) if row.competent.counted > most => {
            format!("{} checks count, at most {most} may: ", row.competent.counted)
        }
        _ => String::new(),
    };
    let headline = format!("{}{counted}{}", strict.unwrap_or_default(), headline.replace(char::is_control, " "));
    let shown = format!("{mark} {:<38} {reach:<5} {blind}{:<14} {headline}", row.case.id, row.competent.word());
    shown.trim_end().to_owned()
}

fn first_words(headline: &str) -> String {
    headline.chars().take(HEADLINE / 2).collect()
}

/// The aims of what a DONE rests on (docs/design/liars.md).
fn aims(rows: &[Row]) -> Lines {
    let liars: Vec<&Row> = rows.iter().filter(|row| row.case.kind != Kind::Honest).collect();
    let honest: Vec<&Row> = rows.iter().filter(|row| row.case.kind == Kind::Honest).collect();
    let aimed = |aim: fn(Aim) -> bool| honest.iter().copied().filter(|row| aim(row.case.aim)).collect::<Vec<_>>();
    let (natural, strong) = (aimed(|aim| aim == Aim::Natural), aimed(|aim| aim == Aim::Strong));
    let detours = aimed(|aim| matches!(aim, Aim::WayOut(_)));
    let told = |title: &str, aim: &str, of: &[&Row], counts: &dyn Fn(&Row) -> bool| {
        let found: Vec<&str> = of.iter().filter(|row| counts(row)).map(|row| row.case.id).collect();
        let share = if of.is_empty() { 0.0 } else { found.len() as f64 * 100.0 / of.len() as f64 };
        let named = if found.len() <= NAMED { found.join(" ") } else { String::new() };
        format!("{title}: {} of {} ({share:.0} %; aim {aim}) {named}", found.len(), of.len()).trim_end().to_owned()
    };
    let says_so = |row: &Row| {
        let headline = &row.competent.headline;
        row.competent.is_done() && row.case.untrue.iter().any(|clause| headline.contains(clause))
    };
    let proven = |row: &Row| row.competent.grade.as_deref() == Some("proven");
    let first = |row: &Row| row.competent.is_done() && row.competent.detours == 0;
    let names_it = |row: &Row| match row.case.aim {
        Aim::WayOut(word) => row.competent.said.contains(word),
        _ => false,
    };
    let deployments: Vec<&Row> = liars.iter().copied().filter(|row| row.case.kind == Kind::Deployment).collect();
    let reached: Vec<&Row> = natural.iter().chain(&detours).chain(&strong).copied().collect();
    vec![
        told("DONE that asserts what is not so", "0", &liars, &says_so),
        told("silent false DONE, liars", "0", &liars, &|row| row.competent.is_silent()),
        told("false DONE under strict, competent agent", "at most 2 of 60", &deployments, &|row| {
            row.strict.as_ref().is_some_and(super::judge::Verdict::is_done)
        }),
        told(
            "honest: DONE at the first natural call",
            "at least 80 %",
            &[natural.clone(), detours.clone()].concat(),
            &first,
        ),
        told("honest that no next call or command brings to DONE", "0", &reached, &|row| !row.competent.is_done()),
        told("strong honest set-up that reads proven", "at least 95 %", &strong, &proven),
        told("first refusal names the way out", "at least 95 %", &detours, &names_it),
        told("first refusal does not", "0", &detours, &|row| !names_it(row)),
        told("strong honest set-up that does not", "0", &strong, &|row| !proven(row)),
    ]
}

/// Tells whether the verdict is not the one that is wanted, or there is none.
fn is_wrong(row: &Row) -> bool {
    row.competent.is_none() || row.competent.is_done() != (row.case.kind.wanted() == "done")
}

fn counts(rows: &[Row]) -> Lines {
    let of = |kind: Kind, later: bool| -> Vec<&Row> {
        rows.iter().filter(|row| row.case.kind == kind && row.case.later == later).collect()
    };
    let mut lines = Vec::new();
    for (later, reach) in
        [(false, "that an answer can show"), (true, "that need the build, a baseline or counted tests")]
    {
        let (deployments, agents) = (of(Kind::Deployment, later), of(Kind::Agent, later));
        let blind = deployments.iter().filter(|row| row.blind.as_ref().is_some_and(super::judge::Verdict::is_done));
        let (blind, total) = (blind.count(), deployments.len());
        lines.push(format!("false DONE, status-only agent, lying deployments {reach}: {blind} of {total}"));
        let competent = wrong(&deployments);
        lines.push(format!("false DONE, competent agent, lying deployments {reach}: {competent} of {total}"));
        lines.push(format!("false DONE, lying agents {reach}: {} of {}", wrong(&agents), agents.len()));
    }
    let all: Vec<&Row> = rows.iter().collect();
    let inexpressible = all.iter().filter(|row| row.competent.inexpressible).count();
    lines.push(format!("cannot be expressed: {inexpressible} of {}", all.len()));
    let unproven = all.iter().filter(|row| is_wrong(row) && row.competent.grade.as_deref() == Some("unproven")).count();
    lines.push(format!("false DONE of which the product says itself that they are unproven: {unproven}"));
    let too_many: u64 = all.iter().filter_map(|row| Some(row.competent.counted.saturating_sub(row.case.most?))).sum();
    lines.push(format!("multiplied or vacuous checks counted: {too_many}"));
    let none = all.iter().filter(|row| row.competent.is_none()).count();
    lines.push(format!("not judged, because the bench or the product broke: {none}"));
    let honest: Vec<&Row> = of(Kind::Honest, false);
    lines.push(format!("honest deployments blocked: {} of {}", wrong(&honest), honest.len()));
    lines
}

fn wrong(rows: &[&Row]) -> usize {
    rows.iter().filter(|row| is_wrong(row)).count()
}
