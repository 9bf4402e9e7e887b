//! Servers that a desktop client starts in HOME or in `/`: nobody's project is indexed, and nothing lands where nobody looks.

use super::place::Place;

#[tokio::test(flavor = "multi_thread")]
async fn started_in_home_nothing_is_read_and_what_is_kept_says_where() {
    let place = Place::new();
    let home = place.path().join("home");
    std::fs::write(home.join("README.md"), "# Tax\nThe deploy of my private papers.\n").expect("written");
    let run = async |words: &[&str]| {
        let mut command = place.command(words);
        command.current_dir(&home);
        super::place::ended(command.spawn().expect("it starts")).await
    };
    let context = run(&["context", "private deploy papers", "--json"]).await;
    assert!(!context.stdout.contains("private papers"), "{context:#?}");
    assert!(context.stdout.contains("--repo FOLDER"), "{context:#?}");
    let kept = run(&["remember", "The balancer renews its certificate", "--json"]).await;
    assert!(kept.json()["warnings"].to_string().contains("kept in the project `home`"), "{kept:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_project_that_claude_code_names_is_the_one_where_the_folder_is_none() {
    let place = Place::new();
    let repository = place.repository();
    let place = place.with_variable("CLAUDE_PROJECT_DIR", repository.to_str().expect("text"));
    let mut command = place.command(&["status", "--json"]);
    command.current_dir(place.path().join("home"));
    let ended = super::place::ended(command.spawn().expect("it starts")).await;
    assert!(ended.stdout.contains("repository"), "{ended:#?}");
    let kept = place.path().join("state/projects");
    let mut command = place.command(&["remember", "It belongs to the repository"]);
    command.current_dir(place.path().join("home"));
    let ended = super::place::ended(command.spawn().expect("it starts")).await;
    assert_eq!(ended.code, Some(0), "{ended:#?}");
    let projects: Vec<String> = std::fs::read_dir(kept)
        .expect("projects")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert_eq!(projects, ["repository"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tilde_is_home_and_a_relative_folder_for_state_is_refused() {
    let place = Place::new();
    let state = async |value: &str| {
        let mut command = place.command(&["remember", "Kept"]);
        command.env("SNIPARA_ORCHESTRATOR_HOME", value);
        super::place::ended(command.spawn().expect("it starts")).await
    };
    assert_eq!(state("~/of-snipara").await.code, Some(0));
    assert!(place.path().join("home/of-snipara/projects").is_dir());
    assert!(!place.repository().join("~").exists());
    let refused = state("${HOME}/state").await;
    assert_eq!(refused.code, Some(2), "{refused:#?}");
    assert!(refused.stderr.contains("SNIPARA_ORCHESTRATOR_HOME is `${HOME}/state`"), "{refused:#?}");
}
