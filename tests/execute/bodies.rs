//! Plans made by hand.
use pgform::{
    execute::PlanToRun,
    model::{ColumnName, Digest, ObjectId, Qualified},
    plan::format::{
        Assert, Back, BackPart, Condition, ConditionKind, Held, Lock, LockMode, PlanBody, Reversibility, RunAs,
        Segment, Statement, Step,
    },
};

pub fn table(name: &str) -> ObjectId {
    ObjectId::table(Qualified::new("public", name))
}

pub fn column(table: &str, name: &str) -> ObjectId {
    ObjectId::column(Qualified::new("public", table), ColumnName::new(name))
}

pub fn statement(sql: &str) -> Step {
    Step::Statement(Statement { sql: sql.into(), run_as: RunAs::Role, probe: None, clear: None })
}

pub fn assert(sql: &str, expect: &str, says: &str) -> Step {
    Step::Assert(Assert { sql: sql.into(), expect: expect.into(), says: says.into(), about: None })
}

pub fn lock(name: &str, mode: LockMode) -> Lock {
    Lock { relation: table(name), mode, held: Held::Moment }
}

pub fn segment(does: &str, forward: &[Step], back: &[&[Step]]) -> Segment {
    let part = |steps: &&[Step]| BackPart { locks: vec![], steps: steps.to_vec(), relief: Vec::new() };
    Segment {
        does: vec![does.into()],
        locks: vec![],
        each: Vec::new(),
        steps: forward.to_vec(),
        hazards: vec![],
        looks: vec![],
        rule: None,
        back: Back { kind: Reversibility::Exact, conditions: vec![], parts: back.iter().map(part).collect() },
        revive: None,
        absorb: false,
        leaves: [].into(),
    }
}

/// Makes table `t` with two rows' worth of columns.
pub fn make_table() -> Segment {
    segment(
        "create table t",
        &[statement("create table public.t (id bigint primary key, a text)")],
        &[&[statement("drop table public.t")]],
    )
}

/// Adds column `b`, which the way back really drops.
pub fn add_column() -> Segment {
    let mut made = segment(
        "add column t.b",
        &[statement("alter table public.t add column b text")],
        &[&[statement("alter table public.t drop column b")]],
    );
    made.locks = vec![lock("t", LockMode::AccessExclusive)];
    made.back.parts[0].locks = made.locks.clone();
    made.back.kind = Reversibility::LosesNewRows;
    made.back.conditions = vec![Condition {
        kind: ConditionKind::Loses,
        object: column("t", "b"),
        count: "select count(*) from public.t where b is not null".into(),
        says: "values of t.b written since".into(),
    }];
    made
}

fn index_probe(there: &str, absent: &str) -> String {
    format!(
        "select case when c.oid is null then '{absent}'
                     when i.indrelid is distinct from pg_catalog.to_regclass('public.t') then 'not ours'
                     when not i.indisvalid then 'leftover'
                     else '{there}' end
         from (select 1) one
         left join pg_catalog.pg_class c on c.relname = 't_a' and c.relnamespace = 'public'::pg_catalog.regnamespace
         left join pg_catalog.pg_index i on i.indexrelid = c.oid"
    )
}

fn drop_index() -> Step {
    Step::Statement(Statement {
        sql: "drop index concurrently public.t_a".into(),
        run_as: RunAs::Role,
        probe: Some(index_probe("not started", "done")),
        clear: Some("drop index concurrently public.t_a".into()),
    })
}

/// Builds index `t_a` concurrently.
pub fn build_index() -> Segment {
    let build = Step::Statement(Statement {
        sql: "create index concurrently t_a on public.t (a)".into(),
        run_as: RunAs::Role,
        probe: Some(index_probe("done", "not started")),
        clear: Some("drop index concurrently public.t_a".into()),
    });
    let mut made = segment("build t_a", &[build], &[&[drop_index()]]);
    made.locks = vec![Lock { relation: table("t"), mode: LockMode::ShareUpdateExclusive, held: Held::Build }];
    made
}

/// A plan of these segments; its name and segments are its identity.
pub fn plan(name: &str, segments: Vec<Segment>) -> PlanToRun {
    let body = PlanBody { segments, proof: None };
    let bytes = format!("# {name}\n{}", serde_yaml::to_string(&body).unwrap());
    PlanToRun {
        digest: Digest::of("p1", bytes.as_bytes()),
        body_digest: Digest::of("b1", bytes.as_bytes()),
        parent: None,
        name: name.into(),
        file: None,
        bytes,
        renames: Vec::new(),
        body,
    }
}
