//! Rights that a run needs: an owner who is no superuser has enough, and all that are missing are told first.
use super::{
    bodies::{add_column, build_index, make_table, plan, segment, statement},
    scene::{Scene, failed},
};
use crate::support::Version;
use pgform::{
    diagnostic::Code,
    execute::Standing,
    plan::format::{RunAs, Statement, Step},
};

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_who_is_no_superuser_can_do_all_of_it() {
    for version in [Version::V15, Version::V16, Version::V18] {
        let Some(mut scene) = Scene::new(version) else { continue };
        let (login, owner) = ("deploy_1", "owner_1");
        scene.sql(&format!("create role {owner} nologin; create role {login} login noinherit in role {owner}"));
        scene.sql(&format!(
            "grant create on database {} to {owner}; grant create on schema public to {owner}",
            scene.database.name
        ));
        scene.settings.role = Some(owner.into());
        let mut connection = scene.connect_as(login).await;
        let who = Step::Statement(Statement {
            sql: "create temporary table who_logs_in as select current_user::text as name".into(),
            run_as: RunAs::Login,
            probe: None,
            clear: None,
        });
        let as_login = segment("as login", &[who, statement("comment on table public.t is 'by the owner'")], &[&[]]);
        let plan = plan("owned", vec![make_table(), add_column(), build_index(), as_login]);
        scene.apply(&mut connection, &plan).await.unwrap();
        assert_eq!(scene.sql("select tableowner from pg_tables where tablename = 't'"), owner);
        assert_eq!(
            scene.sql("select tableowner from pg_tables where schemaname = 'pgform' and tablename = 'plan'"),
            owner
        );
        assert_eq!(
            connection.query_text("select name from pg_temp.who_logs_in").await.unwrap()[0][0].as_deref(),
            Some(login)
        );
        assert_eq!(connection.query_text("select current_user").await.unwrap()[0][0].as_deref(), Some(login));
        let run = &scene.journal().await.runs[0];
        assert_eq!((run.login.as_str(), run.role.as_str()), (login, owner));
        scene.rollback(&mut connection, &plan).await.unwrap();
        assert_eq!(scene.standing(&plan).await, Standing::Held);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_missing_rights_are_told_before_anything_runs() {
    let Some(mut scene) = Scene::new(Version::V16) else { return };
    scene.sql(
        "create role nobody_1 login; create table t (id bigint, a text);
         create schema held; create type held.inside as enum ('a'); create type mood as enum ('a')",
    );
    let mut connection = scene.connect_as("nobody_1").await;
    let mut column = add_column();
    let made = pgform::model::ObjectId::table(pgform::model::Qualified::new("public", "new"));
    let left = Some(pgform::model::Digest::of("s1", b""));
    column.leaves.insert(made, left.clone());
    // What goes with its schema need not be one's own.
    for id in ["enum [held, inside]", "schema [held]", "schema [new]", "enum [public, mood]"] {
        column.leaves.insert(pgform::model::ObjectId::parse(id).unwrap(), left.clone());
    }
    let plan = plan("foreign", vec![column]);
    let diagnostics = scene.apply(&mut connection, &plan).await.unwrap_err();
    let messages: Vec<&str> = diagnostics.0.iter().map(|d| d.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "public.t belongs to postgres, and the plan changes it as nobody_1".to_owned(),
            "schema held belongs to postgres, and the plan changes it as nobody_1".to_owned(),
            "enum public.mood belongs to postgres, and the plan changes it as nobody_1".to_owned(),
            format!(
                "the plan makes or renames a schema, and nobody_1 may make none in database {}",
                scene.database.name
            ),
            "the plan makes objects in schema public, where nobody_1 may not".to_owned(),
            format!(
                "pgform keeps its journal in a schema of its own, and nobody_1 may make none in database {}",
                scene.database.name
            ),
        ]
    );
    assert!(diagnostics.0.iter().all(|d| d.code == Code::Rights && d.help.is_some()));
    scene.settings.role = Some("postgres".into());
    let (message, _) = failed(scene.apply(&mut connection, &plan).await, Code::Rights);
    assert!(message.contains("cannot become postgres"), "{message}");
}
