//! What no declaration says, kept through changes of what it belongs to: column privileges of views, and what tables say
//! of their indexes.
use super::walks::Scene;
use crate::support::{Version, expect, fresh_database};

fn sees(scene: &Scene, sql: &str) -> String {
    scene.database.server.sql(&scene.database.name, sql)
}

const MARKS: &str = "select string_agg(c.relname || case when i.indisclustered then ' clustered' else '' end \
    || case when i.indisreplident then ' identity' else '' end, ', ' order by c.relname) \
    from pg_index i join pg_class c on c.oid = i.indexrelid \
    where c.relnamespace = 'public'::regnamespace and (i.indisclustered or i.indisreplident)";

const MARKED: &str = "create table t (a int not null, b int not null); create unique index t_i on t (a, b); \
    create index t_c on t (a); alter table t cluster on t_c; alter table t replica identity using index t_i; \
    create table k (id int primary key, n int unique not null); alter table k cluster on k_pkey; \
    alter table k replica identity using index k_n_key; insert into t values (1, 2); insert into k values (1, 2);";

#[test]
fn a_view_made_again_keeps_the_privileges_on_its_columns() {
    let roles = "do $$ begin perform pg_advisory_xact_lock(42); if not exists (select from pg_roles where rolname = 'col_reader') \
        then create role col_reader; end if; end $$;";
    let sql = format!(
        "{roles} create table t (a int, b text, c int); create view v as select a, b from t; \
        grant select (a, b) on v to col_reader; grant update (a) on v to public;"
    );
    for version in [Version::V18, Version::V16] {
        let Some(scene) = Scene::new(version, &sql) else { continue };
        let granted = "select string_agg(attname || ' ' || item::text, ', ' order by attname, item::text) \
            from pg_attribute, unnest(attacl) as item where attrelid = 'v'::regclass";
        let before = sees(&scene, granted);
        assert_eq!(before, "a =w/postgres, a col_reader=r/postgres, b col_reader=r/postgres");
        scene.change("views.yaml", "FROM public.t", "FROM public.t where a > 1");
        scene.walks();
        assert_eq!(sees(&scene, granted), before);
        // A column that goes takes its privileges with it; they come back with it.
        let Some(scene) = Scene::new(version, &sql) else { continue };
        scene.change("views.yaml", "b\n", "c\n");
        scene.change("views.yaml", "select (a, b)", "select (a)");
        scene.walks();
    }
}

#[test]
fn an_index_made_anew_keeps_what_its_table_says_of_it() {
    for version in [Version::V18, Version::V16] {
        let Some(scene) = Scene::new(version, MARKED) else { continue };
        let before = sees(&scene, MARKS);
        assert_eq!(before, "k_n_key identity, k_pkey clustered, t_c clustered, t_i identity");
        scene.change("tables/t.yaml", "keys:\n        - a\n      t_i", "keys:\n        - a DESC\n      t_i");
        scene.change("tables/t.yaml", "        - b\n", "        - b DESC\n");
        scene.walks();
        assert_eq!(sees(&scene, MARKS), before);
    }
}

#[test]
fn a_database_built_from_the_baseline_has_the_marks() {
    let Some(scene) = Scene::new(Version::V18, MARKED) else { return };
    let Some(empty) = fresh_database(Version::V18) else { return };
    expect(&scene.run(&["apply", "-d", &empty.url, "--yes"]), 0, "0001 baseline");
    expect(&scene.run(&["check", "-d", &empty.url]), 0, "drift: none");
    assert_eq!(empty.server.sql(&empty.name, MARKS), sees(&scene, MARKS));
}

#[test]
fn a_clustered_index_and_a_table_go_and_come_back_with_the_marks() {
    let Some(scene) = Scene::new(Version::V18, MARKED) else { return };
    scene.change("tables/t.yaml", "    clustered_on: t_c\n", "");
    scene.change("tables/t.yaml", "      t_c:\n        keys:\n        - a\n", "");
    scene.walks();
    let url = scene.database.url.as_str();
    expect(&scene.run(&["rollback", "-d", url, "--yes"]), 0, "rolled back");
    assert_eq!(sees(&scene, MARKS), "k_n_key identity, k_pkey clustered, t_c clustered, t_i identity");
    let Some(scene) = Scene::new(Version::V18, MARKED) else { return };
    std::fs::remove_file(scene.dir.path().join("schema-a/tables/t.yaml")).unwrap();
    scene.walks();
}

#[test]
fn what_identifies_rows_to_subscribers_is_not_lost() {
    let Some(scene) = Scene::new(Version::V18, MARKED) else { return };
    scene.change("tables/t.yaml", "unique: true\n", "unique: true\n        where: a > 0\n");
    expect(&scene.plan(), 1, "PostgreSQL refuses index t_i: cannot use partial index");
    scene.change(
        "tables/t.yaml",
        "      t_i:\n        keys:\n        - a\n        - b\n        unique: true\n        where: a > 0\n",
        "",
    );
    expect(&scene.plan(), 1, "replica_identity");
    scene.change("tables/t.yaml", "    replica_identity:\n      index: t_i\n", "");
    expect(&scene.plan(), 1, "index t_i is the replica identity of table t, and is no longer declared");
}

#[test]
fn what_is_made_again_has_its_own_privileges_alone() {
    let sql = "do $$ begin perform pg_advisory_xact_lock(42); if not exists (select from pg_roles where rolname = 'col_reader') \
        then create role col_reader; end if; end $$; create type mood as enum ('a'); create table secret (x int, m mood); \
        create sequence counted; create table a (x int, y int); create view va as select x, y from a; \
        create view vb as select x from va; grant select on vb to col_reader; insert into secret values (1, 'a'); \
        alter default privileges grant select on tables to public; \
        alter default privileges grant usage on sequences to col_reader; \
        alter default privileges grant usage on types to col_reader;";
    for version in [Version::V18, Version::V16] {
        let Some(scene) = Scene::new(version, sql) else { continue };
        // Who is given something: the owner's own rights, written out or not, are the same.
        let acl = "select string_agg(relname || ' ' || grantee::regrole || ' ' || privilege_type, ', ' order by relname) \
            from pg_class, aclexplode(relacl) where relnamespace = 'public'::regnamespace and grantee <> relowner";
        let before = sees(&scene, acl);
        assert_eq!(before, "vb col_reader SELECT");
        scene.change("views.yaml", "SELECT x, y FROM public.a", "SELECT x::bigint AS x, y FROM public.a");
        for file in ["tables/secret.yaml", "enums.yaml", "sequences.yaml"] {
            std::fs::remove_file(scene.dir.path().join("schema-a").join(file)).unwrap();
        }
        scene.walks();
        expect(&scene.run(&["rollback", "-d", &scene.database.url, "--yes"]), 0, "rolled back");
        assert_eq!(sees(&scene, acl), before);
    }
}
