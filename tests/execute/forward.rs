//! Plans that go forward: applied, failed, killed and resumed, and the journals that stop them.
use super::{
    bodies::{add_column, assert, build_index, make_table, plan, segment, statement},
    scene::{Scene, failed},
};
use crate::support::Version;
use pgform::{
    diagnostic::Code,
    execute::{DatabaseLabel, Direction, Journal, Kind, RunStatus, SegmentState, Standing},
};

#[tokio::test(flavor = "multi_thread")]
async fn applies_and_journals_on_each_version() {
    for version in [Version::V15, Version::V16, Version::V18] {
        let Some(mut scene) = Scene::new(version) else { continue };
        let mut connection = scene.connect().await;
        assert!(!Journal::exists(&mut connection).await.unwrap());
        assert_eq!(Journal::read(&mut connection).await.unwrap(), pgform::execute::JournalState::default());
        let plan = plan("first", vec![make_table(), add_column(), build_index()]);
        let outcome = scene.apply(&mut connection, &plan).await.unwrap();
        assert_eq!(outcome.measured.iter().map(|m| m.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(scene.heard.lines[..2], ["1/3 create table t", "1/3 done"]);
        assert_eq!(scene.sql("select string_agg(attname, ',' order by attnum) from pg_attribute where attrelid = 't'::regclass and attnum > 0"), "id,a,b");
        assert_eq!(scene.sql("select indisvalid from pg_index where indexrelid = 't_a'::regclass"), "t");

        let state = Journal::read(&mut connection).await.unwrap();
        assert_eq!(state.position().unwrap().digest, plan.digest);
        assert_eq!(state.position().unwrap().bytes, plan.bytes);
        assert_eq!(state.plans[0].segments.values().copied().collect::<Vec<_>>(), [SegmentState::Done; 3]);
        let run = &state.runs[0];
        assert_eq!((run.direction, run.kind, run.status), (Direction::Forward, Kind::Apply, RunStatus::Done));
        assert!(run.finished_at.unwrap() >= run.started_at && run.login == "postgres");
        assert!(state.midway().is_none() && state.held().is_empty());
        let (message, _) = failed(scene.apply(&mut connection, &plan).await, Code::PlanPosition);
        assert_eq!(message, "first is applied here already");
        assert_eq!(scene.locks(), "0");

        let label =
            DatabaseLabel { environment: Some("production".into()), target: "database".into(), requires: "{}".into() };
        Journal::set_label(&mut connection, &label).await.unwrap();
        Journal::set_label(&mut connection, &label).await.unwrap();
        assert_eq!(Journal::read(&mut connection).await.unwrap().label, Some(label));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_segment_leaves_nothing_and_is_resumed() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let bad = segment(
        "a check that rows break",
        &[statement("alter table public.t add column c int"), statement("alter table public.t add check (id < 0)")],
        &[&[statement("alter table public.t drop column c, drop constraint t_id_check")]],
    );
    let fill =
        segment("fill", &[statement("insert into public.t values (1, 'x')")], &[&[statement("delete from public.t")]]);
    let plan = plan("bad", vec![make_table(), fill, bad]);
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.starts_with("stopped in segment 3 of 3: check constraint \"t_id_check\" of relation \"t\" is violated by some row (SQLSTATE 23514), in: alter table"), "{message}");
    assert_eq!(
        help,
        "done: 1-2 · left behind: nothing · nothing is locked\n\
         go on: pgform apply -d URL    once the rows that it names are mended, and fails again before that; begins that \
         segment again\n\
         go back: pgform rollback -d URL    from here: 2 segments"
    );
    assert_eq!(scene.sql("select count(*) from pg_attribute where attrelid = 't'::regclass and attname = 'c'"), "0");
    assert_eq!(scene.standing(&plan).await, Standing::Midway { boundary: 2, direction: Direction::Forward });
    let other = super::bodies::plan("other", vec![]);
    let (message, _) = failed(scene.apply(&mut connection, &other).await, Code::PlanPosition);
    assert!(message.contains("bad is in its middle here"), "{message}");

    scene.sql("update t set id = -1");
    let outcome = scene.apply(&mut connection, &plan).await.unwrap();
    assert_eq!(outcome.measured.len(), 1);
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
    assert_eq!(scene.locks(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_assertion_that_does_not_hold_refuses() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let check = segment(
        "look",
        &[assert("select count(*) from pg_catalog.pg_class where relname = 't'", "1", "table t is gone")],
        &[],
    );
    let plan = plan("look", vec![check]);
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Assumption);
    assert_eq!(message, "table t is gone");
    assert!(help.contains("expects `1` here and found `0`"), "{help}");
    assert_eq!(scene.standing(&plan).await, Standing::NotApplied);
    assert_eq!(scene.journal().await.runs[0].status, RunStatus::Failed);
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_a_transaction_it_resumes() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let slow = segment(
        "slow",
        &[
            statement("alter table public.t add column c int"),
            statement("select pg_catalog.pg_sleep(60 / (1 + 59 * (select count(*) from public.t)))"),
        ],
        &[&[statement("alter table public.t drop column c")]],
    );
    let plan = plan("slow", vec![make_table(), slow]);
    let killer = scene.beside();
    let (result, ()) = tokio::join!(scene.apply(&mut connection, &plan), killer.kill_while("%pg_sleep%"));
    let (message, help) = failed(result, Code::Stopped);
    assert!(
        message.contains("stopped in segment 2 of 2: terminating connection due to administrator command"),
        "{message}"
    );
    assert!(help.contains("done: 1 · segment 2: not known"), "{help}");
    assert!(help.contains("see: pgform status -d URL"), "{help}");
    assert_eq!(scene.journal().await.runs[0].status, RunStatus::Running);
    scene.sql("insert into t values (1)");
    let mut connection = scene.connect().await;
    scene.apply(&mut connection, &plan).await.unwrap();
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn publications_of_everything_stop_the_journal() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    scene.sql("create publication everything for all tables");
    let mut connection = scene.connect().await;
    let plan = plan("first", vec![make_table()]);
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Publication);
    assert!(message.contains("publication everything"), "{message}");
    assert!(help.contains("create table pgform.segment"), "{help}");
    assert_eq!(scene.sql("select count(*) from pg_namespace where nspname = 'pgform'"), "0");
    Journal::create(&mut connection, true).await.unwrap();
    scene.apply(&mut connection, &plan).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_journal_is_refused() {
    let Some(scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    Journal::create(&mut connection, false).await.unwrap();
    Journal::create(&mut connection, false).await.unwrap();
    scene.sql("update pgform.journal_format set format = 3, made_by = '3.1.0'");
    let refused = Journal::read(&mut connection).await.unwrap_err();
    assert_eq!((refused.code, refused.help.as_deref()), (Code::Journal, Some("use pgform 3.1.0 or later")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_recorded_has_no_way_back() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    Journal::create(&mut connection, false).await.unwrap();
    let (base, next) = (plan("base", vec![]), plan("next", vec![make_table()]));
    Journal::record(&mut connection, &base, Kind::Adopt).await.unwrap();
    assert_eq!(scene.standing(&base).await, Standing::Adopted);
    let (message, _) = failed(scene.rollback(&mut connection, &base).await, Code::PlanPosition);
    assert!(message.contains("was adopted here"), "{message}");
    scene.apply(&mut connection, &next).await.unwrap();
    let names: Vec<String> = scene.journal().await.applied().iter().map(|p| p.name.clone()).collect();
    assert_eq!(names, ["base", "next"]);
}

/// A command may run on any thread.
#[allow(dead_code, reason = "compiles or does not")]
fn runs_may_move<'a>(
    connection: &'a mut pgform::server::Connection,
    plan: &'a pgform::execute::PlanToRun,
    forward: pgform::execute::Apply<'a>,
    back: pgform::execute::Rollback<'a>,
) -> impl Send + 'a {
    async move {
        let went = pgform::execute::apply(connection, plan, forward).await.is_ok();
        went && pgform::execute::rollback(connection, plan, back).await.is_ok()
    }
}
