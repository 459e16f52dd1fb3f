//! Unknown keys, wrong types, YAML that is none.
use super::scene::mistakes;

#[test]
fn keys_that_mean_nothing() {
    mistakes("table: {}\ntables: {t: {columns: {a: int}}}\n", &[("unknown-key", 1, "did you mean `tables`?")]);
    mistakes(
        "tables:\n  t:\n    colums: {a: int}\n",
        &[("unknown-key", 3, "did you mean `columns`?"), ("missing-key", 3, "has no `columns`")],
    );
    mistakes(
        "tables:\n  t:\n    columns: {a: int}\n    default: now()\n",
        &[("unknown-key", 4, "`default` is no key")],
    );
    mistakes(
        "tables:\n  t:\n    columns:\n      a: {type: int, nul: false, not_nul: true}\n",
        &[("unknown-key", 4, "`nul`"), ("unknown-key", 4, "did you mean `not_null`?")],
    );
    for (key, place) in [
        ("grants: {app: select}", "it stands with what is granted"),
        ("owner: app", "it stands with what is owned"),
        ("types: {f: {attributes: {a: int}}}", "`domains:`, `composite_types:` or `range_types:`"),
        ("triggers: {x: {on: before insert}}", "it stands with their table or view"),
        ("indexes: {t_a_idx: [a]}", "it stands with their table"),
    ] {
        mistakes(&format!("{key}\ntables: {{t: {{columns: {{a: int}}}}}}\n"), &[("unknown-key", 1, place)]);
    }
    mistakes(
        "collations: {f: x}\ntables: {t: {columns: {a: int}}}\n",
        &[("not-declarable", 1, "cannot be declared yet")],
    );
}

#[test]
fn a_list_where_a_mapping_is_needed_and_the_other_way_round() {
    let table = |rest: &str| format!("tables:\n  t:\n    columns: {{a: int}}\n{rest}");
    mistakes("tables:\n- t:\n    columns: {a: int}\n", &[("wrong-type", 2, "is a list, and must be a mapping")]);
    mistakes("tables:\n  t:\n    columns:\n    - a: int\n", &[("wrong-type", 4, "is a list, and must be a mapping")]);
    mistakes("tables: t\n", &[("wrong-type", 1, "must be a mapping")]);
    mistakes("tables:\n  t: a int\n", &[("wrong-type", 2, "must be a mapping")]);
    mistakes("just text\n", &[("wrong-type", 1, "must be a mapping")]);
    mistakes("- a\n- b\n", &[("wrong-type", 1, "must be a mapping")]);
    mistakes(&table("    primary_key: a\n"), &[("wrong-type", 4, "must be a list of columns")]);
    mistakes(&table("    primary_key: []\n"), &[("missing-key", 4, "has no columns")]);
    mistakes(&table("    indexes:\n      i: (a)\n"), &[("wrong-type", 5, "must be a list of keys")]);
    mistakes(&table("    indexes: {i: {keys: a}}\n"), &[("wrong-type", 4, "write [a]")]);
    mistakes(&table("    indexes: {i: {keys: [a], unique: yes}}\n"), &[("wrong-type", 4, "`true` or `false`")]);
    mistakes(&table("    foreign_keys: {f: t(a)}\n"), &[("wrong-type", 4, "must be a mapping")]);
    mistakes(
        &table("    foreign_keys:\n      f: {columns: [a], references: [t, a]}\n"),
        &[("wrong-type", 5, "must be SQL")],
    );
    mistakes("tables:\n  t:\n", &[("missing-key", 2, "has no `columns`")]);
    mistakes("enums:\n  e: draft\n", &[("wrong-type", 2, "must be a list of labels")]);
    mistakes("enums:\n  e: [1, null]\n", &[("wrong-type", 2, "write \"null\"")]);
}

#[test]
fn types_that_are_none() {
    let of = |attributes: &str| format!("composite_types:\n  a:\n    attributes: {{{attributes}}}\n");
    mistakes("composite_types:\n  a: {}\n", &[("missing-key", 2, "has no `attributes`")]);
    mistakes(&of("b: 'text, c int'"), &[("sql", 3, "this is not a type, with a collation perhaps")]);
    mistakes(&of("b: {collate: '\"C\"'}"), &[("missing-key", 3, "has no `type`")]);
    mistakes(&of("b: nonsense"), &[("not-declared", 3, "the type nonsense of attribute b of a")]);
    mistakes(
        &of("b: text, c: {type: text, renamed_from: b}"),
        &[("contradiction", 3, "still has the attribute b, which `renamed_from` says is now c")],
    );
    mistakes(
        &of("b: {type: text, renamed_from: d}, c: {type: text, renamed_from: d}"),
        &[("contradiction", 3, "two attributes of the composite type a are renamed from d: b and c")],
    );
    // A composite type is a relation, too.
    mistakes(
        &format!("{}sequences:\n  a: {{}}\n", of("b: text")),
        &[("duplicate-name", 2, "sequence a and composite type a have one relation name")],
    );
    mistakes("range_types:\n  a: {collation: '\"C\"'}\n", &[("missing-key", 2, "has no `subtype`")]);
    mistakes("range_types:\n  a: {subtype: int4, subtype_diff: 'f, canonical = g'}\n", &[("sql", 2, "canonical")]);
}

#[test]
fn yaml_that_eats_sql() {
    let column = |text: &str| format!("tables:\n  t:\n    columns:\n      a: {text}\n");
    mistakes(&column("text default 'x #y'"), &[("yaml-eats-sql", 4, "write \"text default 'x #y'\"")]);
    mistakes(&column("text default 'a' # the first"), &[("yaml-eats-sql", 4, "its own line above")]);
    mistakes(&column("{type: numeric(10,2)}"), &[("yaml-eats-sql", 4, "write \"numeric(10,2)\"")]);
    mistakes(&column("{type: text not null}"), &[("sql", 4, "are keys beside `type`")]);
    mistakes(&column("{type: text, default: f('a,b')}"), &[("yaml-eats-sql", 4, "write \"f('a,b')\"")]);
    mistakes(&column("{type: text, default: a # b}"), &[("yaml", 5, "must be quoted as a whole")]);
}

#[test]
fn yaml_that_is_none() {
    mistakes("tables:\n\tt:\n", &[("yaml", 2, "indent with spaces")]);
    mistakes("tables: [\n", &[("yaml", 2, "a value is expected")]);
    mistakes("tables:\n  t:\n    columns: {a: int}\n    columns: {b: int}\n", &[("duplicate-key", 3, "twice")]);
    mistakes("tables: {t: {columns: {a: int}}}\n---\ntables: {}\n", &[("yaml", 3, "several documents")]);
    mistakes("tables: !!python/object:os.system {t: }\n", &[("yaml", 1, "a tag")]);
    mistakes("tables:\n  t:\n    comment: \"a\\0b\"\n    columns: {a: int}\n", &[("wrong-type", 3, "NUL")]);
    mistakes("tables:\n  t:\n    comment: \"a\0b\"\n", &[("yaml", 3, "NUL byte")]);
}

#[test]
fn bombs_end_at_once() {
    let laughs = "a: &a [x, x]\nb: [*a, *a]\n";
    mistakes(laughs, &[("yaml", 1, "an anchor"), ("yaml", 2, "an alias (`*name`), 2 times")]);
    mistakes(
        "a: &a {x: 1}\ntables:\n  <<: *a\n",
        &[("yaml", 1, "an anchor"), ("yaml", 3, "a merge key"), ("yaml", 3, "an alias")],
    );
    let deep: String = (0..3000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    mistakes(&deep, &[("yaml", 65, "deeper than 64")]);
    mistakes(&"- ".repeat(100_000), &[("yaml", 1, "deeper than 64")]);
    for open in ["[", "{a: "] {
        mistakes(&open.repeat(100_000), &[("yaml", 1, "nested too deeply")]);
    }
}

#[test]
fn a_line_of_a_megabyte_is_not_printed() {
    let scene = super::scene::Scene::new(&"[".repeat(1 << 20));
    let run = scene.refused(&["validate"], 1, &["[schema/a.yaml:1:"]);
    assert!(run.err.len() < 2_000, "{} bytes", run.err.len());
    let list: String = (0..200).map(|n| format!("- line {n}\n")).collect();
    let run = super::scene::Scene::new(&list).refused(&["validate"], 1, &["wrong-type", "line 0"]);
    assert!(!run.err.contains("line 9"), "{}", run.err);
}

#[test]
fn sql_that_is_nested_too_deeply_ends_at_once() {
    let check = |check: String| format!("tables:\n  t:\n    columns: {{a: int}}\n    checks:\n      c: \"{check}\"\n");
    let around = |open: &str, count: usize, close: &str| format!("{}a > 0{}", open.repeat(count), close.repeat(count));
    for text in [
        around("(", 50_000, ")"),
        around("not ", 5_000, ""),
        around("case when a > 0 then ", 20_000, " end"),
        format!("a {} > 0", "+ 1 ".repeat(100_000)),
        format!("a{} > 0", "::int".repeat(30_000)),
    ] {
        mistakes(&check(text), &[("sql", 5, "nested deeper than pgform reads")]);
    }
    let union = format!("views:\n  v: select 1 as a{}\n", " union all select 1".repeat(20_000));
    mistakes(&union, &[("sql", 2, "nested deeper than pgform reads")]);
    // Many on one level are no depth; and some hundred levels are nothing.
    for text in
        [around("(", 100, ")"), format!("a > 0{}", " and a > 0".repeat(500)), format!("a {} > 0", "+ 1 ".repeat(500))]
    {
        super::scene::Scene::new(&check(text)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
}
