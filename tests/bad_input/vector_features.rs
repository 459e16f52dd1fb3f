//! What a newer pgvector brought, in any SQL of the declaration; operator classes on methods that lack them.
use super::scene::{Scene, mistakes};

/// A table on lines 3 and following with some columns; `rest` begins on line 13.
fn table(version: &str, rest: &str) -> String {
    format!(
        "extensions: {{vector: {{version: \">= {version}\"}}}}
tables:
  t:
    columns:
      id: bigint not null
      a: real[]
      b: bit(3)
      c: bit(3)
      e: vector(3)
      f: vector(3)
      n: text
    primary_key: [id]
{rest}"
    )
}

fn check(sql: &str) -> String {
    format!("    checks: {{k: \"{sql}\"}}\n")
}

/// One mistake, whose place is on this line.
#[track_caller]
fn told(text: &str, line: usize, said: &str) {
    let place = format!("[schema/a.yaml:{line}:");
    Scene::new(text).refused(&["validate"], 1, &["error[extension-version]", said, &place]);
}

/// On line 13 or 14, where the text begins.
#[track_caller]
fn needs(version: &str, before: &str, rest: &str, said: &str) {
    let line = if rest.starts_with("views") { 14 } else { 13 };
    told(&table(before, rest), line, &format!("{said} needs pgvector {version}"));
    taken(version, rest);
}

#[track_caller]
fn taken(version: &str, rest: &str) {
    Scene::new(&table(version, rest)).run(&["validate"]).expect(0, &["no mistakes"]);
}

#[test]
fn types_and_operators_in_every_text() {
    for (rest, said) in [
        (check("e::halfvec(3) is not null"), "the type halfvec in check t.k"),
        (check("e::public.sparsevec is not null"), "the type sparsevec in check t.k"),
        (check("cast(e as halfvec) is not null"), "the type halfvec in check t.k"),
        (check("halfvec '[1,2,3]' is not null"), "the type halfvec in check t.k"),
        (check("('{}'::halfvec[]) is null"), "the type halfvec in check t.k"),
        (check("(e <+> f) < 2"), "the operator <+> in check t.k"),
        (check("e operator(public.<+>) f < 2"), "the operator <+> in check t.k"),
        (check("b <~> c < 2"), "the operator <~> in check t.k"),
        (check("b<%>c < 2"), "the operator <%> in check t.k"),
        (check("vector_dims(e || f) = 6"), "the operator || of vectors in check t.k"),
        (check("vector_dims(e || '[1]'::vector) = 4"), "the operator || of vectors in check t.k"),
        ("    indexes: {i: {keys: [id], where: \"(e <+> f) < 2\"}}\n".into(), "the operator <+> in index i"),
        ("    indexes: {i: {keys: [\"(e <+> f)\"]}}\n".into(), "the operator <+> in index i"),
        ("    indexes: {i: {keys: [\"vector_norm(e || f)\"]}}\n".into(), "the operator || of vectors in index i"),
        ("views:\n  v: select e::halfvec(3) as h from t\n".into(), "the type halfvec in view v"),
        ("views:\n  v: select id from t order by e <+> '[1,2,3]' limit 9\n".into(), "the operator <+> in view v"),
    ] {
        needs("0.7", "0.6.2", &rest, said);
    }
    let column = |text: &str| table("0.6", "").replace("n: text", text);
    for (text, said) in [
        ("n: float8 generated always as (e <+> f) stored", "the operator <+> in column t.n"),
        ("n: float8 default ('[1]'::vector <+> '[2]')", "the operator <+> in column t.n"),
        ("n: \"vector(3) generated always as (e::halfvec(3)::vector(3)) stored\"", "the type halfvec in column t.n"),
        ("n: halfvec(3)[]", "the type halfvec of t.n"),
    ] {
        told(&column(text), 11, &format!("{said} needs pgvector 0.7"));
    }
    // Arrays became sparse vectors later.
    for sql in
        ["a::sparsevec is not null", "array[1,2]::sparsevec(2) is not null", "'{1}'::real[]::sparsevec is not null"]
    {
        needs("0.8", "0.7", &check(sql), "the cast of an array to sparsevec in check t.k");
    }
    for ok in [
        "e::vector(3) is not null",
        "'{1:1}/2'::sparsevec is not null",
        "e::sparsevec is not null",
        "a::vector(3) is not null",
    ] {
        taken("0.7", &check(ok));
    }
    // PostgreSQL's own, with a text or an array on one side.
    for ok in ["n || 'x' <> ''", "(a || a) is not null", "(e || 'x') <> ''", "e <-> f < 2", "b # c = b'101'"] {
        taken("0.5", &check(ok));
    }
}

#[test]
fn dimensions_in_casts() {
    for (sql, said) in [
        ("e::halfvec(16001) is null", "a halfvec has at most 16,000 dimensions"),
        ("e::vector(0) is null", "a vector has at least 1 dimension"),
    ] {
        mistakes(&table("0.7", &check(sql)), &[("vector-dimensions", 13, said)]);
    }
}

#[test]
fn casts_that_cannot_be() {
    for (sql, code, said) in [
        ("e::bit(3) is null", "contradiction", "write binary_quantize(e)::bit(3)"),
        ("e::vector(3)::bit(3) is null", "contradiction", "has no cast to bit"),
        (
            "e::vector(4) is null",
            "vector-dimensions",
            "e has 3 dimensions, and a cast to vector(4) fails for every value",
        ),
        ("e::halfvec(2) is null", "vector-dimensions", "subvector(e, 1, 2)"),
    ] {
        mistakes(&table("0.7", &check(sql)), &[(code, 13, said)]);
    }
    let key = |key: &str| format!("    indexes: {{i: {{using: hnsw, keys: [\"{key}\"]}}}}\n");
    let four = key("(e::halfvec(4)) halfvec_l2_ops");
    mistakes(&table("0.7", &four), &[("vector-dimensions", 13, "fails for every value")]);
    mistakes(&table("0.7", &key("(e::bit(3)) bit_hamming_ops")), &[("contradiction", 13, "binary_quantize")]);
    for ok in ["(b) bit_hamming_ops", "(coalesce(e, f)) vector_l2_ops", "(nullif(e, f)) vector_l2_ops"] {
        taken("0.7", &key(ok));
    }
    for bad in ["(coalesce(e, '[0,0,0]')) vector_l2_ops", "(e + f) vector_l2_ops", "(l2_normalize(e)) vector_l2_ops"] {
        mistakes(&table("0.7", &key(bad)), &[("vector-dimensions", 13, "cast it")]);
    }
    taken("0.7", &key("((e)) vector_l2_ops"));
    for ok in ["e::halfvec::vector(3) is null", "e::real[] is null", "a::vector(4) is null", "e::halfvec(3) is null"] {
        taken("0.7", &check(ok));
    }
    let made = "f: vector(2) generated always as (subvector(e, 1, 2)) stored";
    let column = |text: &str| table("0.7", "").replace("f: vector(3)", text);
    Scene::new(&column(made)).run(&["validate"]).expect(0, &["no mistakes"]);
    let made = column("f: vector(2) generated always as (e) stored");
    mistakes(&made, &[("vector-dimensions", 10, "e has 3 dimensions")]);
}

#[test]
fn functions_may_be_somebodys_own() {
    let sql = "bit_count(binary_quantize(e)) > 0";
    // Nothing is known of any database yet: a warning.
    let said = "the function binary_quantize in check t.k, if it is pgvector's, needs pgvector 0.7";
    let scene = Scene::new(&table("0.6", &check(sql)));
    scene.run(&["validate"]).expect(0, &["warning[extension-version]", said, "[schema/a.yaml:13:"]);
    // A plan from nothing makes a database that has no functions.
    let said = "the function binary_quantize in check t.k needs pgvector 0.7";
    scene.refused(&["plan", "-m", "x"], 1, &["error[extension-version]", said]);
    for function in
        ["subvector(e, 1, 2)", "halfvec(e)", "l2_normalize(e)", "public.l2_normalize(e)", "hamming_distance(b, c)"]
    {
        let text = table("0.6", &check(&format!("{function} is not null")));
        Scene::new(&text).run(&["validate"]).expect(0, &["warning[extension-version]", "needs pgvector 0.7"]);
        taken("0.7", &check(&format!("{function} is not null")));
    }
    // Those that 0.5 has, and those of another schema.
    for function in ["l1_distance(e, f)", "vector_norm(e)", "app.subvector(e, 1, 2)", "vector_dims(e)"] {
        let run = Scene::new(&table("0.5", &check(&format!("{function} is not null")))).run(&["validate"]);
        run.expect(0, &["no mistakes"]);
        assert!(!run.words().contains("warning"), "{}", run.words());
    }
    // One of one's own, as `import` lists it.
    let own = "opaque:\n  function [public, binary_quantize, public.vector]: create function x\n";
    mistakes_of(
        &format!("{}{own}", table("0.6", &check("(e <+> f) < 2"))),
        &["the operator <+>"],
        &["binary_quantize"],
    );
    let others = table("0.6", &check("b <%> c < 1")).replace("{vector:", "{rdkit: {}, vector:");
    Scene::new(&others).run(&["validate"]).expect(0, &["no mistakes"]);
    let listed = format!("{}{own}", table("0.6", &check(sql)));
    mistakes_of(&listed, &[], &["binary_quantize in check"]);
}

/// `validate` says these parts, and not those; it may end either way.
#[track_caller]
fn mistakes_of(text: &str, said: &[&str], unsaid: &[&str]) {
    let words = Scene::new(text).run(&["validate"]).words();
    said.iter().for_each(|part| assert!(words.contains(part), "no `{part}` in {words}"));
    unsaid.iter().for_each(|part| assert!(!words.contains(part), "`{part}` in {words}"));
}

const CLASS: &str = "vector-operator-class";

/// One column on line 5, the index on line 7.
fn indexed(column: &str, index: &str) -> String {
    format!(
        "extensions: {{vector: {{version: \">= 0.7\"}}}}\ntables:\n  t:\n    columns:\n      e: {column}\n    indexes:\n      i: {index}\n"
    )
}

#[test]
fn operator_classes_that_a_method_lacks() {
    let using = |method: &str, key: &str| format!("{{using: {method}, keys: [\"{key}\"]}}");
    for method in ["gin", "gist", "brin", "spgist", "hash"] {
        for column in ["vector(3)", "halfvec(3)", "sparsevec(3)"] {
            let said = format!("{method} has no operator class for {}", column.trim_end_matches("(3)"));
            mistakes(&indexed(column, &using(method, "e")), &[(CLASS, 7, &said)]);
        }
        mistakes(&indexed("vector(3)", &using(method, "(e::halfvec(3))")), &[(CLASS, 7, "for halfvec")]);
        let arrays = indexed("vector(3)[]", &using(method, "e"));
        match method {
            "gin" | "hash" => drop(Scene::new(&arrays).run(&["validate"]).expect(0, &["no mistakes"])),
            _ => mistakes(&arrays, &[(CLASS, 7, "for vector[]")]),
        }
    }
    for (column, method, key, said) in [
        ("vector(3)", "btree", "e vector_l2_ops", "vector_l2_ops is of hnsw and ivfflat, and i is a btree index"),
        ("vector(3)", "btree", "e vector_l1_ops", "vector_l1_ops is of hnsw, and"),
        ("vector(3)", "gist", "e public.vector_cosine_ops", "write `using: hnsw`"),
        ("bit(3)", "btree", "e bit_hamming_ops", "bit_hamming_ops is of hnsw and ivfflat"),
        ("vector(3)", "hash", "e vector_ops", "vector_ops is of btree"),
        ("halfvec(3)", "btree", "e vector_ops", "vector_ops is for vector"),
        ("vector(3)[]", "btree", "e vector_ops", "vector_ops is for vector"),
        ("bit(3)", "btree", "e vector_ops", "vector_ops is for vector, and i is on bit(3)"),
        ("text", "btree", "e halfvec_ops", "halfvec_ops is for halfvec"),
        ("vector(3)", "hnsw", "e vector_ops", "vector_ops is of btree"),
    ] {
        mistakes(&indexed(column, &using(method, key)), &[(CLASS, 7, said)]);
    }
    for (column, index) in [
        ("vector(3)", "[e]"),
        ("vector(3)", "[\"e vector_ops\"]"),
        ("vector(3)", "[\"e public.vector_ops desc\"]"),
        ("vector(3)", "[\"e app.vector_l2_ops\"]"),
        ("halfvec(3)", "[\"e halfvec_ops\"]"),
        ("sparsevec(3)", "[e]"),
        ("bit(3)", "[e]"),
        ("vector(3)[]", "[e]"),
        ("vector(3)", "{keys: [\"vector_dims(e)\"]}"),
        ("vector(3)", "{using: gin, keys: [\"(e::real[])\"]}"),
    ] {
        Scene::new(&indexed(column, index)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
}

#[test]
fn vectors_have_no_collation() {
    for column in ["vector(3)", "halfvec(3)", "sparsevec(3)", "vector(3)[]"] {
        let text = indexed(&format!("'{column} collate \"C\"'"), "[e]");
        mistakes(&text, &[("contradiction", 5, "leave `collate` out")]);
    }
    mistakes(&indexed("{type: vector(3), collate: '\"C\"'}", "[e]"), &[("contradiction", 5, "has no collation")]);
    for index in ["['e collate \"C\"']", "{using: hnsw, keys: ['e collate \"C\" vector_l2_ops']}"] {
        mistakes(&indexed("vector(3)", index), &[("vector-index", 7, "vectors have no collation")]);
    }
    Scene::new(&indexed("text collate \"C\"", "['e collate \"C\"']")).run(&["validate"]).expect(0, &["no mistakes"]);
}

#[test]
fn vectors_that_no_btree_entry_holds() {
    let key = |column: &str| indexed(column, "[e]").replace("    indexes:\n      i: [e]\n", "    unique: {u: [e]}\n");
    for (word, most) in [("vector", 672), ("halfvec", 1344)] {
        let too_many = format!("{word}({})", most + 1);
        mistakes(&indexed(&too_many, "[e]"), &[("vector-index", 7, "has room for")]);
        mistakes(&indexed(&too_many, &format!("['(e::{too_many})']")), &[("vector-index", 7, "has room for")]);
        mistakes(&key(&too_many), &[("vector-index", 5, "every value would be refused by t.u")]);
        for ok in [indexed(&format!("{word}({most})"), "[e]"), key(&format!("{word}({most})"))] {
            Scene::new(&ok).run(&["validate"]).expect(0, &["no mistakes"]);
        }
    }
    for ok in [
        indexed("vector", "[e]"),
        indexed("sparsevec(9000)", "[e]"),
        indexed("{type: vector(9000), storage: extended}", "[e]"),
        indexed("vector(9000)", "{keys: [e], where: \"e is null\"}"),
    ] {
        Scene::new(&ok).run(&["validate"]).expect(0, &["no mistakes"]);
    }
}

#[test]
fn how_a_vector_is_kept() {
    for (word, most) in [("vector", 2032), ("halfvec", 4064)] {
        let column = |count: usize| table("0.7", "").replace("n: text", &format!("n: {word}({count}) storage plain"));
        mistakes(&column(most + 1), &[("vector-dimensions", 11, "no page has room for")]);
        Scene::new(&column(most)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
    let column = |text: &str| table("0.7", "").replace("n: text", text);
    for made in [
        "n: vector(3) generated always as (e)",
        "n: \"vector(3) generated always as (e) virtual\"",
        "n: integer generated always as (vector_dims(e))",
        "n: boolean generated always as (a::vector is null)",
        "n: {type: vector(3), generated: e, virtual: true}",
    ] {
        mistakes(&column(made), &[("contradiction", 11, "takes no types of extensions there")]);
    }
    for made in ["n: vector(3) generated always as (e) stored", "n: integer generated always as (cardinality(a))"] {
        Scene::new(&column(made)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
}

#[test]
fn domains_hide_their_dimensions() {
    for (index, said) in [
        ("{using: hnsw, keys: [\"e vector_l2_ops\"]}", "dv is a domain"),
        ("{using: ivfflat, keys: [e]}", "dv is a domain"),
        ("{using: hnsw, keys: [\"e public.bit_hamming_ops\"]}", "index a cast"),
    ] {
        mistakes(&indexed("elsewhere.dv", index), &[("vector-dimensions", 5, said)]);
    }
    for index in [
        "{using: hnsw, keys: [\"(e::vector(3)) vector_l2_ops\"]}",
        "{using: hnsw, keys: [\"e elsewhere.own_ops\"]}",
        "{using: hnsw, keys: [\"e elsewhere.vector_l2_ops\"]}",
    ] {
        Scene::new(&indexed("elsewhere.dv", index)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
}
