//! Opening a store of each earlier format.

use std::fs;
use std::path::Path;

use snipara_orchestrator::store::STORE_FILE;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode};
use sqlx::{ConnectOptions, Connection};

use super::rounds::{Errors, Rounds, in_rounds, opened};

const SCRIPTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/store/migrations");

/// Returns the newest of the formats before today's: each script makes one.
fn newest() -> i64 {
    let scripts = fs::read_dir(SCRIPTS).expect("listed").count();
    i64::try_from(scripts).expect("a number") - 1
}

/// Makes an empty store of a format.
async fn store_of(format: i64, file: &Path) {
    let options = SqliteConnectOptions::new().filename(file).create_if_missing(true);
    let mut connection = options.journal_mode(SqliteJournalMode::Wal).connect().await.expect("opens");
    let migrator = Migrator::new(Path::new(SCRIPTS)).await.expect("the scripts");
    migrator.run_to(format, &mut connection).await.expect("migrated");
    sqlx::query("INSERT INTO projects VALUES ('demo')").execute(&mut connection).await.expect("written");
    connection.close().await.expect("closed");
}

/// Upgrades stores of some formats; of the newest of them with every error at every call.
fn upgrade(formats: impl Iterator<Item = i64>) {
    in_rounds(async || {
        for format in formats {
            let rounds = Rounds::new();
            store_of(format, &rounds.prepared().join(STORE_FILE)).await;
            let errors = match usize::try_from(format) {
                Ok(number) if format < newest() => Errors::InTurn(number),
                _ => Errors::All,
            };
            let holds = async |folder: &Path| {
                let copy = folder.join(format!("{STORE_FILE}.format-{format}"));
                if copy.exists() { Ok(()) } else { Err(format!("{} is missing", copy.display())) }
            };
            rounds.run(errors, open_once, holds).await;
        }
    });
}

async fn open_once(folder: &Path) -> Result<(), String> {
    opened(folder).await?.store().close().await;
    Ok(())
}

// In two halves, which run beside each other.
#[test]
fn an_upgrade_from_an_odd_format_that_fails_at_any_call_can_be_done_again() {
    upgrade((1..=newest()).filter(|format| format % 2 == 1));
}

#[test]
fn an_upgrade_from_an_even_format_that_fails_at_any_call_can_be_done_again() {
    upgrade((1..=newest()).filter(|format| format % 2 == 0));
}
