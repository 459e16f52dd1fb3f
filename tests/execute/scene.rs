//! A database, a session of pgform's in it, and others beside it.
use crate::support::{TestDatabase, Version, fresh_database};
use pgform::{
    diagnostic::{Again, Code, Diagnostics},
    execute::{
        Apply, BuildProgress, Journal, JournalState, Kind, Observer, Outcome, PlanToRun, Rollback, RunSettings,
        Standing, Unguarded, apply, rollback,
    },
    model::ObjectId,
    server::{Activity, Canceller, ConnectOptions, Connection, Notice, OlderSessions, connect_writing},
};
use std::{
    collections::BTreeSet,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Writes down what it hears; stops when told.
#[derive(Clone, Debug, Default)]
pub struct Heard {
    pub lines: Vec<String>,
    pub stop: Arc<AtomicBool>,
    /// How often a lock was tried in vain so far.
    pub tried: Arc<AtomicU32>,
}

impl Observer for Heard {
    fn works_in(&mut self, _: i32, _: Canceller) {}
    fn plan_started(&mut self, _: &str, _: bool) {}
    fn segment_started(&mut self, number: u32, of: u32, does: &[String], back: bool) {
        self.lines.push(format!("{number}/{of} {}{}", if back { "back: " } else { "" }, does.join(", ")));
    }
    fn segment_found(&mut self, _: u32, _: u32, _: &[String], _: bool, _: bool) {}
    fn waiting_for_lock(&mut self, relation: Option<&ObjectId>, blockers: &[Activity], tries: u32) {
        self.tried.store(tries, Ordering::SeqCst);
        let relation = relation.map(ObjectId::short).unwrap_or_default();
        self.lines.push(format!(
            "try {tries} for {relation}: {}",
            blockers.iter().map(ToString::to_string).collect::<String>()
        ));
    }
    fn waiting_for_sessions(&mut self, older: &OlderSessions) {
        self.lines.push(format!("older: {}", older.found.iter().map(ToString::to_string).collect::<String>()));
    }
    fn build_progress(&mut self, progress: &BuildProgress) {
        self.lines.push(format!("progress: {}", progress.phase));
    }
    fn warned(&mut self, text: &str) {
        self.lines.push(text.to_owned());
    }
    fn notice(&mut self, _: &Notice) {}
    fn segment_done(&mut self, number: u32, of: u32, _: f64, back: bool) {
        self.lines.push(format!("{number}/{of} {}", if back { "undone" } else { "done" }));
    }
    fn should_stop(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }
}

/// Waits until a lock was tried in vain this often.
pub async fn tried(heard: &AtomicU32, times: u32) {
    let began = Instant::now();
    while heard.load(Ordering::SeqCst) < times {
        assert!(began.elapsed() < Duration::from_secs(60), "the lock was never in the way");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

pub struct Scene {
    pub database: TestDatabase,
    pub settings: RunSettings,
    pub heard: Heard,
    /// Whether losses are allowed.
    pub allow: bool,
}

impl Scene {
    pub fn new(version: Version) -> Option<Self> {
        let database = fresh_database(version)?;
        let settings = RunSettings { lock_budget: Duration::from_secs(20), max_wait: None, ..RunSettings::default() };
        Some(Self { database, settings, heard: Heard::default(), allow: false })
    }

    pub fn options(&self, user: &str) -> ConnectOptions {
        ConnectOptions::parse(&self.database.url.replace("postgres@", &format!("{user}@")), &|_| None).unwrap()
    }

    /// Another pgform on the same database.
    pub fn beside(&self) -> Self {
        let TestDatabase { server, name, url } = &self.database;
        let database = TestDatabase { server, name: name.clone(), url: url.clone() };
        Self { database, settings: self.settings.clone(), heard: Heard::default(), allow: self.allow }
    }

    pub async fn connect(&self) -> Connection {
        self.connect_as("postgres").await
    }

    pub async fn connect_as(&self, user: &str) -> Connection {
        connect_writing(&self.options(user), "test").await.unwrap()
    }

    /// SQL by psql, beside pgform.
    pub fn sql(&self, sql: &str) -> String {
        self.database.server.sql(&self.database.name, sql)
    }

    pub async fn apply(&mut self, connection: &mut Connection, plan: &PlanToRun) -> Result<Outcome, Diagnostics> {
        self.apply_until(connection, plan, None, false).await
    }

    pub async fn apply_until(
        &mut self,
        connection: &mut Connection,
        plan: &PlanToRun,
        until: Option<u32>,
        again: bool,
    ) -> Result<Outcome, Diagnostics> {
        let allow = self.allow;
        let allowed = move |_: &_, _: &_| allow;
        let (settings, observer, guard) = (&self.settings, &mut self.heard, &mut Unguarded);
        apply(
            connection,
            plan,
            Apply {
                settings,
                observer,
                guard,
                kind: Kind::Apply,
                until,
                again,
                carriers_ready: false,
                allowed: &allowed,
                found: &BTreeSet::new(),
                label: None,
                allowed_ahead: &|_, _| false,
                keep_rules: false,
            },
        )
        .await
    }

    pub async fn rollback(&mut self, connection: &mut Connection, plan: &PlanToRun) -> Result<Outcome, Diagnostics> {
        let (settings, observer, guard) = (&self.settings, &mut self.heard, &mut Unguarded);
        let allow = self.allow;
        let allowed = move |_: &_, _: &_| allow;
        rollback(
            connection,
            plan,
            Rollback { settings, observer, guard, kind: Kind::Rollback, to: 0, allowed: &allowed },
        )
        .await
    }

    pub async fn journal(&self) -> JournalState {
        let mut connection = self.connect().await;
        if let Some(role) = &self.settings.role {
            connection.vouch_for(role);
        }
        let state = Journal::read(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        state
    }

    pub async fn standing(&self, plan: &PlanToRun) -> Standing {
        self.journal().await.plan(&plan.digest).map_or(Standing::NotApplied, |record| record.standing)
    }

    /// Waits until a query, by psql, gives this.
    pub async fn until(&self, sql: &str, expected: &str) {
        for _ in 0..200 {
            if self.sql(sql) == expected {
                return;
            }
            tokio::time::sleep(Duration::from_millis(30)).await;
        }
        panic!("never {expected}: {sql}: {}", self.sql("select pid, state, wait_event, query from pg_stat_activity"));
    }

    /// Ends pgform's session once it runs something like this.
    pub async fn kill_while(&self, like: &str) {
        let ours = format!(
            "from pg_stat_activity where datname = current_database() and application_name like 'pgform/%' \
             and state = 'active' and query like '{like}'"
        );
        self.until(&format!("select count(*) {ours}"), "1").await;
        self.sql(&format!("select pg_terminate_backend(pid) {ours}"));
    }

    /// What sessions of pgform's hold on relations.
    pub fn locks(&self) -> String {
        self.sql(
            "select count(*) from pg_locks l join pg_stat_activity a using (pid) \
             where a.application_name like 'pgform/%' and a.datname = current_database() and l.locktype in ('relation', 'advisory')",
        )
    }
}

/// The one diagnostic of a failure.
pub fn failed<T: std::fmt::Debug>(result: Result<T, Diagnostics>, code: Code) -> (String, String) {
    let diagnostics = result.unwrap_err();
    assert_eq!(diagnostics.0.len(), 1, "{diagnostics}");
    let only = diagnostics.0.into_iter().next().unwrap();
    assert_eq!(only.code, code, "{}: {:?}", only.message, only.help);
    let ways = only.ways.iter().map(|way| way.line(&Again::default()));
    let help: Vec<String> = only.help.into_iter().chain(ways).collect();
    (only.message, help.join("\n"))
}

/// A session beside pgform's.
pub async fn other(scene: &Scene) -> tokio_postgres::Client {
    let url = format!("{}?application_name=api", scene.database.url);
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
