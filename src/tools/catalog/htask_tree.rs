//! `htask_tree`: shows htasks as a tree, of bounded size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::domain::{HTaskNode, HTaskRef, HTaskStatus, HTaskTree, Request, TreeQuery, one_line, pluralize, yes};
use crate::orchestrator::Orchestrator;
use crate::snipara::payload::{self, Payload};
use crate::tools::htask_line::line;
use crate::tools::{
    Answered, CallContext, Form, FormError, JsonObject, ParameterHeader, SHOWN_LINES, ToolCall, ToolSpec, Toolset,
    form, told,
};

/// The largest tree that is answered with everything about each htask, in bytes of JSON.
const WHOLE_TREE: usize = 16 * 1024;
/// The largest tree that is answered at all; below it deeper levels are left out.
const SHORT_TREE: usize = 48 * 1024;
/// What a long tree tells of each htask.
const SHORT_FIELDS: [&str; 10] = [
    "task_id",
    "level",
    "title",
    "status",
    "owner",
    "priority",
    "claimed_by",
    "blocker_reason",
    "waiver_approved_by",
    "progress",
];

/// Says what `htask_tree` is.
pub(super) fn spec() -> ToolSpec {
    ToolSpec {
        name: "htask_tree",
        title: "Tree of htasks",
        description: "All htasks, or those under one: status, owners, progress, what blocks.",
        toolset: Toolset::HTask,
        default: true,
        header: Some(ParameterHeader { parameter: "swarm_id", header: "Swarm" }),
        forms: vec![
            Form::of("htask_get", "One htask with its children one level down.", published_one),
            form!("htask_tree", "The tree under an htask, or from every root.", htask_tree => payload::tree),
            form!("htask_audit_trail", "Ordered history of one htask.", htask_audit_trail => payload::audit_trail),
        ],
        ..ToolSpec::reading(ToolCall::of(call))
    }
}

/// How much of an htask is shown.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[schemars(extend("x-model" = true))]
struct Shown {
    /// Show what is directly under it, too.
    #[serde(default = "yes")]
    include_children: bool,
}

impl Request for Shown {}

/// One tree where one was asked for by id, else all.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Trees {
    #[serde(skip_serializing_if = "Option::is_none")]
    tree: Option<Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trees: Option<Vec<Payload>>,
}

async fn published_one(orchestrator: Orchestrator, (task, shown): (HTaskRef, Shown)) -> Result<JsonObject, FormError> {
    let mut told = payload::htask(&orchestrator.htask(task.clone()).await?);
    if shown.include_children {
        let query = TreeQuery { task_id: Some(task.task_id), max_depth: 2, ..TreeQuery::new(task.swarm_id) };
        let roots = orchestrator.htask_tree(query).await?.trees;
        let children = roots.iter().flat_map(|root| &root.children);
        told.insert("children".to_owned(), children.map(|child| payload::htask(&child.task)).collect());
    }
    Ok(told)
}

async fn call(context: CallContext, query: TreeQuery) -> Answered<Trees> {
    let tree = context.orchestrator.htask_tree(query).await?;
    let mut count = 0;
    let mut lines = Vec::new();
    tree.trees.iter().for_each(|root| tell(root, 0, &mut lines, &mut count));
    lines.insert(0, pluralize(count, "htask", "htasks"));
    if count > SHOWN_LINES {
        lines.push(format!("{} more", count - SHOWN_LINES));
    }
    let next_step = after_tree(&tree);
    let payload = bounded(payload::tree(&tree));
    if let Some(more) = payload.get("more").and_then(Value::as_str) {
        lines.push(more.to_owned());
    }
    told(payload, lines, next_step)
}

fn tell(node: &HTaskNode, depth: usize, lines: &mut Vec<String>, count: &mut usize) {
    *count += 1;
    if *count <= SHOWN_LINES {
        let progress = node.progress;
        let done = if node.children.is_empty() {
            String::new()
        } else {
            format!(" ({}/{})", progress.completed, progress.total)
        };
        lines.push(format!("{}{done}", line(&node.task).replacen("> ", &format!("> {}", "  ".repeat(depth)), 1)));
    }
    node.children.iter().for_each(|child| tell(child, depth + 1, lines, count));
}

fn after_tree(tree: &HTaskTree) -> String {
    if tree.trees.is_empty() {
        return "Create the first htask with htask_create.".to_owned();
    }
    let blocked = tree.trees.iter().find_map(|root| find(root, &|node| node.task.blocker.is_some()));
    if let Some(node) = blocked {
        let reason = node.task.blocker.as_ref().map(|blocker| one_line(&blocker.blocker_reason, 120));
        return format!(
            "Remove what blocks {} ({}).",
            node.task.task_id,
            reason.unwrap_or_default().trim_end_matches('.')
        );
    }
    let open = tree.trees.iter().find_map(|root| find(root, &|node| !node.task.status.is_terminal()));
    match open {
        Some(node) if node.task.status == HTaskStatus::InProgress && node.children.is_empty() => {
            "Complete what is in progress, or take more with htask_next and claim_for_agent.".to_owned()
        }
        Some(_) => "Take the next one with htask_next and claim_for_agent.".to_owned(),
        None => "Report that nothing of this is open.".to_owned(),
    }
}

fn find<'a>(node: &'a HTaskNode, wanted: &impl Fn(&HTaskNode) -> bool) -> Option<&'a HTaskNode> {
    if wanted(node) { Some(node) } else { node.children.iter().find_map(|child| find(child, wanted)) }
}

/// Keeps a payload of trees small: first fewer fields, then fewer levels; `more` says so.
fn bounded(mut payload: Payload) -> Payload {
    if size(&payload) <= WHOLE_TREE {
        return payload;
    }
    for_each_root(&mut payload, &mut shorten_node);
    let mut more = "Ask with the task_id of an htask and max_depth 1 for everything about it.";
    for depth in (0..10).rev() {
        if size(&payload) <= SHORT_TREE {
            break;
        }
        for_each_root(&mut payload, &mut |root| cut_below(root, depth));
        more = "Ask with the task_id of an htask for what is under it: children_left_out says how many.";
    }
    cut_roots(&mut payload);
    payload.insert("more".to_owned(), json!(more));
    payload
}

fn size(payload: &Payload) -> usize {
    json!(payload).to_string().len()
}

fn for_each_root(payload: &mut Payload, change: &mut impl FnMut(&mut Payload)) {
    if let Some(Value::Object(root)) = payload.get_mut("tree") {
        change(root);
    }
    if let Some(Value::Array(roots)) = payload.get_mut("trees") {
        roots.iter_mut().filter_map(Value::as_object_mut).for_each(change);
    }
}

fn shorten_node(node: &mut Payload) {
    node.retain(|name, _| name == "children" || SHORT_FIELDS.contains(&name.as_str()));
    for name in ["title", "owner", "blocker_reason"] {
        if let Some(Value::String(text)) = node.get_mut(name) {
            *text = one_line(text, 120);
        }
    }
    children(node).iter_mut().filter_map(Value::as_object_mut).for_each(shorten_node);
}

/// Leaves out what lies deeper than `depth` below a node; at 0 its children.
fn cut_below(node: &mut Payload, depth: usize) {
    if depth > 0 {
        children(node).iter_mut().filter_map(Value::as_object_mut).for_each(|child| cut_below(child, depth - 1));
        return;
    }
    let count = children(node).len();
    if count > 0 {
        node.insert("children".to_owned(), json!([]));
        node.insert("children_left_out".to_owned(), json!(count));
    }
}

/// Leaves out the last roots where even they are too many.
fn cut_roots(payload: &mut Payload) {
    let Some(Value::Array(roots)) = payload.get_mut("trees") else { return };
    let mut size = 0;
    let fitting = roots.iter().take_while(|root| {
        size += root.to_string().len();
        size <= SHORT_TREE
    });
    let fitting = fitting.count();
    let left_out = roots.len() - fitting;
    roots.truncate(fitting);
    if left_out > 0 {
        payload.insert("roots_left_out".to_owned(), json!(left_out));
    }
}

fn children(node: &mut Payload) -> &mut [Value] {
    match node.get_mut("children") {
        Some(Value::Array(children)) => children,
        _ => &mut [],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: usize, children: Vec<Value>) -> Value {
        json!({"task_id": format!("htask_{id}"), "title": "Deploy", "status": "PENDING", "description": "x".repeat(900),
               "progress": {"total": 1}, "children": children})
    }

    fn payload(trees: Vec<Value>) -> Payload {
        let Value::Object(payload) = json!({"success": true, "trees": trees}) else { panic!("an object") };
        payload
    }

    #[test]
    fn a_small_tree_is_answered_as_it_is() {
        let small = payload(vec![node(1, vec![node(2, Vec::new())])]);
        assert_eq!(bounded(small.clone()), small);
    }

    #[test]
    fn a_large_tree_loses_texts_and_a_huge_one_levels_and_roots_and_says_how_many() {
        let large = bounded(payload(vec![node(0, (1..100).map(|id| node(id, Vec::new())).collect())]));
        assert_eq!(large["trees"][0]["children"].as_array().map(Vec::len), Some(99));
        assert!(large["trees"][0].get("description").is_none() && large["more"].is_string());

        let huge = bounded(payload(vec![node(0, (1..2_000).map(|id| node(id, Vec::new())).collect())]));
        assert_eq!(
            (&huge["trees"][0]["children"], &huge["trees"][0]["children_left_out"]),
            (&json!([]), &json!(1_999))
        );

        let wide = bounded(payload((0..2_000).map(|id| node(id, Vec::new())).collect()));
        let shown = wide["trees"].as_array().map_or(0, Vec::len);
        assert_eq!(wide["roots_left_out"], json!(2_000 - shown));
        assert!(shown > 100 && size(&wide) < SHORT_TREE + 1_000);
    }
}
