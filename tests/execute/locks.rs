//! Locks that a run takes: tried again, given up with the name of who holds them, and looked inside of.
use super::{
    bodies::{add_column, lock, make_table, plan, segment, statement},
    scene::{Scene, failed, other, tried},
};
use crate::support::Version;
use pgform::{
    diagnostic::Code,
    execute::{Guard, GuardPoint, Guarded, Inside, RunSettings, Standing},
    plan::format::LockMode,
    server::Connection,
};
use std::time::{Duration, Instant};

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_tried_again_until_its_holder_goes() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("add", vec![make_table(), add_column()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    let holder = other(&scene).await;
    holder.batch_execute("begin; insert into t values (1)").await.unwrap();
    let mut applying = scene.beside();
    let (heard, reader) = (applying.heard.tried.clone(), other(&scene).await);
    let release = async {
        tried(&heard, 2).await;
        // Readers come through while pgform tries: behind its request they would wait for all of the budget.
        let began = Instant::now();
        reader.batch_execute("select count(*) from t").await.unwrap();
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
        holder.batch_execute("commit").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(applying.apply(&mut connection, &plan), release);
    let measured = &outcome.unwrap().measured[0];
    assert!(measured.tries > 2);
    assert!(measured.waited > 0.0 && measured.waited <= measured.seconds, "{measured:?}");
    let tried = applying.heard.lines.iter().find(|line| line.starts_with("try 1 for t: pid")).unwrap();
    assert!(tried.contains("(api, role postgres, idle in transaction"), "{tried}");
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_budget_that_runs_out_names_the_holder() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("add", vec![make_table(), add_column()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    let holder = other(&scene).await;
    holder.batch_execute("begin; select from t; prepare transaction 'forgotten'").await.unwrap();
    scene.settings.lock_budget = Duration::from_millis(500);
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.starts_with("stopped in segment 2 of 2: no lock on t within "), "{message}");
    assert!(message.contains("a prepared transaction (forgotten, role postgres, prepared"), "{message}");
    assert!(help.contains("done: 1 · left behind: nothing · nothing is locked"), "{help}");
    assert_eq!(scene.locks(), "0");
    holder.batch_execute("rollback prepared 'forgotten'").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_lock_table_cannot_lock_is_tried_again_too() {
    let Some(mut scene) = Scene::new(Version::V15) else { return };
    let mut connection = scene.connect().await;
    scene.sql("create sequence s; create table u (); create view v as select from u");
    let steps = [statement("alter sequence public.s increment 2"), statement("drop view public.v")];
    let plan =
        plan("sequence", vec![segment("alter s", &steps, &[&[statement("alter sequence public.s increment 1")]])]);
    let holder = other(&scene).await;
    holder.batch_execute("begin; select nextval('s'); select from v").await.unwrap();
    let mut applying = scene.beside();
    let heard = applying.heard.tried.clone();
    let release = async {
        tried(&heard, 1).await;
        holder.batch_execute("commit").await.unwrap();
    };
    let (outcome, ()) = tokio::join!(applying.apply(&mut connection, &plan), release);
    assert!(outcome.unwrap().measured[0].tries > 1);
    assert_eq!(scene.sql("select seqincrement from pg_sequence where seqrelid = 's'::regclass"), "2");
    drop(scene.rollback(&mut connection, &plan).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_locked_without_its_tables() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    scene.sql("create table u (); create view v as select from u");
    let mut replace =
        segment("replace v", &[statement("create or replace view public.v as select from public.u where true")], &[]);
    replace.locks = vec![pgform::plan::format::Lock {
        relation: pgform::model::ObjectId::view(pgform::model::Qualified::new("public", "v")),
        mode: LockMode::AccessExclusive,
        held: pgform::plan::format::Held::Moment,
    }];
    // A writer of the table would be in the way of `lock table v`, which locks u as well.
    let writer = other(&scene).await;
    writer.batch_execute("begin; insert into u default values").await.unwrap();
    let plan = plan("view", vec![replace]);
    let outcome = scene.apply(&mut connection, &plan).await.unwrap();
    assert_eq!((outcome.measured[0].tries, outcome.measured[0].waited), (1, 0.0));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_could_wait_a_lock_is_held_for_as_long_as_it_takes() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    scene.sql("create table t (id bigint primary key)");
    // As a proof of very many objects, on a machine that has others to serve.
    scene.settings = RunSettings::alone();
    let mut slow = segment("slow", &[statement("select pg_catalog.pg_sleep(16)")], &[]);
    slow.locks = vec![lock("t", LockMode::AccessExclusive)];
    scene.apply(&mut connection, &plan("slow", vec![slow])).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_apply_is_turned_away() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let slow = segment("slow", &[statement("select pg_catalog.pg_sleep(1.2)")], &[]);
    let (first, second) = (plan("slow", vec![slow]), plan("second", vec![make_table()]));
    let mut other = scene.beside();
    let late = async {
        other.until("select count(*) from pg_stat_activity where query like '%pg_catalog.pg_sleep(%' and state = 'active' and pid <> pg_backend_pid() and datname = current_database()", "1").await;
        let mut connection = other.connect().await;
        failed(other.apply(&mut connection, &second).await, Code::Busy).0
    };
    let (outcome, message) = tokio::join!(scene.apply(&mut connection, &first), late);
    outcome.unwrap();
    assert!(message.contains("(pgform/slow, role postgres)"), "{message}");
    scene.apply(&mut connection, &second).await.unwrap();
}

/// Refuses where a table has a row, and writes down which locks it saw the session hold.
struct NoRows(Vec<String>);

impl Guard for NoRows {
    fn look<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(async { Ok(()) })
    }

    fn ran<'a>(&'a mut self, _: &'a mut Connection, _: GuardPoint) -> Guarded<'a> {
        Box::pin(async { Ok(()) })
    }

    fn inside(&self, point: GuardPoint) -> Option<Inside> {
        let held = "select max(l.mode) from pg_locks l where l.pid = pg_backend_pid() \
                    and l.relation = 'public.t'::regclass and l.mode <> 'AccessShareLock'";
        let query = format!(
            "select to_jsonb(case when exists (select from public.t) then 'rows under ' else '' end || ({held}))::text"
        );
        (point.segment == 2).then(|| Inside {
            asks: query.clone(),
            query,
            expects: "\"AccessExclusiveLock\"".to_owned(),
        })
    }

    fn took(&mut self, seen: &str, _: GuardPoint) {
        self.0.push(seen.trim_matches('"').to_owned());
    }

    fn check<'a>(&'a mut self, connection: &'a mut Connection, point: GuardPoint) -> Guarded<'a> {
        Box::pin(async move {
            if point.segment != 2 {
                return Ok(());
            }
            let rows = connection.query_text("select from public.t").await?.len();
            if rows == 0 { Ok(()) } else { Err(pgform::diagnostic::Diagnostic::error(Code::Stale, "t has rows")) }
        })
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_looks_inside_the_locks() {
    use pgform::execute::{Apply, Kind, apply};
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("guarded", vec![make_table(), add_column()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    scene.sql("insert into t values (1)");
    let mut guard = NoRows(Vec::new());
    for stale in [true, false] {
        let (settings, observer) = (&scene.settings, &mut scene.heard);
        let how = Apply {
            settings,
            observer,
            guard: &mut guard,
            kind: Kind::Apply,
            until: None,
            again: false,
            carriers_ready: false,
            allowed: &|_, _| false,
            found: &std::collections::BTreeSet::new(),
            label: None,
            allowed_ahead: &|_, _| false,
            keep_rules: false,
        };
        let result = apply(&mut connection, &plan, how).await;
        if stale {
            let (message, _) = failed(result, Code::Stopped);
            assert_eq!(message, "stopped in segment 2 of 2: t has rows");
            scene.sql("delete from t");
        } else {
            result.unwrap();
        }
    }
    assert_eq!(guard.0[0], "AccessExclusiveLock");
}
