//! Memories: the story of the trait, and the rules of the embedded ones.

use std::sync::Arc;

use snipara_orchestrator::domain::{
    FixedClock, ForgetQuery, HTaskPolicy, MemoryFilter, MemoryId, MemoryOrder, MemoryScope, MemoryStatus, MemoryType,
    NewMemory, ProjectId, RecallQuery, Recalled, Reconciliation, SortOrder, Timestamp,
};
use snipara_orchestrator::orchestrator::Orchestrator;
use snipara_orchestrator::snipara::embedded::{EmbeddedSettings, embedded};
use snipara_orchestrator::snipara::{Memories, SniparaError};
use snipara_orchestrator::store::{STORE_FILE, Store};
use tempfile::TempDir;

use crate::support::sqlite::sqlite3;
use crate::support::world::World;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// What the trait promises, whoever answers: walked through the orchestrator's verbs only.
pub async fn story(orchestrator: &Orchestrator) {
    // Remember.
    let old = NewMemory {
        category: Some("architecture".into()),
        ..NewMemory::new("Session tokens of the auth service live in Redis for 30 minutes", MemoryType::Decision)
    };
    let old = orchestrator.remember(old).await.expect("remembered").memory;
    assert_eq!(old.status, MemoryStatus::Active);
    let other = NewMemory::new(
        "Run the Prisma migration before the deploy, else /api/orders answers 500",
        MemoryType::Learning,
    );
    let other = orchestrator.remember(other).await.expect("remembered").memory;
    assert_ne!(old.memory_id, other.memory_id);

    // Recall: by words, and by a name.
    let found = orchestrator.recall(RecallQuery::new("where do session tokens live?")).await.expect("recalled");
    assert_eq!(found.memories[0].memory.memory_id, old.memory_id);
    assert!((0.5..=1.0).contains(&found.memories[0].relevance), "{found:?}");
    assert!(found.memories[0].memory.content.contains("Redis"));
    let found = orchestrator.recall(RecallQuery::new("/api/orders")).await.expect("recalled");
    assert_eq!(ids(&found), [other.memory_id.as_str()]);
    let decisions = RecallQuery { memory_type: Some(MemoryType::Decision), ..RecallQuery::new("/api/orders") };
    assert_eq!(ids(&orchestrator.recall(decisions).await.expect("recalled")), [""; 0]);

    // List.
    let page = orchestrator.memories(MemoryFilter::default()).await.expect("listed");
    assert_eq!((page.memories.len(), page.total_count, page.has_more), (2, 2, false));
    let architecture = MemoryFilter { category: Some("architecture".into()), ..MemoryFilter::default() };
    let page = orchestrator.memories(architecture).await.expect("listed");
    assert_eq!(page.memories.iter().map(|memory| &memory.memory_id).collect::<Vec<_>>(), [&old.memory_id]);

    // Supersede: the new one answers, the old one is a warning.
    let new = NewMemory::new("Session tokens of the auth service live in Postgres since March", MemoryType::Decision);
    let new = orchestrator.remember(new).await.expect("remembered").memory;
    let replaced = orchestrator
        .supersede_memory(old.memory_id.clone(), new.memory_id.clone(), Some("moved".into()))
        .await
        .expect("superseded");
    assert_eq!((&replaced.memory_id, replaced.status), (&old.memory_id, MemoryStatus::Superseded));
    let found = orchestrator.recall(RecallQuery::new("where do session tokens live?")).await.expect("recalled");
    assert_eq!(found.memories[0].memory.memory_id, new.memory_id);
    assert!(!ids(&found).contains(&old.memory_id.as_str()), "{found:?}");
    assert_eq!(
        found.inactive.iter().map(|inactive| inactive.memory.status).collect::<Vec<_>>(),
        [MemoryStatus::Superseded]
    );

    // Invalidate: it is not found any more, but still there.
    let invalid = orchestrator.invalidate_memory(other.memory_id.clone(), Some("Prisma is gone".into())).await;
    assert_eq!(invalid.expect("invalidated").status, MemoryStatus::Invalidated);
    let found = orchestrator.recall(RecallQuery::new("/api/orders")).await.expect("recalled");
    assert_eq!(ids(&found), [""; 0]);
    let all = MemoryFilter { include_inactive: true, ..MemoryFilter::default() };
    assert_eq!(orchestrator.memories(all.clone()).await.expect("listed").total_count, 3);

    // Forget.
    let one = ForgetQuery { memory_id: Some(other.memory_id.clone()), ..ForgetQuery::default() };
    assert_eq!(orchestrator.forget(one.clone()).await.expect("forgotten"), 1);
    assert_eq!(orchestrator.forget(one).await.expect("nothing is left to forget"), 0);
    assert_eq!(orchestrator.memories(all).await.expect("listed").total_count, 2);

    // Bad input: one clear error, nothing written.
    let refused = |error: snipara_orchestrator::orchestrator::OrchestratorError| error.code().to_owned();
    let empty = orchestrator.remember(NewMemory::new(" \n", MemoryType::Fact)).await;
    assert_eq!(refused(empty.expect_err("empty")), "invalid_input");
    let enormous = orchestrator.remember(NewMemory::new("x".repeat(65_537), MemoryType::Fact)).await;
    assert_eq!(refused(enormous.expect_err("enormous")), "invalid_input");
    let none = orchestrator.recall(RecallQuery { limit: 0, ..RecallQuery::new("redis") }).await;
    assert_eq!(refused(none.expect_err("no limit")), "invalid_input");
    let unfiltered = orchestrator.forget(ForgetQuery::default()).await;
    assert_eq!(refused(unfiltered.expect_err("no filter")), "invalid_input");
    let unknown = orchestrator.invalidate_memory(other.memory_id.clone(), None).await;
    assert_eq!(refused(unknown.expect_err("unknown")), "not_found");
    let unknown = orchestrator.supersede_memory(new.memory_id.clone(), other.memory_id, None).await;
    assert_eq!(refused(unknown.expect_err("unknown")), "not_found");
    assert_eq!(orchestrator.memories(MemoryFilter::default()).await.expect("listed").total_count, 1);
}

#[tokio::test]
async fn the_story_of_memories_on_the_embedded_store() {
    let world = World::new().await;
    story(&world.orchestrator).await;
}

/// Embedded memories under a clock that stands still.
struct Kept {
    folder: TempDir,
    store: Store,
    clock: Arc<FixedClock>,
    memories: Arc<dyn Memories>,
}

impl Kept {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let project = ProjectId::from_name("memories").expect("a name");
        let store = Store::open(folder.path(), &project).await.expect("opens");
        let clock = Arc::new(FixedClock::new(Timestamp::from_micros(1_790_000_000_000_000)));
        let memories = Self::over(&folder, &store, &clock);
        Self { folder, store, clock, memories }
    }

    fn over(folder: &TempDir, store: &Store, clock: &Arc<FixedClock>) -> Arc<dyn Memories> {
        embedded(EmbeddedSettings {
            no_project: None,
            store: store.clone(),
            repository: folder.path().to_owned(),
            clock: clock.clone(),
            htask_policy: HTaskPolicy::default(),
        })
        .memories
    }

    /// Memories over the same file, as another process has them.
    async fn another(&self) -> Arc<dyn Memories> {
        let store = Store::open(self.folder.path(), self.store.project()).await.expect("opens");
        Self::over(&self.folder, &store, &self.clock)
    }

    fn sql(&self, sql: &str) -> String {
        sqlite3(&self.folder.path().join(STORE_FILE), sql).unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    async fn keep(&self, content: &str) -> MemoryId {
        self.keep_as(NewMemory::new(content, MemoryType::Learning)).await
    }

    async fn keep_as(&self, memory: NewMemory) -> MemoryId {
        self.clock.advance_ms(1);
        self.memories.remember(memory).await.expect("remembered").memory.memory_id
    }

    async fn ask(&self, query: &str) -> Recalled {
        self.memories.recall(RecallQuery::new(query)).await.expect("recalled")
    }

    async fn list(&self, filter: MemoryFilter) -> Vec<String> {
        let page = self.memories.list(filter).await.expect("listed");
        page.memories.into_iter().map(|memory| memory.content).collect()
    }
}

fn ids(recalled: &Recalled) -> Vec<&str> {
    recalled.memories.iter().map(|recalled| recalled.memory.memory_id.as_str()).collect()
}

fn contents(recalled: &Recalled) -> Vec<&str> {
    recalled.memories.iter().map(|recalled| recalled.memory.content.as_str()).collect()
}

const AUTH: &str = "Auth service deploy failed: the session table was missing, migrate first";
const POOL: &str = "pgbouncer-1.22 drops idle connections: ERR_POOL_TIMEOUT after 30 s (P1001)";
const ROUTE: &str = "GET /api/auth/session needs the cookie domain of the shop";
const DRIFT: &str = "Task ended in ENV_DRIFT because STRIPE_KEY was not set in production";

async fn kept() -> Kept {
    let kept = Kept::new().await;
    for content in [AUTH, POOL, ROUTE, DRIFT] {
        kept.keep(content).await;
    }
    for number in ["first", "second", "third", "fourth", "fifth", "sixth"] {
        kept.keep(&format!("The {number} deploy of the billing service went well on production")).await;
    }
    kept
}

#[tokio::test]
async fn a_question_finds_what_shares_its_rare_words_and_nothing_that_shares_a_common_one() {
    let kept = kept().await;
    let found = kept.ask("Why did the last deploy of the auth service fail?").await;
    assert_eq!(contents(&found), [AUTH]);
    let found = kept.ask("Does the deployment pipeline of the mobile app need a certificate?").await;
    assert_eq!(contents(&found), [""; 0]);
    assert_eq!(found.total_searched, 10);
}

#[tokio::test]
async fn names_are_found_whole_in_part_and_in_other_spellings() {
    let kept = kept().await;
    for (asked, wanted) in [
        ("/api/auth/session", ROUTE),
        ("/auth/session", ROUTE),
        ("/api/auth", ROUTE),
        ("env-drift", DRIFT),
        ("EnvDrift", DRIFT),
        ("what is ENV_DRIFT?", DRIFT),
        ("stripe key", DRIFT),
        ("pgbouncer", POOL),
        ("pgbouncer-1.22", POOL),
        ("P1001", POOL),
        ("p1001 error", POOL),
        ("ERR_POOL", POOL),
        ("err pool timeout", POOL),
        ("connection dropped idle", POOL),
    ] {
        let found = kept.ask(asked).await;
        assert_eq!(contents(&found).first(), Some(&wanted), "{asked}: {found:?}");
    }
    for unknown in ["/api/users/me", "P2002", "pgbouncer-2.0.1", "ENV_MISSING"] {
        let found = kept.ask(unknown).await;
        assert!(found.memories.iter().all(|found| found.relevance < 0.75), "{unknown}: {found:?}");
    }
}

#[tokio::test]
async fn no_question_is_syntax() {
    let kept = kept().await;
    let long = "deploy \" OR ".repeat(1_700);
    for asked in ["\" OR * NEAR( -foo", "\"", "***", "🚀🔥", "words : deploy", "a AND NOT b^2", "';--", "(((", &long]
    {
        let query = RecallQuery { min_relevance: 0.0, ..RecallQuery::new(asked) };
        let found = kept.memories.recall(query).await.unwrap_or_else(|error| panic!("{asked}: {error}"));
        assert_eq!(found.total_searched, 10, "{asked}");
    }
    assert_eq!(contents(&kept.ask("\" OR pgbouncer* NEAR( -foo").await), [POOL]);
    let nothing = kept.memories.recall(RecallQuery { min_relevance: 0.0, ..RecallQuery::new("?!") }).await;
    assert_eq!(contents(&nothing.expect("recalled")), [""; 0]);
}

#[tokio::test]
async fn recall_answers_only_what_the_filters_let_through() {
    let kept = Kept::new().await;
    let memory = |memory_type, scope, agent: Option<&str>, category: Option<&str>| NewMemory {
        scope,
        agent_id: agent.map(Into::into),
        category: category.map(Into::into),
        reconciliation: Reconciliation::Off,
        ..NewMemory::new("the ingress certificate", memory_type)
    };
    let fact = kept.keep_as(memory(MemoryType::Fact, MemoryScope::Project, None, None)).await;
    let failure = kept.keep_as(memory(MemoryType::Learning, MemoryScope::Team, None, Some("failures"))).await;
    let own = kept.keep_as(memory(MemoryType::Learning, MemoryScope::Agent, Some("ada"), None)).await;
    let others = kept.keep_as(memory(MemoryType::Learning, MemoryScope::Agent, Some("bob"), None)).await;
    let ask = |change: fn(&mut RecallQuery)| {
        let mut query = RecallQuery::new("ingress certificate");
        change(&mut query);
        kept.memories.recall(query)
    };
    let found = ask(|_| ()).await.expect("recalled");
    assert_eq!(ids(&found), [others.as_str(), own.as_str(), failure.as_str(), fact.as_str()], "newest first");
    let found = ask(|query| query.memory_type = Some(MemoryType::Fact)).await.expect("recalled");
    assert_eq!(ids(&found), [fact.as_str()]);
    let found = ask(|query| query.category = Some("failures".into())).await.expect("recalled");
    assert_eq!(ids(&found), [failure.as_str()]);
    let found = ask(|query| query.scope = Some(MemoryScope::Agent)).await.expect("recalled");
    assert_eq!(ids(&found), [others.as_str(), own.as_str()]);
    let found = ask(|query| query.agent_id = Some("ada".into())).await.expect("recalled");
    assert_eq!(ids(&found), [own.as_str()]);
    let found = ask(|query| query.limit = 2).await.expect("recalled");
    assert_eq!(ids(&found), [others.as_str(), own.as_str()]);
}

#[tokio::test]
async fn an_expired_memory_is_neither_recalled_nor_listed_but_can_be_forgotten() {
    let kept = Kept::new().await;
    let id = kept
        .keep_as(NewMemory { ttl_days: Some(30), ..NewMemory::new("the blue cluster is drained", MemoryType::Context) })
        .await;
    assert_eq!(ids(&kept.ask("blue cluster").await), [id.as_str()]);
    kept.clock.advance_ms(30 * DAY_MS);
    for include_inactive in [false, true] {
        let query = RecallQuery { include_inactive, min_relevance: 0.0, ..RecallQuery::new("blue cluster") };
        let found = kept.memories.recall(query).await.expect("recalled");
        assert!(found.memories.is_empty() && found.inactive.is_empty(), "{found:?}");
        assert!(kept.list(MemoryFilter { include_inactive, ..MemoryFilter::default() }).await.is_empty());
    }
    let forgotten = kept.memories.forget(ForgetQuery { memory_id: Some(id), ..ForgetQuery::default() }).await;
    assert_eq!(forgotten.expect("forgotten"), 1);
}

#[tokio::test]
async fn confidence_decays_weighs_and_stops_when_a_memory_is_read() {
    let kept = Kept::new().await;
    kept.keep("the canary waits ten minutes").await;
    let fresh = kept.ask("canary minutes").await.memories.remove(0);
    assert!((fresh.relevance - 1.0).abs() < 1e-9 && (fresh.memory.confidence - 1.0).abs() < 1e-9, "{fresh:?}");
    assert_eq!(fresh.memory.access_count, 1);

    kept.clock.advance_ms(30 * DAY_MS);
    let listed = kept.memories.list(MemoryFilter::default()).await.expect("listed").memories.remove(0);
    assert!((listed.confidence - 0.99_f64.powi(30)).abs() < 1e-9, "listing reads, and changes nothing: {listed:?}");
    let aged = kept.ask("canary minutes").await.memories.remove(0);
    assert!((aged.relevance - 0.9219).abs() < 1e-9, "0.7 + 0.3 × 0.99^30: {aged:?}");
    assert_eq!(kept.sql("SELECT access_count FROM memories"), "2");

    let read = kept.ask("canary minutes").await.memories.remove(0);
    assert!((read.relevance - 1.0).abs() < 1e-9, "reading stopped the decay: {read:?}");
    kept.clock.advance_ms(10_000 * DAY_MS);
    let old = kept.ask("canary minutes").await.memories.remove(0);
    assert!((old.memory.confidence - 0.1).abs() < 1e-9 && (old.relevance - 0.73).abs() < 1e-9, "{old:?}");
}

#[tokio::test]
async fn what_does_not_hold_any_more_is_a_warning_unless_asked_for() {
    let kept = Kept::new().await;
    let wrong = kept.keep("the gateway listens on port 8443").await;
    kept.memories.invalidate(wrong.clone(), Some("moved to 443".into())).await.expect("invalidated");
    let found = kept.ask("gateway port 8443").await;
    assert!(found.memories.is_empty());
    assert_eq!(found.inactive[0].memory.status_reason.as_deref(), Some("moved to 443"));
    let strict = RecallQuery { warning_threshold: 1.0, ..RecallQuery::new("gateway listens somewhere strange") };
    assert!(kept.memories.recall(strict).await.expect("recalled").inactive.is_empty());
    let all = RecallQuery { include_inactive: true, ..RecallQuery::new("gateway port 8443") };
    let found = kept.memories.recall(all).await.expect("recalled");
    assert_eq!((ids(&found), found.inactive.len()), (vec![wrong.as_str()], 0));
    let again = kept.memories.invalidate(wrong, None).await.expect("twice is fine");
    assert_eq!(again.status_reason.as_deref(), Some("moved to 443"));
}

#[tokio::test]
async fn a_near_duplicate_is_told_and_kept() {
    let kept = Kept::new().await;
    let first = kept.keep(AUTH).await;
    kept.keep(POOL).await;
    let again = kept.memories.remember(NewMemory::new(AUTH.to_uppercase(), MemoryType::Fact)).await.expect("kept");
    let told: Vec<_> = again.near_duplicates.iter().map(|near| (&near.memory_id, near.similarity)).collect();
    assert_eq!(told, [(&first, 1.0)]);
    assert!(again.superseded.is_empty());
    assert_eq!(kept.sql("SELECT count(*) FROM memories WHERE status = 'ACTIVE'"), "3");

    let off = NewMemory { reconciliation: Reconciliation::Off, ..NewMemory::new(AUTH, MemoryType::Fact) };
    assert!(kept.memories.remember(off).await.expect("kept").near_duplicates.is_empty());
    for _ in 0..5 {
        kept.keep(AUTH).await;
    }
    let many = kept.memories.remember(NewMemory::new(AUTH, MemoryType::Fact)).await.expect("kept");
    assert_eq!(many.near_duplicates.len(), 5, "the five best");
    let different = AUTH.replace("session table", "session table 2");
    let different = kept.memories.remember(NewMemory::new(different, MemoryType::Fact)).await.expect("kept");
    assert!(different.near_duplicates.is_empty(), "a number makes another fact of it: {different:?}");
}

#[tokio::test]
async fn auto_safe_supersedes_only_what_says_the_same_in_the_same_place() {
    let kept = Kept::new().await;
    let new = |category: &str, memory_type| NewMemory {
        category: Some(category.into()),
        ..NewMemory::new(AUTH, memory_type)
    };
    let same = kept.keep_as(new("failures", MemoryType::Learning)).await;
    let elsewhere = kept.keep_as(new("drift", MemoryType::Learning)).await;
    let otherwise = kept.keep_as(new("failures", MemoryType::Fact)).await;
    let auto = NewMemory { reconciliation: Reconciliation::AutoSafe, ..new("failures", MemoryType::Learning) };
    let done = kept.memories.remember(auto).await.expect("kept");
    assert_eq!(done.superseded, std::slice::from_ref(&same));
    let told: Vec<_> = done.near_duplicates.iter().map(|near| &near.memory_id).collect();
    assert_eq!(told, [&otherwise, &elsewhere], "the others are left to the caller");
    let by = kept.sql(&format!("SELECT status || superseded_by FROM memories WHERE id = '{same}'"));
    assert_eq!(by, format!("SUPERSEDED{}", done.memory.memory_id));
    assert_eq!(kept.sql("SELECT count(*) FROM memories WHERE status = 'ACTIVE'"), "3");
}

#[tokio::test]
async fn a_named_memory_is_superseded_and_an_unknown_one_keeps_everything_as_it_was() {
    let kept = Kept::new().await;
    let old = kept.keep("the queue is RabbitMQ").await;
    let new = NewMemory { supersedes: Some(old.clone()), ..NewMemory::new("the queue is NATS", MemoryType::Decision) };
    let new = kept.memories.remember(new).await.expect("kept");
    assert_eq!(new.superseded, std::slice::from_ref(&old));
    assert_eq!(kept.sql("SELECT group_concat(status) FROM memories"), "SUPERSEDED,ACTIVE");

    let mistyped = old.as_str()[..old.as_str().len() - 1].to_owned() + "_";
    let wrong = MemoryId::parse(&mistyped).expect("an id");
    let orphan = NewMemory { supersedes: Some(wrong.clone()), ..NewMemory::new("orphan", MemoryType::Fact) };
    let error = kept.memories.remember(orphan).await.expect_err("refused");
    let SniparaError::NotFound { what: "memory", nearest, .. } = error else { panic!("{error}") };
    assert_eq!(nearest.as_deref(), Some(old.as_str()));
    let error = kept.memories.invalidate(wrong, None).await.expect_err("refused");
    assert_eq!(error.code(), "not_found");
    assert_eq!(kept.sql("SELECT count(*) FROM memories"), "2");
}

#[tokio::test]
async fn replacements_never_run_in_a_circle() {
    let kept = Kept::new().await;
    let [first, second, third] = [kept.keep("first").await, kept.keep("second").await, kept.keep("third").await];
    kept.memories.supersede(first.clone(), second.clone(), None).await.expect("superseded");
    kept.memories.supersede(second.clone(), third.clone(), None).await.expect("superseded");
    for (old, new) in [(&third, &first), (&second, &first), (&third, &third)] {
        let error = kept.memories.supersede(old.clone(), new.clone(), None).await.expect_err("a circle");
        assert_eq!(error.code(), "cycle", "{error}");
    }
    assert_eq!(kept.sql("SELECT group_concat(status) FROM memories"), "SUPERSEDED,SUPERSEDED,ACTIVE");
}

#[tokio::test]
async fn lists_are_filtered_searched_sorted_and_paged() {
    let kept = Kept::new().await;
    for content in ["alpha 100%", "beta", "gamma", "ÄRGER"] {
        kept.keep(content).await;
    }
    kept.ask("beta").await;
    let base = MemoryFilter::default;
    assert_eq!(kept.list(base()).await, ["ÄRGER", "gamma", "beta", "alpha 100%"]);
    assert_eq!(kept.list(MemoryFilter { sort_order: SortOrder::Ascending, limit: 1, ..base() }).await, ["alpha 100%"]);
    let page = kept.memories.list(MemoryFilter { limit: 2, offset: 1, ..base() }).await.expect("listed");
    assert_eq!((page.memories.len(), page.total_count, page.has_more), (2, 4, true));
    for (search, wanted) in [("0%", "alpha 100%"), ("GAM", "gamma"), ("ärger", "ÄRGER")] {
        assert_eq!(kept.list(MemoryFilter { search: Some(search.into()), ..base() }).await, [wanted]);
    }
    assert_eq!(kept.list(MemoryFilter { search: Some("_".into()), ..base() }).await, [""; 0]);
    for sort_by in [MemoryOrder::AccessCount, MemoryOrder::LastAccessed] {
        assert_eq!(kept.list(MemoryFilter { sort_by, ..base() }).await[0], "beta", "{sort_by}");
    }
    let facts = MemoryFilter { memory_type: Some(MemoryType::Fact), ..base() };
    assert_eq!(kept.list(facts).await, [""; 0]);
    let superseded = MemoryFilter { status: Some(MemoryStatus::Superseded), ..base() };
    assert_eq!(kept.list(superseded).await, [""; 0]);
}

#[tokio::test]
async fn forget_joins_its_filters_with_and() {
    let kept = Kept::new().await;
    let of = |memory_type, category: &str| NewMemory {
        category: Some(category.into()),
        ..NewMemory::new(format!("{memory_type} {category}"), memory_type)
    };
    kept.keep_as(of(MemoryType::Fact, "a")).await;
    kept.clock.advance_ms(10 * DAY_MS);
    kept.keep_as(of(MemoryType::Fact, "b")).await;
    kept.keep_as(of(MemoryType::Todo, "a")).await;
    let forget = |query| kept.memories.forget(query);
    let both =
        ForgetQuery { memory_type: Some(MemoryType::Todo), category: Some("b".into()), ..ForgetQuery::default() };
    assert_eq!(forget(both).await.expect("forgotten"), 0);
    let old = ForgetQuery { older_than_days: Some(9), ..ForgetQuery::default() };
    assert_eq!(forget(old).await.expect("forgotten"), 1);
    let category = ForgetQuery { category: Some("a".into()), ..ForgetQuery::default() };
    assert_eq!(forget(category).await.expect("forgotten"), 1);
    assert_eq!(kept.sql("SELECT content FROM memories"), "fact b");
    assert_eq!(kept.sql("SELECT memories FROM memory_totals"), "1");
    assert_eq!(kept.ask("fact b").await.memories.len(), 1);
}

#[tokio::test]
async fn a_forgotten_secret_is_nowhere_in_the_files() {
    let kept = kept().await;
    let secret = "Zebrafinch9921 unlocks the vault of quokkaville";
    let id = kept.keep(secret).await;
    kept.ask("quokkaville vault").await;
    kept.keep("nothing to see here").await;
    let forgotten = kept.memories.forget(ForgetQuery { memory_id: Some(id), ..ForgetQuery::default() }).await;
    assert_eq!(forgotten.expect("forgotten"), 1);
    let mut read = 0;
    for file in std::fs::read_dir(kept.folder.path()).expect("listed") {
        let path = file.expect("a file").path();
        let bytes = std::fs::read(&path).expect("read").to_ascii_lowercase();
        read += bytes.len();
        for word in ["zebrafinch", "zebrafin", "quokkavil", "unlock"] {
            let found = bytes.windows(word.len()).any(|window| window == word.as_bytes());
            assert!(!found, "{word} lies in {}", path.display());
        }
    }
    assert!(read > 10_000, "the store was read");
    assert_eq!(contents(&kept.ask("pgbouncer").await), [POOL], "the rest is still found");
}

#[tokio::test]
async fn two_processes_see_each_others_memories() {
    let kept = Kept::new().await;
    let another = kept.another().await;
    let id = kept.keep("the flag is behind LaunchDarkly").await;
    let found = another.recall(RecallQuery::new("LaunchDarkly flag")).await.expect("recalled");
    assert_eq!(ids(&found), [id.as_str()]);
    another.forget(ForgetQuery { memory_id: Some(id), ..ForgetQuery::default() }).await.expect("forgotten");
    assert!(kept.ask("LaunchDarkly flag").await.memories.is_empty());
}

#[tokio::test]
async fn recall_answers_while_another_process_writes() {
    let kept = kept().await;
    let file = kept.folder.path().join(STORE_FILE);
    let other = rusqlite::Connection::open(&file).expect("opens");
    other.execute_batch("BEGIN IMMEDIATE").expect("holds the writer's lock");
    let found = kept.ask("pgbouncer").await;
    assert_eq!(contents(&found), [POOL]);
    assert_eq!(found.memories[0].memory.access_count, 0, "it could not be noted");
    other.execute_batch("ROLLBACK").expect("ends");
    assert_eq!(kept.ask("pgbouncer").await.memories[0].memory.access_count, 1);
}
