//! Tests that each mistake in a declaration is told, at its place and with its remedy.
use super::render::{mistakes, read, render, snapshot};
use crate::declaration::{Known, load, read_folder_texts};
use crate::model::Qualified;

/// Gives each case with its text and what is said about it.
fn all(cases: &[&str]) -> String {
    cases.iter().map(|text| format!("--------\n{text}\n=>\n{}", mistakes(text))).collect::<Vec<_>>().join("\n")
}

#[test]
fn shapes() {
    let cases = [
        "",
        "schema: app\n",
        "table: {}\ntables: [a]\n",
        "functions: {f: x}\nextensions: {vector: 0.7, pgvector: , x: {version: \"= 1\"}}\n",
        "tables:\n  t:\n    colums: {id: int}\n    unlogged: yes\n    grants: {}\n    primary_key: id\n",
        "tables:\n  t:\n    columns:\n      a: {typ: int}\n      b: {type: int, storage: plane, not_null: 1}\n      c: int primary key\n      d: serial\n      e: [int]\n      f:\n",
        "tables:\n  t:\n    columns:\n      a: text not nul\n      b: {type: text not null}\n      c: {type: \"numeric(10,2)\", default: \"1 +\"}\n      d: int storage fast\n      e: 5\n",
        "tables:\n  t:\n    columns:\n      a: {type: numeric(10,2)}\n      b: text default 'x' # y\n",
        "tables:\n  t:\n    columns: {a: int}\n    primary_key: []\n    checks: {c: \"a >\", d: {no_inherit: true}}\n    foreign_keys: {f: {columns: [a]}, g: {columns: [a], references: \"t (a) on delete cascade\", on_delete: set_null}}\n    indexes: {i: {keys: [\"a, b\"]}, j: {}, k: [a], l: []}\n",
        "tables:\n  t:\n    columns: {a: int}\n    exclusions: {x: [a], y: {using: gist}, z: {keys: []}, v: {keys: [\"a with =, b with =\"]}, w: a with =, u: {keys: [a with =], deferrable: maybe}}\n",
        "views:\n  v: {query: \"delete from t\"}\n  w: {columns: [a]}\n",
        "enums:\n  e: [a, a]\n  f: {labels: [b], renamed_labels: {c: a, b: b}}\n  g: {}\n",
        "sequences:\n  s: {increment: 0}\n  u: {as: smallint, max: 40000}\n  w: {min: 5, start: 1}\n  x: {as: text, owned_by: \"1\"}\n",
    ];
    snapshot("mistakes_shapes", &all(&cases));
}

#[test]
fn definitions() {
    let cases = [
        "functions:\n  f: {returns: int}\n  g(a int): {returns: int, language: sql, body: x}\n  h(mod): {returns: int, language: sql, body: x}\n  i(intt, ) : {}\n",
        "functions:\n  f(int):\n    arguments: [a text]\n    returns: int\n    language: sql\n    body: select 1\n  g():\n    retruns: int\n    language: sql\n    body: select 1\n  h():\n    returns: int strict\n    volatility: imutable\n    cost: -1\n    body: select 1\n  i():\n    language: sql\n    returns: int\n",
        "functions:\n  f(int): {create: \"create function f(text) returns int language sql as 'select 1'\"}\n  g(): {create: \"create table t ()\"}\n  h(): {create: \"create procedure h() language sql as ''\"}\nprocedures:\n  p(): {returns: int, language: sql, body: select 1}\n",
        "functions:\n  f(int): {returns: int, language: sql, body: select 1}\n  f(integer): {returns: int, language: sql, body: select 2}\n",
        "tables:\n  t:\n    columns: {a: int}\n    triggers:\n      one: {on: sometimes, execute: f()}\n      two: {on: before insert, of: [a], execute: \"f(1 + 1)\"}\n      three: {on: before update of a, for_each: line}\n      four: {on: after insert, deferrable: initially deferred, enabled: maybe, when: \"new.a >\", execute: f()}\n      five: {create: create trigger six before insert on t execute function f()}\n",
        "triggers: {t: {on: before insert}}\n",
        "tables:\n  t:\n    columns: {a: int}\n    policies:\n      one: {for: insert, using: a > 0}\n      two: {for: delete, check: a > 0}\n      three: {command: all, to: [], as: permisive}\n      four: {for: truncate, using: \"a >\"}\n      five: {create: create policy six on t using (true)}\n      seven: {create: create policy seven on t to current_user, using: a > 0}\n",
        "policies: {t: {using: \"true\"}}\n",
    ];
    snapshot("mistakes_definitions", &all(&cases));
}

#[test]
fn default_privileges() {
    let cases = [
        "default_privileges: [app]\n",
        "default_privileges:\n  public: {tables: {a: [select]}}\n  \"\": {}\n",
        "default_privileges:\n  app: {table: {a: [select]}, in_schemas: {}, views: {}}\n",
        "default_privileges:\n  app:\n    tables: {a: [execute], b: [selct], c: select, d: [select (id)], e: [1]}\n    functions: {a: [usage]}\n    schemas: {a: [all]}\n",
        "default_privileges:\n  app:\n    tables: {public: [select with grant option], a: [select granted by b]}\n",
        "default_privileges:\n  app:\n    functions: {public: [execute]}\n    tables: {}\n    types: {a: []}\n",
        "default_privileges:\n  app:\n    in_schema:\n      s:\n        schemas: {a: [usage]}\n        large_objects: {a: [select]}\n        functions: {public: []}\n        tables: {}\n        views: {a: [select]}\n",
        "default_privileges: {app: {tables: {a: [select]}}, \"app\": {tables: {b: [select]}}}\n",
        "tables:\n  t:\n    columns: {a: int}\n    default_privileges: {app: {tables: {a: [select]}}}\n",
    ];
    snapshot("mistakes_default_privileges", &all(&cases));
}

#[test]
fn aggregates() {
    let cases = [
        "aggregates:\n  f: {sfunc: int4pl, stype: int}\n  g(int): {colour: red}\n  h(a int): {sfunc: int4pl, stype: int}\n  i(mood): {sfunc: int4pl, stype: int}\n",
        "aggregates:\n  f(int): {arguments: [a text, b int], sfunc: int4pl, stype: int}\n  g(int): {arguments: [out a int], sfunc: int4pl, stype: int}\n  h(int, text): {arguments: [a int], order_by: [a int default 1], sfunc: int4pl, stype: int}\n  i(int, text): {order_by: [int], sfunc: int4pl, stype: int}\n",
        "aggregates:\n  f(int):\n    sfunc: int4pl(int, int)\n    stype: moood\n    sspace: -1\n    finalfunc_extra: 1\n    sortop: int[]\n    parallel: saef\n    hypothetical: true\n    msfunc: int4pl\n    serialfunc: s\n    initcond: [a]\n  g(int): {sfunc: int4pl, stype: setof int, minitcond: 0}\n",
        "aggregates:\n  f(int): {create: \"create aggregate f(text) (sfunc = textcat, stype = text)\"}\n  g(*): {create: \"create aggregate g (basetype = int, sfunc = int4pl, stype = int)\"}\n  h(*): {create: create table t ()}\n  i(int): {create: \"create aggregate i(int) (sfunc = int4pl, stype = int, color = red)\", sfunc: int4pl}\n",
        "functions:\n  f(int): {returns: int, language: sql, body: select 1}\naggregates:\n  f(integer): {arguments: [a int], sfunc: int4pl, stype: int}\n  g(int): {sfunc: int4pl, stype: int}\n  h(int): {renamed_from: i(text), sfunc: int4pl, stype: int}\n",
        "aggregates:\n  g(int): {sfunc: int4pl, stype: int}\n  g(integer): {arguments: [a int], sfunc: int4pl, stype: int}\n",
    ];
    snapshot("mistakes_aggregates", &all(&cases));
}

#[test]
fn partitions() {
    let cases = [
        "tables:\n  t:\n    columns: {a: int}\n    partitions: {p: for values in (1)}\n",
        "tables:\n  t:\n    columns: {a: int}\n    partition_by: lists (a)\n    partitions:\n      p: for values (1)\n      q: {columns: {b: int}}\n      r: {values: for values in (2), columns: {a: bigint, b: int}, partition_of: t default}\n      s: [1]\n",
        "tables:\n  p: {partition_of: t for values in (1)}\n  q: {partition_of: \"t for values in (1) with (fillfactor = 10)\", values: default}\n  r: {values: default, columns: {a: int}}\n",
        "tables:\n  t:\n    columns: {a: int}\n    partition_by: list (a)\n    partitions:\n      p: default\n      p: default\n",
        "tables:\n  t:\n    columns: {a: int}\n    partition_by: list (b)\n    indexes: {i: {part_of: j}, k: [c]}\n    partitions:\n      p: {values: default, indexes: {l: [c], m: {part_of: nothing}}}\n",
    ];
    snapshot("mistakes_partitions", &all(&cases));
}

#[test]
fn names() {
    let long = "n".repeat(64);
    let texts = [
        format!("tables:\n  {long}:\n    columns: {{{long}: int, \"\": int, \"a\\0b\": int, ctid: int, ~0123456789ab: int}}\n"),
        "schema: pg_mine\ntables: {t: {columns: {a: int}}}\n".to_owned(),
        "enums: {t: [a]}\nviews: {t: select 1 as a}\nsequences: {t: }\ntables: {t: {columns: {a: int}, indexes: {t: [a]}, unique: {s: [a]}, primary_key: {name: s, columns: [a]}}}\n".to_owned(),
        "tables:\n  a: {renamed_from: b, columns: {x: {type: int, renamed_from: x}}}\n  b: {columns: {}}\n  c: {renamed_from: d, columns: {}}\n  e: {renamed_from: d, columns: {}}\n".to_owned(),
        "tables:\n  a: {renamed_from: b, columns: {x: int}}\n  b: {renamed_from: a, columns: {x: int}}\n".to_owned(),
        "enums: {path: [a]}\ntables: {t: {columns: {c: path, d: public.path}}}\n".to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let twice = [("a.yaml", "tables: {t: {columns: {a: int}}}"), ("b.yaml", "tables:\n  t: {columns: {a: int}}\n")];
    let two = render(&read(&twice).unwrap_err());
    snapshot("mistakes_names", &format!("{}\n--------\n{two}", all(&texts)));
}

#[test]
fn references() {
    let cases = [
        "tables:\n  t:\n    columns: {a: int}\n    exclusions: {x: {keys: [b with =], where: c > 0, include: [d]}}\n",
        "tables:\n  t:\n    columns: {a: int4range}\n    exclusions: {x: {using: gits, keys: [a with &&]}}\n",
        "tables:\n  t:\n    columns: {id: int, path: text, g: \"text generated always as (pth || 'x') stored\"}\n    primary_key: [idd]\n    unique: {u: [path, path]}\n    checks: {c: \"t.pathh <> '' and id > 0\"}\n    indexes: {i: {keys: [\"lower(Path)\", pat], include: [x], where: \"gone\"}}\n",
        "tables:\n  t:\n    columns: {id: int, a: text default draft, b: \"int generated always as (c) stored\", c: \"int generated always as (id) stored\", d: text generated always as identity}\n",
        "tables:\n  t:\n    columns: {id: int, a: {type: int, default: 1, identity: always}, b: {type: int, identity: always, not_null: false}, c: {type: int, generated: id, virtual: true}, d: \"int generated always as (id)\", e: {type: int, not_null: true, not_null_name: x}}\n    foreign_keys: {f: {columns: [id], references: t, not_enforced: true}}\n",
        "tables:\n  a:\n    columns: {id: int, code: int}\n    primary_key: {columns: [id], deferrable: true}\n  b:\n    columns: {a: int}\n    foreign_keys:\n      gone: {columns: [a], references: \"aa (id)\"}\n      column: {columns: [a], references: \"a (idd)\"}\n      count: {columns: [a], references: \"a (id, code)\"}\n      key: {columns: [a], references: a (code)}\n      deferrable: {columns: [a], references: a}\n      view: {columns: [a], references: v}\n      nokey: {columns: [a], references: b}\n      elsewhere: {columns: [a], references: auth.users (id)}\nviews:\n  v: select 1 as id from a\n  w: select * from aaa join pg_class on true join information_schema.tables on true join auth.users on true\nsequences:\n  s: {owned_by: a.idd}\n  u: {owned_by: gone.id}\n  w: {owned_by: other.t.id}\n",
        "tables: {t: {columns: {a: int}, replica_identity: {index: i}, clustered_on: j}}\n",
    ];
    snapshot("mistakes_references", &all(&cases));
}

#[test]
fn what_is_known_beside_the_declaration_can_be_named() {
    let text = "tables: {t: {columns: {a: int}, foreign_keys: {f: {columns: [a], references: \"parts (id)\"}}}}\nviews: {v: \"select * from parts\"}\n";
    assert!(read(&[("a.yaml", text)]).is_err());
    let source = crate::diagnostic::Source { name: "a.yaml".into(), text: text.into() };
    let known = Known { relations: [Qualified::new("public", "parts")].into(), ..Known::default() };
    assert!(read_folder_texts(&[source.into()], &known).is_ok());
}

#[test]
fn vectors() {
    let table = |columns: &str, indexes: &str| {
        format!(
            "extensions: {{vector: {{version: \">= 0.7\"}}}}\ntables:\n  t:\n    columns: {{{columns}}}\n    indexes:\n      {indexes}\n"
        )
    };
    let texts = [
        "extensions:\n  vector: {version: \">= 0.7\"}\ntables:\n  documents:\n    columns:\n      path: text not null\n      embedding: vector(3072)\n    indexes:\n      embedding_hnsw:\n        using: hnsw\n        keys: [embedding vector_cosine_ops]\n".replace("[embedding vector_cosine_ops]", "[\"embedding vector_cosine_ops\"]"),
        table("e: vector(8192), h: halfvec(5000), b: bit(70000), s: sparsevec(100000)", "{i: {using: hnsw, keys: [\"e vector_l2_ops\"]}, j: {using: ivfflat, keys: [\"h halfvec_l2_ops\"]}, k: {using: hnsw, keys: [\"b bit_hamming_ops\"]}, l: {using: hnsw, keys: [\"s sparsevec_l2_ops\"]}}"),
        table("a: vector(16001), b: vector(0), c: halfvec(x), d: vector, e: \"sparsevec(1000000001)\"", "{i: {using: hnsw, keys: [\"d vector_l2_ops\"]}}"),
        table("e: vector(3), h: halfvec(3), s: sparsevec(3), x: text, one: vector(1)", "{a: {using: hnsw, keys: [e]}, b: {using: ivfflat, keys: [e]}, c: {using: ivfflat, keys: [h]}, d: {using: hnsw, keys: [\"e halfvec_l2_ops\"]}, f: {using: ivfflat, keys: [\"e vector_l1_ops\"]}, g: {using: hnsw, keys: [\"e vector_cosin_ops\"]}, i: {using: ivfflat, keys: [\"s sparsevec_l2_ops\"]}, j: {using: hnsw, keys: [\"x vector_l2_ops\"]}, k: {using: ivfflat, keys: [\"one vector_cosine_ops\"]}, l: {using: hnsw, keys: [\"e mine.my_ops\"]}}"),
        table("e: vector(3)", "{a: {using: hnsw, keys: [\"e vector_l2_ops\"], with: {m: 1, ef_construction: 2000, lists: 5}}, b: {using: hnsw, keys: [\"e vector_l2_ops\"], with: {m: 33}}, c: {using: hnsw, keys: [\"e vector_l2_ops\"], with: {m: 16, ef_construction: 31}}, d: {using: ivfflat, keys: [e], with: {lists: 0}}, f: {using: ivfflat, keys: [e], with: {list: many}}}"),
        table("e: vector(3), k: int", "{a: {using: hnsw, unique: true, keys: [\"e vector_l2_ops\"], include: [k]}, b: {using: hnsw, keys: [\"e vector_l2_ops\", k]}, c: {using: ivfflat, keys: [\"e desc\"]}}"),
        table("e: vector(3072)", "{a: {using: hnsw, keys: [\"(e::halfvec(3072)) halfvec_cosine_ops\"]}, b: {using: hnsw, keys: [\"(binary_quantize(e)::bit(3072)) bit_hamming_ops\"]}, c: {using: hnsw, keys: [\"(subvector(e, 1, 256)::vector(256)) vector_cosine_ops\"]}}"),
        table("e: vector(3), r: int4range", "{}\n    exclusions: {x: {using: gist, keys: [\"int4range(0, vector_dims(e::vector(2))) with &&\"], where: \"e::vector(4) is not null\"}}"),
        table("e: vector(3072)", "{a: {using: hnsw, keys: [\"(e::halfvec(3072)) vector_cosine_ops\"]}, b: {using: hnsw, keys: [\"(binary_quantize(e)) bit_hamming_ops\"]}, c: {using: hnsw, keys: [\"(e::vector(2500)) vector_cosine_ops\"]}, d: {using: hnsw, keys: [\"e mine.ops\"]}}"),
        "tables: {t: {columns: {e: vector(3)}}}\n".to_owned(),
        "extensions: {vector: {version: \">= 0.5.1\"}}\ntables: {t: {columns: {e: vector(3), h: halfvec(3)}}}\n".to_owned(),
        "extensions: {vector: }\ntables: {t: {columns: {e: vector(3), h: halfvec(3)}}}\n".to_owned(),
        "extensions: {vector: {version: \">= 0.6\"}}\ntables: {t: {columns: {e: vector(3), o: app.vector(3)}, indexes: {i: {using: hnsw, keys: [\"e vector_l1_ops\"]}}}}\n".to_owned(),
    ];
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    snapshot("mistakes_vectors", &all(&texts));
}

#[test]
fn folders() {
    let dir = std::env::temp_dir().join(format!("pgform-declaration-{}", std::process::id()));
    std::fs::create_dir_all(dir.join("deep")).unwrap();
    let codes = |d: Result<_, crate::diagnostic::Diagnostics>| {
        d.map(|_: crate::declaration::Declared| ()).unwrap_err().0[0].code.as_str()
    };
    assert_eq!(codes(load(&dir)), "nothing-declared");
    assert_eq!(codes(load(&dir.join("gone"))), "file");
    std::fs::write(dir.join("deep/t.yml"), "tables: {t: {columns: {a: int}}}").unwrap();
    std::fs::write(dir.join(".#t.yaml"), "broken: [").unwrap();
    assert!(load(&dir).is_ok());
    std::fs::write(dir.join("bad.yaml"), b"a: \xff").unwrap();
    assert_eq!(codes(load(&dir)), "file");
    std::fs::remove_dir_all(&dir).unwrap();
}

#[test]
fn all_mistakes_of_all_files_are_shown_at_once() {
    let files =
        [("a.yaml", "tables: {t: {columns: {a: intt nul}}}"), ("b.yaml", "a: [\n"), ("c.yaml", "enums: {e: 5}")];
    let shown = render(&read(&files).unwrap_err());
    assert!(["a.yaml", "b.yaml", "c.yaml"].iter().all(|name| shown.contains(name)), "{shown}");
}

/// Tests that reading a file ends with an answer, whatever stands in it.
#[test]
fn nothing_panics() {
    let mut random = super::samples::Random(7);
    let whole = format!("{}{}", super::declared::EXAMPLE, super::declared::REST.replace("schema: app", ""));
    let pieces =
        ["", "null", "[", "{}", "'", "\"\\0\"", ": ", "absent", "🦀", "(", "[a, {b: c}]", "|\n  x", "5", "::", "~"];
    for _ in 0..600 {
        let mut lines: Vec<String> = whole.lines().map(str::to_owned).collect();
        for _ in 0..1 + random.next() % 3 {
            let at = usize::try_from(random.next()).unwrap_or(1 << 40) % lines.len();
            let piece = pieces[usize::try_from(random.next() % 15).unwrap()];
            let line = lines[at].clone();
            let cut = line.char_indices().map(|(at, _)| at).nth((random.next() % 40) as usize).unwrap_or(line.len());
            lines[at] = match random.next() % 4 {
                0 => String::new(),
                1 => format!("{}{piece}{}", &line[..cut], &line[cut..]),
                2 => format!("{}{piece}", &line[..cut]),
                _ => line.find(": ").map_or(line.clone(), |colon| format!("{}: {piece}", &line[..colon])),
            };
        }
        let text = lines.join("\n");
        let answer = read(&[("a.yaml", &text)]);
        if let Err(diagnostics) = answer {
            assert!(diagnostics.has_errors() && !render(&diagnostics).is_empty());
        }
    }
}

#[test]
fn a_nul_is_refused_everywhere() {
    for text in [
        "tables: {t: {columns: {a: \"text\\0\"}}}",
        "tables: {t: {columns: {a: {type: int, default: \"1\\0\"}}}}",
        "tables: {t: {comment: \"a\\0\", columns: {a: int}}}",
        "tables: {t: {columns: {a: int}, foreign_keys: {f: {columns: [a], references: \"t\\0(a)\"}}}}",
        "tables: {t: {columns: {a: int}, indexes: {i: [\"a\\0\"]}}}",
        "views: {v: \"select 1 as a\\0\"}",
        "enums: {e: [\"a\\0\"]}",
    ] {
        assert!(read(&[("a.yaml", text)]).is_err(), "{text}");
    }
}
