//! Ways back: from every boundary, counted before they run, stopped in their middle, and forward again afterwards.
use super::{
    bodies::{add_column, build_index, make_table, plan, segment, statement},
    scene::{Scene, failed},
};
use crate::support::Version;
use pgform::{
    diagnostic::Code,
    execute::{Direction, Standing, count_conditions},
    plan::format::{ConditionKind, Revive},
};

#[tokio::test(flavor = "multi_thread")]
async fn goes_back_from_every_boundary_and_is_held() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("three", vec![make_table(), add_column(), build_index()]);
    for boundary in 1..=3 {
        let again = boundary > 1;
        scene.apply_until(&mut connection, &plan, Some(boundary), again).await.unwrap();
        let expected = if boundary == 3 {
            Standing::Applied
        } else {
            Standing::Midway { boundary, direction: Direction::Forward }
        };
        assert_eq!(scene.standing(&plan).await, expected);
        let outcome = scene.rollback(&mut connection, &plan).await.unwrap();
        assert_eq!(outcome.measured.len(), boundary as usize);
        assert_eq!(scene.sql("select count(*) from pg_class where relnamespace = 'public'::regnamespace"), "0");
        assert_eq!(scene.standing(&plan).await, Standing::Held);
        assert!(scene.journal().await.position().is_none());
    }
    let (_, help) = failed(scene.apply(&mut connection, &plan).await, Code::Held);
    assert!(help.contains("--again"), "{help}");
    let (message, _) = failed(scene.rollback(&mut connection, &plan).await, Code::PlanPosition);
    assert!(message.contains("rolled back here already"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn conditions_are_counted_before_anything_runs() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("values", vec![make_table(), add_column(), build_index()]);
    scene.apply(&mut connection, &plan).await.unwrap();
    scene.sql("insert into t select i, 'a', case when i <= 17 then 'b' end from generate_series(1, 30) i");
    let counted = count_conditions(&mut connection, &plan, 0).await.unwrap();
    assert_eq!(counted.iter().map(|c| (c.segment, c.count)).collect::<Vec<_>>(), [(2, 17)]);
    let (message, help) = failed(scene.rollback(&mut connection, &plan).await, Code::Hazard);
    assert_eq!(message, "the way back loses 17 values of t.b written since (segment 2)");
    assert!(help.contains("--allow DataLoss:t.b"), "{help}");
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
    assert_eq!(scene.sql("select count(*) from pg_class where relname = 't_a'"), "1", "nothing ran");
    scene.allow = true;
    scene.rollback(&mut connection, &plan).await.unwrap();
    assert_eq!(scene.standing(&plan).await, Standing::Held);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_would_fail_is_refused() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let mut column = add_column();
    column.back.conditions[0].kind = ConditionKind::Blocks;
    let plan = plan("blocks", vec![make_table(), column]);
    scene.apply(&mut connection, &plan).await.unwrap();
    scene.sql("insert into t values (1, 'a', 'b')");
    scene.allow = true;
    let (message, _) = failed(scene.rollback(&mut connection, &plan).await, Code::Condition);
    assert!(message.contains("would fail: 1 value of"), "{message}");
    assert_eq!(scene.standing(&plan).await, Standing::Applied);
}

/// Undone in three parts, of which the second fails while `pgform_stop` is there.
fn in_three_parts() -> pgform::plan::format::Segment {
    segment(
        "three tables",
        &[
            statement("create table public.x ()"),
            statement("create table public.y ()"),
            statement("create table public.z ()"),
        ],
        &[
            &[statement("drop table public.z")],
            &[statement("drop table public.y")],
            &[statement("drop table public.x")],
        ],
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_way_back_that_stops_goes_on_in_either_direction() {
    let Some(mut scene) = Scene::new(Version::V18) else { return };
    let mut connection = scene.connect().await;
    let plan = plan("parts", vec![make_table(), in_three_parts()]);
    for forward in [false, true] {
        scene.apply_until(&mut connection, &plan, None, forward).await.unwrap();
        scene.sql("create view on_y as select from y");
        let (message, help) = failed(scene.rollback(&mut connection, &plan).await, Code::Stopped);
        assert!(message.starts_with("stopped in segment 2 of 2 on the way back: cannot drop table"), "{message}");
        assert!(help.contains("Use DROP ... CASCADE") && help.contains("still in place: "), "{help}");
        assert_eq!(
            scene
                .sql("select string_agg(relname, ',' order by relname) from pg_class where relname in ('x', 'y', 'z')"),
            "x,y"
        );
        assert_eq!(scene.standing(&plan).await, Standing::Midway { boundary: 1, direction: Direction::Back });
        scene.sql("drop view on_y");
        if forward {
            scene.apply(&mut connection, &plan).await.unwrap();
            assert_eq!(scene.standing(&plan).await, Standing::Applied);
            assert_eq!(scene.sql("select count(*) from pg_class where relname in ('x', 'y', 'z')"), "3");
        } else {
            scene.rollback(&mut connection, &plan).await.unwrap();
            assert_eq!(scene.standing(&plan).await, Standing::Held);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn later_plans_go_back_first() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let (first, second) = (plan("first", vec![make_table()]), plan("second", vec![add_column()]));
    scene.apply(&mut connection, &first).await.unwrap();
    scene.apply(&mut connection, &second).await.unwrap();
    let (message, _) = failed(scene.rollback(&mut connection, &first).await, Code::PlanPosition);
    assert!(message.contains("has second on top of it"), "{message}");
    scene.rollback(&mut connection, &second).await.unwrap();
    scene.rollback(&mut connection, &first).await.unwrap();
    assert_eq!(scene.journal().await.held().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn running_again_brings_back_what_was_set_aside() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    let mut connection = scene.connect().await;
    let mut made = segment(
        "create table s",
        &[statement("create table public.s (id int)")],
        &[&[statement("alter table public.s set schema pgform")]],
    );
    made.revive = Some(Revive {
        probe: "select pg_catalog.to_regclass('pgform.s') is not null".into(),
        steps: vec![statement("alter table pgform.s set schema public")],
    });
    let plan = plan("aside", vec![made]);
    scene.apply(&mut connection, &plan).await.unwrap();
    scene.sql("insert into s values (7)");
    scene.rollback(&mut connection, &plan).await.unwrap();
    assert_eq!(scene.sql("select id from pgform.s"), "7");
    scene.apply_until(&mut connection, &plan, None, true).await.unwrap();
    assert_eq!(scene.sql("select id from s"), "7");
}
