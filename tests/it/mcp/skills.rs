//! The Skills extension, through a real client.

use rmcp::model::{
    DIRECTORY_MIME_TYPE, ErrorCode, GetSkillRequestParams, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceRequestParams, ResourceContents, SkillResources,
};
use rmcp::service::ServiceError;
use snipara_orchestrator::mcp::ServerOptions;
use snipara_orchestrator::skill::{SKILL_NAME, SKILL_TEXT};

use crate::support::mcp_client::{Client, Era, panicking_opener};

const URI: &str = "skill://prod-first-validation/SKILL.md";

async fn client(era: Era) -> Client {
    Client::open(era, ServerOptions::default(), panicking_opener()).await
}

fn code<T: std::fmt::Debug>(result: Result<T, ServiceError>) -> ErrorCode {
    match result.expect_err("refused") {
        ServiceError::McpError(error) => error.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn the_skill_is_listed_and_its_text_has_the_digest_that_the_list_promises() {
    for era in Era::BOTH {
        let client = client(era).await;
        let capabilities = client.session.peer_info().expect("info").capabilities.clone();
        assert!(capabilities.supports_skills() && capabilities.supports_directory_read(), "{era:?}");
        let skills = client.session.list_all_skills().await.expect("a list");
        let [skill] = skills.as_slice() else { panic!("one skill, not {skills:?}") };
        assert_eq!((skill.uri.as_str(), skill.name()), (URI, SKILL_NAME));
        assert!(SKILL_TEXT.contains(&format!("\ndescription: {}\n", skill.frontmatter.description)));
        let SkillResources::Files(files) = &skill.resources else { panic!("files") };
        let read = client.session.read_resource(ReadResourceRequestParams::new(URI)).await.expect("read");
        let [ResourceContents::TextResourceContents { text, mime_type, .. }] = read.contents.as_slice() else {
            panic!("one text")
        };
        assert_eq!(mime_type.as_deref(), Some("text/markdown"));
        assert_eq!(text, SKILL_TEXT);
        files[0].verify(text.as_bytes()).expect("the bytes that the manifest promises");
        let got = client.session.get_skill(GetSkillRequestParams::new(URI)).await.expect("a skill");
        assert_eq!(&got.skill, skill);
    }
}

#[tokio::test]
async fn the_folder_holds_the_skills_files_and_is_no_text() {
    let client = client(Era::Discover).await;
    let folder = URI.strip_suffix("/SKILL.md").expect("a folder");
    let children = async |uri: &str| {
        let asked = ReadResourceDirectoryRequestParams::new(uri);
        client.session.read_resource_directory(asked).await.expect("a folder").resources
    };
    let whole = children(folder).await;
    let [file, references] = whole.as_slice() else { panic!("a file and a folder, not {whole:?}") };
    assert_eq!((file.uri.as_str(), file.size), (URI, Some(SKILL_TEXT.len() as u64)));
    assert_ne!(file.mime_type.as_deref(), Some(DIRECTORY_MIME_TYPE));
    assert_eq!(references.mime_type.as_deref(), Some(DIRECTORY_MIME_TYPE));
    let within = children(&references.uri).await;
    let [reference] = within.as_slice() else { panic!("one file, not {within:?}") };
    let read = client.session.read_resource(ReadResourceRequestParams::new(&reference.uri)).await.expect("read");
    let [ResourceContents::TextResourceContents { text, .. }] = read.contents.as_slice() else { panic!("one text") };
    assert_eq!(Some(text.len() as u64), reference.size);
    let read = client.session.read_resource(ReadResourceRequestParams::new(folder)).await;
    assert_eq!(code(read), ErrorCode::INVALID_PARAMS);
}

#[tokio::test]
async fn other_skills_folders_and_cursors_are_invalid() {
    let client = client(Era::Discover).await;
    for uri in ["skill://other/SKILL.md", "skill://prod-first-validation/../SKILL.md", "skill://prod-first-validation"]
    {
        let got = client.session.get_skill(GetSkillRequestParams::new(uri)).await;
        assert_eq!(code(got), ErrorCode::INVALID_PARAMS, "{uri}");
    }
    for uri in [URI, "skill://", "skill://prod-first-validation/..", "file:///"] {
        let read = client.session.read_resource_directory(ReadResourceDirectoryRequestParams::new(uri)).await;
        assert_eq!(code(read), ErrorCode::INVALID_PARAMS, "{uri}");
    }
    let asked = PaginatedRequestParams::default().with_cursor(Some("x".to_owned()));
    assert_eq!(code(client.session.list_skills(Some(asked)).await), ErrorCode::INVALID_PARAMS);
}
