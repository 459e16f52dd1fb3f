//! Tests that the files which `import` writes are read back as the same state.
use super::{
    declared::EXAMPLE,
    render::{read, render, snapshot},
};
use crate::declaration::write_files;
use crate::model::{Head, ObjectId, Privileges, State};

/// Reads what was written.
fn again(state: &State) -> State {
    let files = write_files(state, None).unwrap().files;
    // What nobody may do is nothing that the state says.
    let files: Vec<(&str, &str)> =
        files.iter().filter(|(n, _)| *n != "privileges.yaml").map(|(n, t)| (n.as_str(), t.as_str())).collect();
    match read(&files) {
        Ok(declared) => declared.state,
        Err(diagnostics) => panic!("{}\n{files:#?}", render(&diagnostics)),
    }
}

fn same(a: &State, b: &State) {
    let shown = |s: &State| -> Vec<String> {
        let attributes = |o: &crate::model::Object| format!("{:?}", o.attributes());
        s.objects.iter().map(|(id, o)| format!("{id} {}", attributes(o))).collect()
    };
    assert_eq!(shown(a), shown(b));
}

#[test]
fn what_is_written_reads_back() {
    let state = read(&[("a.yaml", EXAMPLE)]).unwrap().state;
    same(&state, &again(&state));
    let state = read(&[("a.yaml", EXAMPLE), ("b.yaml", super::declared::REST)]).unwrap().state;
    same(&state, &again(&state));
}

#[test]
fn files_read_like_written_by_hand() {
    let state = read(&[("a.yaml", EXAMPLE), ("b.yaml", super::declared::REST)]).unwrap().state;
    let files = write_files(&state, None).unwrap().files;
    snapshot("files", &files.iter().map(|(n, t)| format!("# {n}\n{t}")).collect::<Vec<_>>().join("\n"));
}

#[test]
fn hostile_names_are_files_and_keys() {
    let text = "schema: \"My App\"\ntables:\n  \"a/b\": {columns: {\"null\": int, \"x y\": \"text default 'a: b # c'\", \"1\": int}, primary_key: [\"null\"]}\n  \"A/b\": {columns: {on: \"int not null\"}, checks: {\"it's\": \"\\\"on\\\" > 0 and ':' <> '#'\"}}\n  \"..\": {columns: {c: int}, foreign_keys: {\"f k\": {columns: [c], references: '\"a/b\" (\"null\")'}}}\n";
    let state = read(&[("a.yaml", text)]).unwrap().state;
    let names: Vec<String> = write_files(&state, None).unwrap().files.into_keys().collect();
    assert!(names.iter().all(|n| !n.contains("..") && n.matches('/').count() <= 2), "{names:?}");
    same(&state, &again(&state));
}

/// Privileges of a state, as they are told.
fn access(state: &State) -> String {
    let lists = |(id, head): (&ObjectId, &Head)| {
        let own =
            head.privileges.iter().map(|of| format!("{id}: {}{}", if of.exact { "all: " } else { "" }, of.told()));
        let columns = head.column_privileges.iter().map(|(name, of)| format!("{id} ({name}): {}", of.told()));
        own.chain(columns).collect::<Vec<_>>()
    };
    state.objects.iter().flat_map(|(id, object)| lists((id, &object.head))).collect::<Vec<_>>().join("\n")
}

#[test]
fn owners_and_grants_are_written_where_they_are_not_the_usual_ones() {
    let text = "tables: {notes: {columns: {id: int, title: text, \"a, b\": text}}, plain: {columns: {id: int}}, given: {columns: {id: int}}}
enums: {mood: [fine], word: [a]}
domains: {email: {type: text}, url: {type: text}}
functions:
  f(): {returns: integer, language: sql, body: select 1}
views: {titles: select id from notes}
sequences: {tickets: {}}
schemas: {app: {}}";
    let mut state = read(&[("a.yaml", text)]).unwrap().state;
    let lists: [(&str, &[&str]); 13] = [
        ("schema [app]", &["me=UC/me", "app=U/me"]),
        ("schema [public]", &["pg_database_owner=UC/pg_database_owner", "=U/pg_database_owner"]),
        ("enum [public, mood]", &["=U/me", "me=U/me", "app=U*/me"]),
        ("domain [public, email]", &["me=U/me"]),
        ("sequence [public, tickets]", &["me=rwU/me", "app=U/me"]),
        ("table [public, notes]", &["me=arwdDxtm/me", "app=r*aw/me", "=r/me", "other=a/app", "exact=r/me"]),
        ("column [public, notes, title]", &["app=w*/me", "reader=r/me"]),
        ("column [public, notes, \"a, b\"]", &["app=w*/me", "reader=r/me"]),
        ("table [public, plain]", &["me=arwdDxtm/me"]),
        ("table [public, given]", &["me=r/me"]),
        ("view [public, titles]", &["me=arwdDxtm/me", "app=Z/me"]),
        ("function [public, f, \"\"]", &["me=X/me"]),
        ("enum [public, word]", &["you=U/you", "=U/you"]),
    ];
    for (id, items) in lists {
        let id = ObjectId::parse(id).unwrap();
        let items: Vec<String> = items.iter().map(|item| (*item).to_owned()).collect();
        let head = &mut state.objects.get_mut(&id).unwrap().head;
        let owner = items[0].rsplit('/').next().unwrap().to_owned();
        head.privileges = Some(Privileges::of_list(&items, Some(&owner)));
        head.owner = (!id.is(crate::model::ObjectKind::Column)).then_some(owner);
    }
    let written = write_files(&state, Some("me")).unwrap();
    let files: Vec<(&str, &str)> = written.files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let shown: Vec<String> = files.iter().map(|(n, t)| format!("# {n}\n{t}")).collect();
    let back = match read(&files) {
        Ok(declared) => access(&declared.state),
        Err(diagnostics) => panic!("{}\n{files:#?}", render(&diagnostics)),
    };
    snapshot("grants", &format!("{}\n=> left out\n{}\n=> {back}", shown.join("\n"), written.left_out.join("\n")));
}

#[test]
fn aggregates_are_written_by_their_keys() {
    let text = r#"
schema: app
enums: {mood: [fine]}
functions:
  step(mood, mood): {returns: mood, language: sql, body: select $2}
aggregates:
  lately(mood): {arguments: [the_mood mood], sfunc: step, stype: mood, finalfunc: step, finalfunc_modify: read_only, comment: The last}
  counted(*): {sfunc: int8inc, stype: bigint, initcond: 0, parallel: safe}
  none(): {sfunc: int8inc, stype: int8, sspace: 0, parallel: unsafe}
  most(int[]): {arguments: ["variadic \"all of\" int[]"], sfunc: public.most, stype: int, sortop: operator(public.<<)}
  nth(float8, anyelement): {order_by: [value anyelement], sfunc: ordered_set_transition, stype: internal, finalfunc: f, finalfunc_modify: shareable}
  'place("any")': {arguments: [variadic "any"], order_by: [variadic "any"], sfunc: s, stype: internal, hypothetical: true}
  moving(int): {sfunc: s, stype: numeric, sspace: 64, msfunc: m, minvfunc: n, mstype: numeric, initcond: 'a\b', minitcond: ""}
  whole(text): {create: "CREATE OR REPLACE AGGREGATE whole(x text) (sfunc = step, stype = mood, finalfunc_extra);"}
"#;
    let state = read(&[("a.yaml", text)]).unwrap().state;
    same(&state, &again(&state));
    let files = write_files(&state, None).unwrap().files;
    let texts = state.definitions().filter_map(|(id, _, definition)| Some(format!("{id}\n  {}", definition.text()?)));
    let texts: Vec<String> = texts.filter(|text| text.starts_with("aggregate")).collect();
    snapshot("aggregates", &format!("{}\n=>\n{}", files["app/aggregates.yaml"], texts.join("\n")));
}
