//! The skill, served by the Skills extension (SEP-2640) and as resources of the same bytes.

use rmcp::ErrorData;
use rmcp::model::{
    DIRECTORY_MIME_TYPE, GetSkillResult, ListResourcesResult, ListSkillsResult, PaginatedRequestParams,
    ReadResourceDirectoryRequestParams, ReadResourceResult, Resource, ResourceContents, Skill, SkillFrontmatter,
    SkillResource, SkillResources,
};

use crate::domain::one_line;
use crate::skill::{SKILL_FILES, SKILL_NAME, SKILL_TEXT, skill_description};

use super::pagination::{self, PRIVATE, STATIC_TTL_MS};

/// The address of the skill's text.
pub(super) const SKILL_URI: &str = "skill://prod-first-validation/SKILL.md";
/// The address of the skill's folder.
const FOLDER_URI: &str = "skill://prod-first-validation";
const MARKDOWN: &str = "text/markdown";

/// Returns the skill as `resources/list` shows it.
pub(super) fn listed() -> Resource {
    Resource::new(SKILL_URI, SKILL_NAME)
        .with_title("Prod-first validation")
        .with_description(skill_description())
        .with_mime_type(MARKDOWN)
        .with_size(length(SKILL_TEXT))
}

/// Returns the file of the skill that has this address; nothing when none has it.
pub(super) fn file_of(uri: &str) -> Option<&'static str> {
    let path = uri.strip_prefix(FOLDER_URI)?.strip_prefix('/')?;
    SKILL_FILES.iter().map(|(file, _)| *file).find(|file| *file == path)
}

/// Returns the address of a file of the skill.
pub(super) fn uri_of(file: &str) -> String {
    format!("{FOLDER_URI}/{file}")
}

/// Returns a file of the skill as a resource.
pub(super) fn contents(file: &str) -> ReadResourceResult {
    let text = SKILL_FILES.iter().find(|(path, _)| *path == file).map_or("", |(_, text)| text);
    let contents = ResourceContents::text(text, uri_of(file)).with_mime_type(MARKDOWN);
    ReadResourceResult::new(vec![contents]).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE)
}

/// Answers `skills/list`.
///
/// # Errors
/// When there is a cursor.
pub(super) fn list(request: Option<&PaginatedRequestParams>) -> Result<ListSkillsResult, ErrorData> {
    pagination::only_page(request)?;
    Ok(ListSkillsResult::with_all_items(vec![skill()]).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
}

/// Answers `skills/get`.
///
/// # Errors
/// When no skill has this address.
pub(super) fn get(uri: &str) -> Result<GetSkillResult, ErrorData> {
    if uri != SKILL_URI {
        return Err(ErrorData::invalid_params(format!("there is no skill {}", one_line(uri, 120)), None));
    }
    Ok(GetSkillResult::new(skill()).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
}

/// Answers `resources/directory/read`.
///
/// # Errors
/// When the address is not that of one of the skill's folders, or when there is a cursor.
pub(super) fn folder(request: &ReadResourceDirectoryRequestParams) -> Result<ListResourcesResult, ErrorData> {
    let children = request.uri.strip_prefix(FOLDER_URI).and_then(children_of);
    let Some(children) = children else {
        let message = format!("{} is not a {DIRECTORY_MIME_TYPE} here", one_line(&request.uri, 120));
        return Err(ErrorData::invalid_params(message, None));
    };
    let asked = PaginatedRequestParams::default().with_cursor(request.cursor.clone());
    pagination::only_page(Some(&asked))?;
    Ok(ListResourcesResult::with_all_items(children).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
}

/// Returns the files directly in a folder of the skill, `` or `/references`, or nothing when there is no such folder.
fn children_of(folder: &str) -> Option<Vec<Resource>> {
    let mut children: Vec<Resource> = Vec::new();
    for (path, text) in SKILL_FILES {
        let whole = format!("/{path}");
        let Some(rest) = whole.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/')) else { continue };
        let child = match rest.split_once('/') {
            None => Resource::new(uri_of(path), rest).with_mime_type(MARKDOWN).with_size(length(text)),
            Some((name, _)) => {
                Resource::new(format!("{FOLDER_URI}{folder}/{name}"), name).with_mime_type(DIRECTORY_MIME_TYPE)
            }
        };
        if !children.iter().any(|known| known.uri == child.uri) {
            children.push(child);
        }
    }
    (!children.is_empty()).then_some(children)
}

fn skill() -> Skill {
    let files = SKILL_FILES.map(|(path, text)| SkillResource::from_bytes(uri_of(path), text.as_bytes()));
    let front = SkillFrontmatter::new(SKILL_NAME, skill_description());
    Skill::new(SKILL_URI, front, SkillResources::Files(files.into()))
}

fn length(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}
