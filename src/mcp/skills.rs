//! The skill, served by the Skills extension (SEP-2640) and as a resource of the same bytes.

use rmcp::ErrorData;
use rmcp::model::{
    DIRECTORY_MIME_TYPE, GetSkillResult, ListResourcesResult, ListSkillsResult, PaginatedRequestParams,
    ReadResourceDirectoryRequestParams, ReadResourceResult, Resource, ResourceContents, Skill, SkillFrontmatter,
    SkillResource, SkillResources,
};

use crate::domain::one_line;
use crate::skill::{SKILL_NAME, SKILL_TEXT, skill_description};

use super::page::{self, PRIVATE, STATIC_TTL_MS};

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
        .with_size(bytes())
}

/// Returns the skill's text as a resource.
pub(super) fn contents() -> ReadResourceResult {
    let contents = ResourceContents::text(SKILL_TEXT, SKILL_URI).with_mime_type(MARKDOWN);
    ReadResourceResult::new(vec![contents]).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE)
}

/// Answers `skills/list`.
///
/// # Errors
/// When there is a cursor.
pub(super) fn list(request: Option<&PaginatedRequestParams>) -> Result<ListSkillsResult, ErrorData> {
    page::only_page(request)?;
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
/// When the address is not that of the skill's folder, or when there is a cursor.
pub(super) fn folder(request: &ReadResourceDirectoryRequestParams) -> Result<ListResourcesResult, ErrorData> {
    if request.uri != FOLDER_URI {
        let message = format!("{} is no {DIRECTORY_MIME_TYPE} here", one_line(&request.uri, 120));
        return Err(ErrorData::invalid_params(message, None));
    }
    let asked = PaginatedRequestParams::default().with_cursor(request.cursor.clone());
    page::only_page(Some(&asked))?;
    let file = Resource::new(SKILL_URI, "SKILL.md").with_mime_type(MARKDOWN).with_size(bytes());
    Ok(ListResourcesResult::with_all_items(vec![file]).with_ttl_ms(STATIC_TTL_MS).with_cache_scope(PRIVATE))
}

fn skill() -> Skill {
    let files = vec![SkillResource::from_bytes(SKILL_URI, SKILL_TEXT.as_bytes())];
    Skill::new(SKILL_URI, SkillFrontmatter::new(SKILL_NAME, skill_description()), SkillResources::Files(files))
}

fn bytes() -> u64 {
    u64::try_from(SKILL_TEXT.len()).unwrap_or(u64::MAX)
}
