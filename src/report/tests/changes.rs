//! Tests of the list of changes: two states in, lines out.
use super::super::{Words, changes};
use crate::model::Rename;
use crate::{
    diff::{Hints, diff},
    model::*,
    store::samples::{column, constraint, table},
};

fn sql(text: &str) -> Fragment {
    Fragment::settled(text, text)
}

fn typed(text: &str, position: u32) -> Object {
    Body::Column(Column::of_type(sql(text), position)).into()
}

fn state(objects: Vec<(ObjectId, Object)>) -> State {
    State { objects: objects.into_iter().collect() }
}

/// Lines of a review for a plan between two states, one for each change.
fn shown(before: Vec<(ObjectId, Object)>, after: Vec<(ObjectId, Object)>, renames: &[Rename]) -> Vec<String> {
    let (before, after) = (state(before), state(after));
    let found = diff(&before, &after, &Hints::default());
    let words = Words::new(&["public".to_owned()]);
    let line = |c: &crate::store::PlannedChange| {
        let kind = c.kind.clone().unwrap_or_else(|| c.object.word().to_owned());
        format!("{} {kind} {}  {}", c.does.as_str(), c.object.short(), c.detail)
    };
    changes(&before, &after, &found, renames, &words).iter().map(line).collect()
}

fn enumeration(labels: &[&str]) -> (ObjectId, Object) {
    let labels = labels.iter().map(|l| (*l).to_owned()).collect();
    let object = Enumeration { labels };
    (ObjectId::enumeration(Qualified::new("public", "status")), Body::Enumeration(object).into())
}

fn view(query: &str, columns: &[&str]) -> (ObjectId, Object) {
    let columns = columns.iter().map(|c| ColumnName::new(*c)).collect();
    let object = View { columns, ..View::of_query(sql(query)) };
    (ObjectId::view(Qualified::new("public", "v")), Body::View(object).into())
}

fn key(columns: &[&str]) -> Object {
    Body::Key(Key::of_columns(KeyKind::Primary, columns.iter().map(|c| ColumnName::new(*c)).collect())).into()
}

fn foreign_key(on_delete: Action) -> Object {
    Body::ForeignKey(ForeignKey {
        columns: vec![ColumnName::new("document_id")],
        references: Qualified::new("public", "documents"),
        referenced: vec![ColumnName::new("id")],
        match_type: MatchType::Simple,
        on_update: Action::NoAction,
        on_delete,
        on_delete_columns: Vec::new(),
        deferrable: Deferrable::No,
        enforcement: Enforcement::Valid,
    })
    .into()
}

fn check(expression: &str) -> Object {
    Body::Check(Check { expression: sql(expression), no_inherit: false, enforcement: Enforcement::Valid }).into()
}

#[test]
fn labels_are_told_by_their_neighbours() {
    let told = |a: &[&str], b: &[&str]| shown(vec![enumeration(a)], vec![enumeration(b)], &[]).join("; ");
    assert_eq!(
        told(&["draft", "indexed"], &["draft", "indexed", "failed"]),
        "~ enum status  + label failed after indexed"
    );
    assert_eq!(told(&["b"], &["a x", "b"]), "~ enum status  + label 'a x' before b");
    assert_eq!(told(&["a", "b"], &["a"]), "~ enum status  - label b");
}

#[test]
fn views_show_their_columns_and_that_the_query_changed() {
    let (before, after) =
        (view("select a, b from public.t", &["a", "b"]), view("select a, c from public.t", &["a", "c"]));
    assert_eq!(shown(vec![before.clone()], vec![after], &[]), ["~ view v  + column c, - column b, query changed"]);
    assert_eq!(shown(Vec::new(), vec![before], &[]), ["+ view v  select a, b from t"]);
}

#[test]
fn a_new_table_reads_as_it_is_declared_and_a_dropped_one_says_what_goes() {
    let parts = || {
        vec![
            (table("chunks"), Body::Table(Table::default()).into()),
            (column("chunks", "zeta"), typed("bigint", 1)),
            (column("chunks", "alpha"), typed("public.halfvec(3)", 2)),
            (constraint("chunks", "z_pkey"), key(&["zeta"])),
            (constraint("chunks", "a_check"), check("alpha is not null")),
            (constraint("chunks", "b_fkey"), foreign_key(Action::Cascade)),
        ]
    };
    assert_eq!(
        shown(Vec::new(), parts(), &[]),
        [
            "+ table chunks  ",
            "+ column chunks.zeta  bigint",
            "+ column chunks.alpha  halfvec(3)",
            "+ primary key chunks.z_pkey  (zeta)",
            "+ foreign key chunks.b_fkey  (document_id) → documents (id) on delete cascade",
            "+ check chunks.a_check  alpha is not null",
        ]
    );
    assert_eq!(
        shown(parts(), Vec::new(), &[]),
        ["- table chunks  with 2 columns, 1 primary key, 1 foreign key, 1 check"]
    );
}

#[test]
fn only_what_differs_is_told() {
    let with = |value, not_null| {
        let Body::Column(column) = typed("text", 1).body else { unreachable!() };
        Body::Column(Column { not_null, value, ..column }).into()
    };
    let default = |text: &str| ColumnValue::Default(sql(text));
    let before = vec![
        (column("t", "a"), with(default("'x'"), true)),
        (column("t", "b"), with(ColumnValue::None, false)),
        (column("t", "c"), typed("integer", 3)),
        (constraint("t", "f"), foreign_key(Action::NoAction)),
        (constraint("t", "k"), key(&["a"])),
    ];
    let after = vec![
        (column("t", "a"), with(default("'y'"), false)),
        (column("t", "b"), with(default("'x'"), false)),
        (column("t", "c"), typed("bigint", 3)),
        (constraint("t", "f"), foreign_key(Action::Cascade)),
        (constraint("t", "k"), check("a <> ''")),
    ];
    assert_eq!(
        shown(before, after, &[]),
        [
            "~ column t.a  - not null, default 'x'  →  'y'",
            "~ column t.b  + default 'x'",
            "~ column t.c  integer  →  bigint",
            "~ foreign key t.f  on delete no action  →  cascade",
            "~ check t.k  primary key (a)  →  check a <> ''",
        ]
    );
}

#[test]
fn a_rename_is_told_before_what_else_changes() {
    let renames = [Rename { from: column("t", "old"), to: column("t", "new") }];
    let before = vec![(column("t", "new"), typed("integer", 1))];
    let after = vec![(column("t", "new"), typed("bigint", 1))];
    assert_eq!(
        shown(before, after, &renames),
        ["~ column t.new  renamed from old", "~ column t.new  integer  →  bigint"]
    );
}
