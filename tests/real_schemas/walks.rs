//! Small schemas with what real ones use, changed and walked. Each case here was wrong once.
use super::import;
use crate::support::{TestDatabase, Version, by_name, expect, fresh_database, pgform};
use std::{collections::BTreeMap, fs, path::Path};

const PROJECT: &[&str] = &["--schema-dir", "schema-a", "--plans-dir", "plans-a"];

/// What a database looks like, as `import` tells it.
fn look(dir: &Path, database: &TestDatabase, name: &str) -> BTreeMap<String, String> {
    let (schema, plans) = (format!("look-{name}"), format!("look-plans-{name}"));
    let words = ["import", "-d", &database.url, "--schema-dir", &schema, "--plans-dir", &plans];
    expect(&pgform(dir, &words), 0, "");
    files(&dir.join(schema))
}

fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(files(&path));
        } else {
            out.insert(
                path.display().to_string().split_once('/').unwrap().1.replace("look-", ""),
                fs::read_to_string(&path).unwrap(),
            );
        }
    }
    out.into_iter().map(|(name, text)| (name.rsplit('/').next().unwrap().to_owned(), text)).collect()
}

pub(crate) struct Scene {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) database: TestDatabase,
}

impl Scene {
    /// A database with these objects and rows, imported and adopted.
    pub(crate) fn new(version: Version, sql: &str) -> Option<Self> {
        let database = fresh_database(version)?;
        let errors = database.server.load(&database.name, sql);
        assert!(errors.is_empty(), "{errors:?}");
        let dir = tempfile::tempdir().unwrap();
        import(dir.path(), &database, "a");
        let scene = Self { dir, database };
        expect(&scene.run(&["adopt", "-d", &scene.database.url, "--yes"]), 0, "");
        Some(scene)
    }

    pub(crate) fn run(&self, words: &[&str]) -> crate::support::Run {
        pgform(self.dir.path(), &[words, PROJECT].concat())
    }

    pub(crate) fn change(&self, file: &str, from: &str, to: &str) {
        let path = self.dir.path().join("schema-a").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no `{from}` in\n{text}");
        fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    pub(crate) fn plan(&self) -> crate::support::Run {
        self.run(&["plan", "-m", "change"])
    }

    /// Planned, applied, in step, back to what was there, and again.
    pub(crate) fn walks(&self) {
        let url = self.database.url.as_str();
        let dir = self.dir.path();
        let before = look(dir, &self.database, "before");
        expect(&self.plan(), 0, "plans-a/");
        expect(&self.run(&["plan", "-m", "again"]), 0, "no changes");
        let names = by_name(dir, "change", PROJECT);
        let all: Vec<&str> = names.iter().map(String::as_str).collect();
        expect(&self.run(&[&["apply", "-d", url, "--yes"], &all[..]].concat()), 0, "applied");
        expect(&self.run(&["check", "-d", url]), 0, "");
        let after = look(dir, &self.database, "after");
        expect(&self.run(&["rollback", "-d", url, "--yes", "--allow", "DataLoss"]), 0, "rolled back");
        assert_eq!(look(dir, &self.database, "back"), before);
        // Owners, privileges and marks too, which no declaration says.
        expect(&self.run(&["check", "-d", url]), 2, "drift: none");
        expect(&self.run(&[&["apply", "-d", url, "--yes", "--again"], &all[..]].concat()), 0, "applied");
        assert_eq!(look(dir, &self.database, "again"), after);
    }

    pub(crate) fn file(&self, name: &str) -> String {
        fs::read_to_string(self.dir.path().join("plans-a").join(name)).unwrap()
    }
}

const SHOP: &str = "
create table items (id int primary key, sku text, nr int, unique (sku, nr));
create table others (id int primary key, a text check (a <> ''), at timestamptz default now());
create table keyed (id int primary key, other int references keyed);
alter table keyed add constraint keyed_again unique (id);
create table booked (room int, during tsrange, exclude using gist (during with &&));
create text search configuration twice (parser = default);
alter text search configuration twice add mapping for word with simple;
insert into items values (1, 'a', 1), (2, 'b', 1);
insert into others values (1, 'x');
create view seen as select id, sku from items;";

#[test]
fn not_null_comes_and_goes_as_it_was() {
    for version in [Version::V18, Version::V16] {
        let Some(scene) = Scene::new(version, SHOP) else { continue };
        scene.change("tables/items.yaml", "nr: integer", "nr: integer not null");
        scene.walks();
    }
}

#[test]
fn a_key_is_made_online_and_its_way_back_is_too() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    scene.change("tables/items.yaml", "unique:\n", "unique:\n      items_n_sku_key: [id, sku]\n");
    scene.walks();
    let plan = scene.file("0002-change.yaml");
    let builds = plan.matches("create unique index concurrently").count();
    assert!(builds >= 2 && !plan.contains("create unique index items"), "{plan}");
}

#[test]
fn a_column_takes_its_key_along() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    scene.change("tables/items.yaml", "      nr: integer\n", "");
    scene.change("tables/items.yaml", "    unique:\n      items_sku_nr_key:\n      - sku\n      - nr\n", "");
    scene.walks();
}

#[test]
fn what_does_not_change_is_not_in_the_next_plan() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    scene.change("tables/items.yaml", "nr: integer", "nr: integer\n      m: integer");
    expect(&scene.plan(), 0, "add column items.m");
    let plan = scene.file("0002-change.yaml");
    let after = plan.split("\nafter:").nth(1).unwrap().split("\n---").next().unwrap();
    assert!(!after.contains("others") && !after.contains("sku") && !after.contains("declared: integer"), "{after}");
}

#[test]
fn twenty_labels_are_one_plan() {
    let Some(scene) = Scene::new(Version::V16, "create type mood as enum ('a', 'b'); create table t (m mood);") else {
        return;
    };
    let labels: String = (0..20).map(|n| format!("  - l{n}\n")).collect();
    scene.change("enums.yaml", "  - a\n", &format!("  - a\n{labels}"));
    expect(&scene.plan(), 0, "add label 'l19' to mood");
    expect(&scene.run(&["apply", "-d", &scene.database.url, "--yes"]), 0, "applied");
    expect(&scene.run(&["check", "-d", &scene.database.url]), 0, "");
}

#[test]
fn what_is_not_modelled_is_carried_along_and_told_where_it_would_change() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    scene.change("opaque.yaml", "for word with", "for numword with");
    expect(
        &scene.plan(),
        1,
        "text search configuration twice is declared otherwise, and pgform cannot change a text search configuration yet",
    );
    scene.change("opaque.yaml", "for numword with", "for word with");
    expect(&scene.plan(), 0, "no changes");
    scene.change("opaque.yaml", "opaque:\n", "opaque:\n  'trigger [public, items, t]': create trigger\n");
    expect(&scene.plan(), 1, "trigger items.t is new in the declaration");
    fs::write(scene.dir.path().join("schema-a/opaque.yaml"), "opaque: {}\n").unwrap();
    expect(&scene.plan(), 1, "text search configuration twice is not in the declaration any more");
    fs::remove_file(scene.dir.path().join("schema-a/opaque.yaml")).unwrap();
    expect(&scene.plan(), 0, "no changes");
}

#[test]
fn what_only_18_has_is_carried_along() {
    let sql = "create table t (id int primary key, a int, v int generated always as (a * 2) virtual, \
        u uuid default uuidv7() not null, constraint c check (a > 0) not enforced, b int constraint b_is_there not null); \
        insert into t (id, a, b) values (1, 1, 1);";
    let Some(scene) = Scene::new(Version::V18, sql) else { return };
    scene.change("tables/t.yaml", "a: integer\n", "a: integer\n      more: text\n");
    scene.walks();
    scene.change("tables/t.yaml", "a * 2", "a * 3");
    expect(&scene.plan(), 1, "column t.v is a virtual generated column");
    scene.change("tables/t.yaml", "a * 3", "a * 2");
    scene.change("tables/t.yaml", "not_enforced: true", "not_enforced: false");
    expect(&scene.plan(), 1, "constraint t.c is not enforced");
}

#[test]
fn an_extension_that_the_shadow_lacks_is_stood_in_for() {
    // pgcrypto and uuid-ossp come with Debian's server.
    let sql = "create schema ext; create extension pgcrypto; create extension \"uuid-ossp\" with schema ext; \
        create table t (id uuid primary key default ext.uuid_generate_v4(), secret text default crypt('x', gen_salt('bf'))); \
        create index on t (digest(secret, 'md5')); insert into t default values;";
    let Some(scene) = Scene::new(Version::V15, sql) else { return };
    scene.change("tables/t.yaml", "columns:\n", "columns:\n      n: integer not null default 0\n");
    scene.walks();
    assert!(scene.file("0002-change.yaml").contains("is not in the shadow"));
    let sql = "create schema ext; create extension moddatetime with schema ext; create table t (id int primary key, at timestamptz); \
        create trigger touch before update on t for each row execute function ext.moddatetime(at);";
    let Some(scene) = Scene::new(Version::V18, sql) else { return };
    scene.change("tables/t.yaml", "id: integer not null\n", "id: integer not null\n      n: integer\n");
    scene.walks();
}

#[test]
fn an_extension_goes_where_only_others_are_used() {
    let sql =
        "create extension citext; create function f() returns int language sql as 'select 1'; create table t (a int);";
    let Some(scene) = Scene::new(Version::V18, sql) else { return };
    scene.change("extensions.yaml", "extensions:\n  citext: {}\n", "extensions:\n  unaccent: {}\n");
    scene.walks();
}

#[test]
fn a_table_is_renamed_with_its_column_and_what_names_both_follows() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    let table = "  things:\n    renamed_from: others\n    columns:\n      id: integer not null\n      \
        b: {type: text, renamed_from: a}\n      at: timestamp with time zone default now()\n    \
        primary_key: {name: others_pkey, columns: [id]}\n    checks:\n      others_a_check: \"b <> ''\"\n";
    fs::write(scene.dir.path().join("schema-a/tables/others.yaml"), format!("tables:\n{table}")).unwrap();
    scene.walks();
    let plan = scene.file("0002-change.yaml");
    assert!(plan.contains("rename column a to b") && !plan.contains("drop column"), "{plan}");
}

#[test]
fn a_view_gets_options_and_loses_them() {
    let Some(scene) = Scene::new(Version::V18, SHOP) else { return };
    scene.change("views.yaml", "  seen:\n", "  seen:\n    security_barrier: true\n    check_option: local\n");
    scene.walks();
    let dump =
        scene.database.server.sql(&scene.database.name, "select reloptions from pg_class where relname = 'seen'");
    expect(&scene.run(&["rollback", "-d", &scene.database.url, "--yes"]), 0, "rolled back");
    let back =
        scene.database.server.sql(&scene.database.name, "select reloptions from pg_class where relname = 'seen'");
    assert_eq!((dump.as_str(), back.as_str()), ("{security_barrier=true,check_option=local}", ""));
}

#[test]
fn without_settings_an_import_is_of_every_schema() {
    let sql = "create schema a; create schema b; create extension citext with schema b; create table a.t (id int);";
    let Some(scene) = Scene::new(Version::V18, sql) else { return };
    scene.change("a/tables/t.yaml", "id: integer", "id: integer\n      more: b.citext");
    scene.walks();
    // Named, the scope is what is named, and an extension's home beside it is left alone.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("pgform.yaml"), "scope:\n  schemas: [a]\n").unwrap();
    import(dir.path(), &scene.database, "named");
    // An empty database is a project too.
    let Some(empty) = fresh_database(Version::V18) else { return };
    import(dir.path(), &empty, "empty");
}

#[test]
fn a_key_said_twice_stays_twice() {
    let Some(scene) = Scene::new(Version::V16, SHOP) else { return };
    let to = "references: public.keyed (id)";
    scene.change("tables/keyed.yaml", to, &format!("{to}\n        on_delete: cascade"));
    scene.walks();
    let more = "tables:\n  more:\n    columns: {id: int}\n    primary_key: [id]\n    unique: {more_again: [id]}\n";
    scene.change("tables/keyed.yaml", "tables:\n", more);
    expect(&scene.plan(), 0, "create table more");
}
