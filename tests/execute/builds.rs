//! Builds outside of transactions: killed, interrupted, past their deadline, and the leftovers that are cleared or left.
use super::{
    bodies::{build_index, make_table, plan},
    scene::{Scene, failed, other},
};
use crate::support::Version;
use pgform::{
    diagnostic::Code,
    execute::{Direction, SegmentState, Standing},
};
use std::{sync::atomic::Ordering, time::Duration};

const INVALID: &str = "select count(*) from pg_index where not indisvalid";

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_a_build_it_clears_its_leftover_and_builds_again() {
    for back in [false, true] {
        let Some(mut scene) = Scene::new(Version::V18) else { return };
        let mut connection = scene.connect().await;
        let plan = plan("build", vec![make_table(), build_index()]);
        scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
        let writer = other(&scene).await;
        writer.batch_execute("begin; insert into t values (1, 'x')").await.unwrap();
        let killer = scene.beside();
        let (result, ()) = tokio::join!(scene.apply(&mut connection, &plan), killer.kill_while("create index%"));
        let (message, help) = failed(result, Code::Stopped);
        assert!(message.contains("stopped in segment 2 of 2: terminating"), "{message}");
        assert!(help.contains("done: 1 · segment 2: not known"), "{help}");
        writer.batch_execute("commit").await.unwrap();
        assert_eq!(scene.sql(INVALID), "1");
        let state = scene.journal().await;
        assert_eq!(state.midway().unwrap().segments[&2], SegmentState::Started);

        let mut connection = scene.connect().await;
        if back {
            scene.rollback(&mut connection, &plan).await.unwrap();
            assert_eq!(scene.standing(&plan).await, Standing::Held);
            assert_eq!(scene.sql("select count(*) from pg_class where relname in ('t', 't_a')"), "0");
        } else {
            scene.apply(&mut connection, &plan).await.unwrap();
            assert_eq!(scene.standing(&plan).await, Standing::Applied);
            assert_eq!(scene.sql("select indisvalid from pg_index where indexrelid = 't_a'::regclass"), "t");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn done_without_a_row_is_journaled_and_not_run() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("build", vec![make_table(), build_index()]);
    scene.apply(&mut connection, &plan).await.unwrap();
    // As if the session had ended between the build and its row.
    scene
        .sql("update pgform.segment set status = 'started' where number = 2; update pgform.run set status = 'running'");
    let oid = scene.sql("select 't_a'::regclass::oid");
    assert_eq!(scene.standing(&plan).await, Standing::Midway { boundary: 1, direction: Direction::Forward });
    scene.apply(&mut connection, &plan).await.unwrap();
    assert_eq!(scene.sql("select 't_a'::regclass::oid"), oid);
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leftover_that_is_not_ours_is_left_alone() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("build", vec![make_table(), build_index()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    scene.sql("create index t_a on t (a)");
    scene.sql("update pg_index set indisvalid = false where indexrelid = 't_a'::regclass");
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.contains("that is not ours"), "{message}");
    assert!(help.contains("drop what it left"), "{help}");
    scene.sql("drop index t_a; create table t_a ()");
    let (message, _) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.contains("the name is taken"), "{message}");
    assert_eq!(scene.sql("select count(*) from pg_class where relname = 't_a'"), "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn past_its_deadline_it_names_who_is_in_the_way_and_clears_up() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("build", vec![make_table(), build_index()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    let reader = other(&scene).await;
    // An old snapshot: the build waits for it at its end, the removal of what is left does not.
    reader.batch_execute("begin isolation level repeatable read; select from pg_class").await.unwrap();
    scene.settings.deadline = Some(Duration::from_millis(1300));
    scene.settings.watch = Some(scene.options("postgres"));
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.contains("was cancelled; in its way: pid") && message.contains("(api,"), "{message}");
    assert!(help.contains("done: 1 · left behind: nothing · nothing is locked"), "{help}");
    assert!(scene.heard.lines.iter().any(|line| line.starts_with("progress: ")), "{:?}", scene.heard.lines);
    assert_eq!(scene.sql(INVALID), "0");
    assert_eq!(scene.locks(), "0");
    reader.batch_execute("commit").await.unwrap();
    scene.apply(&mut connection, &plan).await.unwrap();
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_in_a_build_it_stops_clean() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("build", vec![make_table(), build_index()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    let reader = other(&scene).await;
    reader.batch_execute("begin isolation level repeatable read; select from pg_class").await.unwrap();
    let (beside, stop) = (scene.beside(), scene.heard.stop.clone());
    let interrupt = async {
        beside
            .until(
                "select count(*) from pg_stat_activity where query like 'create index%' and wait_event_type = 'Lock' \
                 and datname = current_database()",
                "1",
            )
            .await;
        stop.store(true, Ordering::SeqCst);
    };
    let (result, ()) = tokio::join!(scene.apply(&mut connection, &plan), interrupt);
    let (message, _) = failed(result, Code::Stopped);
    assert_eq!(message, "stopped in segment 2 of 2: interrupted");
    assert_eq!(scene.sql(INVALID), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn older_transactions_are_waited_for_before_a_build() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("build", vec![make_table(), build_index()]);
    scene.apply_until(&mut connection, &plan, Some(1), false).await.unwrap();
    let old = other(&scene).await;
    old.batch_execute("begin; select from pg_class").await.unwrap();
    scene.settings.max_wait = Some(Duration::from_millis(1));
    scene.settings.lock_budget = Duration::from_millis(700);
    let (message, help) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(
        message.contains("transactions that it would wait for did not end") && message.contains("(api,"),
        "{message}"
    );
    assert!(help.contains("left behind: nothing"), "{help}");
    assert_eq!(scene.sql("select count(*) from pg_class where relname = 't_a'"), "0", "not even begun");
    old.batch_execute("commit").await.unwrap();
    scene.apply(&mut connection, &plan).await.unwrap();
}

/// What a transaction holds is let go when its time is over: a validation, a change of type.
#[tokio::test(flavor = "multi_thread")]
async fn past_its_deadline_a_transaction_is_cancelled_too() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let sleep = super::bodies::statement("select pg_sleep(20)");
    let plan = plan("sleep", vec![make_table(), super::bodies::segment("sleep", &[sleep], &[&[]])]);
    scene.settings.deadline = Some(Duration::from_millis(500));
    let began = std::time::Instant::now();
    let (message, _) = failed(scene.apply(&mut connection, &plan).await, Code::Stopped);
    assert!(message.contains("and was cancelled"), "{message}");
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(scene.locks(), "0");
}
