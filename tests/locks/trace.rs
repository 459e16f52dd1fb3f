//! Runs a case on a server and writes down what each part of it locks and writes anew.
use super::relations::{Relations, locks, relations};
use crate::support::{
    Version,
    cases::{Case, Settled},
    fresh_database, roles,
};
use pgform::{
    canonical::roles_of_statements,
    diff::{Hints, diff},
    model::{Definition, ObjectId, Privileges, SchemaName, State},
    plan::{
        Input,
        format::{ConditionKind, LockMode, Segment, Step},
    },
    prove::seed,
    server::{ConnectOptions, Connection, connect_writing},
    shadow::tablespace,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use tokio_postgres::{Client, NoTls};

/// A case with its plan.
pub struct Planned {
    pub name: String,
    pub segments: Vec<Segment>,
    head: State,
    /// As declared: rows must suit it too.
    wanted: State,
    seed: Option<String>,
    /// The tables that are known to be small.
    pub small: BTreeSet<ObjectId>,
}

impl Planned {
    /// A case with what was planned of it.
    pub fn new(Settled { head, segments }: Settled, case: Case) -> Result<Self, String> {
        let after = case.after.map_err(|d| format!("{}: {d}", case.name))?;
        let small = case.small.into_iter().map(ObjectId::table).collect();
        Ok(Self { name: case.name, segments, head, wanted: after.state, seed: case.seed, small })
    }
}

/// Which part of a plan: a segment's way forward, or a part of its way back; both counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum At {
    Forward(usize),
    Back(usize, usize),
}

/// What a part did.
#[derive(Debug)]
pub struct Seen {
    pub start: Relations,
    pub end: Relations,
    pub locks: BTreeMap<u32, LockMode>,
}

#[derive(Debug)]
pub struct Trace {
    /// The relations that were there before the plan.
    pub before: Relations,
    pub parts: BTreeMap<At, Seen>,
}

struct Scene {
    /// Whose locks are looked at.
    worker: Connection,
    /// Looks at them.
    witness: Client,
    /// Stands in the way of what cannot run in a transaction, so that it can be looked at.
    blocker: Client,
}

/// Runs the case forward and back on a database of its own.
///
/// # Errors
/// A statement that the server refuses.
pub async fn trace(version: Version, plan: &Planned) -> Result<Trace, String> {
    let database = fresh_database(version).unwrap();
    let worker =
        connect_writing(&ConnectOptions::parse(&database.url, &|_| None).unwrap(), "pgform/locks").await.unwrap();
    let mut scene = Scene { worker, witness: session(&database.url).await, blocker: session(&database.url).await };
    let place = format!("{} on {}", plan.name, version.name());
    scene.build(plan, &place).await?;
    let mut trace = Trace { before: relations(&scene.witness).await, parts: BTreeMap::new() };
    for (number, segment) in (1..).zip(&plan.segments) {
        let at = At::Forward(number);
        trace.parts.insert(at, scene.part(&segment.steps, &format!("{place}, {at:?}")).await?);
    }
    scene.clear_the_way(plan, &place).await?;
    for (at, segment) in plan.segments.iter().enumerate().rev() {
        let number = at + 1;
        for (part, back) in (1..).zip(&segment.back.parts) {
            let at = At::Back(number, part);
            trace.parts.insert(at, scene.part(&back.steps, &format!("{place}, {at:?}")).await?);
        }
    }
    Ok(trace)
}

async fn session(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

impl Scene {
    /// The state before, with rows.
    async fn build(&mut self, plan: &Planned, place: &str) -> Result<(), String> {
        let named = plan.head.objects.values().chain(plan.wanted.objects.values()).flat_map(|object| {
            let head = object.head.privilege_lists().flat_map(Privileges::roles).chain(object.head.owner.as_deref());
            let text = object.definition().and_then(Definition::text).map(roles_of_statements);
            head.map(str::to_owned).chain(text.unwrap_or_default()).collect::<Vec<_>>()
        });
        let named: BTreeSet<String> = named.collect();
        self.run(&roles(&named.into_iter().collect::<Vec<_>>()), place).await?;
        self.tablespaces(plan, place).await?;
        let public = ObjectId::schema(SchemaName::new("public"));
        let empty = State { objects: plan.head.get(&public).map(|o| (public, o.clone())).into_iter().collect() };
        let changes = diff(&empty, &plan.head, &Hints::default());
        let input = Input {
            before: &empty,
            after: &plan.head,
            diff: &changes,
            renames: &[],
            small: &BTreeSet::new(),
            using: &BTreeMap::new(),
            seed: "build",
        };
        let segments =
            pgform::plan::plan(input).map_err(|problems| format!("{place}: the state before: {problems:?}"))?;
        for step in segments.iter().flat_map(|s| &s.steps) {
            self.step(step, place).await?;
        }
        match &plan.seed {
            Some(rows) => {
                self.run(&format!("set search_path to public; {rows}; set search_path to pg_catalog"), place).await
            }
            None => {
                seed(&mut self.worker, &plan.head, &plan.wanted, (&pgform::prove::Seeds::new(), &BTreeMap::new(), ""))
                    .await
                    .map(drop)
                    .map_err(|d| format!("{place}: {d}"))
            }
        }
    }

    /// Makes the tablespaces of materialized views that the server lacks: they belong to all of its databases, and stay.
    async fn tablespaces(&mut self, plan: &Planned, place: &str) -> Result<(), String> {
        let views = plan.head.objects.values().chain(plan.wanted.objects.values()).filter_map(|object| object.view());
        for name in views.filter_map(|view| view.tablespace.as_deref()).collect::<BTreeSet<_>>() {
            let there = format!("select from pg_catalog.pg_tablespace where spcname = '{name}'");
            if self.worker.query_text(&there).await.map_err(|e| format!("{place}: {}", e.message))?.is_empty() {
                for sql in tablespace(name) {
                    self.run(&sql, place).await?;
                }
            }
        }
        Ok(())
    }

    /// Where the way back would be refused because of rows, they go first.
    async fn clear_the_way(&mut self, plan: &Planned, place: &str) -> Result<(), String> {
        let conditions = plan.segments.iter().flat_map(|s| &s.back.conditions);
        for condition in conditions.filter(|c| c.kind == ConditionKind::Blocks) {
            let rows = self.worker.query_text(&condition.count).await.map_err(|e| format!("{place}: {}", e.message))?;
            let table = condition.object.table_of().filter(|_| rows != [[Some("0".to_owned())]]);
            if let Some(table) = table {
                self.run(&format!("truncate table {table} cascade"), place).await?;
            }
        }
        Ok(())
    }

    async fn run(&mut self, sql: &str, place: &str) -> Result<(), String> {
        self.worker.batch(sql).await.map_err(|e| format!("{place}: {}: {sql}", e.message))
    }

    async fn step(&mut self, step: &Step, place: &str) -> Result<(), String> {
        match step {
            Step::Statement(statement) => self.run(&statement.sql, place).await,
            Step::Assert(assert) => {
                let rows = self.worker.query_text(&assert.sql).await.unwrap();
                let holds = rows == [[Some(assert.expect.clone())]];
                holds.then_some(()).ok_or_else(|| format!("{place}: {}", assert.says))
            }
        }
    }

    async fn part(&mut self, steps: &[Step], place: &str) -> Result<Seen, String> {
        let start = relations(&self.witness).await;
        let locks = match steps {
            [Step::Statement(statement)] if statement.probe.is_some() => {
                self.alone(&statement.sql, &start, place).await?
            }
            steps => {
                self.run("begin", place).await?;
                for step in steps {
                    self.step(step, place).await?;
                }
                let seen = locks(&self.witness, self.worker.info().pid).await;
                self.run("commit", place).await?;
                seen
            }
        };
        Ok(Seen { start, end: relations(&self.witness).await, locks })
    }

    /// A statement that no transaction can hold is held by another session's: it writes to every table, reads every
    /// materialized view (which nobody can write to), and whoever builds or drops an index concurrently waits for it, with
    /// its own locks taken.
    async fn alone(&mut self, sql: &str, start: &Relations, place: &str) -> Result<BTreeMap<u32, LockMode>, String> {
        let tables: Vec<String> = start.values().filter(|r| r.kind == 'r').map(|r| quoted(&r.name)).collect();
        let views =
            start.values().filter(|r| r.kind == 'm').map(|r| format!("; explain select from {}", quoted(&r.name)));
        let hold = format!(
            "begin isolation level repeatable read; lock table {} in row exclusive mode{}",
            tables.join(", "),
            views.collect::<String>()
        );
        self.blocker.batch_execute(&hold).await.unwrap();
        let (pid, witness, blocker) = (self.worker.info().pid, &self.witness, &self.blocker);
        let look = async {
            let waits = waits(witness, pid).await;
            let seen = locks(witness, pid).await;
            blocker.batch_execute("commit").await.unwrap();
            (waits, seen)
        };
        let (done, (waits, seen)) = tokio::join!(self.worker.batch(sql), look);
        done.map_err(|e| format!("{place}: {}: {sql}", e.message))?;
        if waits { Ok(seen) } else { Err(format!("{place}: waited for nobody: {sql}")) }
    }
}

/// The names of cases need no more than this.
fn quoted(name: &str) -> String {
    name.split('.').map(|part| format!("\"{part}\"")).collect::<Vec<_>>().join(".")
}

/// Whether the session comes to wait for another.
async fn waits(witness: &Client, pid: i32) -> bool {
    for _ in 0..1000 {
        let query = "select count(*) from pg_locks where pid = $1 and not granted";
        if witness.query_one(query, &[&pid]).await.unwrap().get::<_, i64>(0) > 0 {
            return true;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    false
}
