//! pgvector's limits, judged without a database: its own checks run inside the index build, and leave an invalid index behind.
use super::scene::{Mistake, Scene, mistakes};

/// `t` with these columns on lines 6 and following, and this index behind them.
fn table(columns: &[&str], index: &str) -> String {
    let columns: String = columns.iter().map(|line| format!("      {line}\n")).collect();
    format!(
        "extensions:\n  vector: {{version: \">= 0.7\"}}\ntables:\n  t:\n    columns:\n{columns}    indexes:\n      i: {index}\n"
    )
}

/// One column on line 6, the index on line 8.
#[track_caller]
fn refused(column: &str, index: &str, expected: &[Mistake<'_>]) {
    mistakes(&table(&[&format!("e: {column}")], index), expected);
}

#[track_caller]
fn taken(column: &str, index: &str) {
    Scene::new(&table(&[&format!("e: {column}")], index)).run(&["validate"]).expect(0, &["no mistakes"]);
}

fn hnsw(key: &str) -> String {
    format!("{{using: hnsw, keys: [\"{key}\"]}}")
}

fn ivfflat(key: &str) -> String {
    format!("{{using: ivfflat, keys: [\"{key}\"]}}")
}

const DIMENSIONS: &str = "vector-dimensions";
const CLASS: &str = "vector-operator-class";
const PARAMETER: &str = "vector-parameter";
const INDEX: &str = "vector-index";

#[test]
fn dimensions_by_type_and_method() {
    for (word, most, class) in
        [("vector", 2_000, "vector_l2_ops"), ("halfvec", 4_000, "halfvec_l2_ops"), ("bit", 64_000, "bit_hamming_ops")]
    {
        for index in [hnsw(&format!("e {class}")), ivfflat(&format!("e {class}"))] {
            taken(&format!("{word}({most})"), &index);
            refused(&format!("{word}({})", most + 1), &index, &[(DIMENSIONS, 6, "takes at most")]);
            if word != "bit" {
                refused(word, &index, &[(DIMENSIONS, 6, "with its dimensions")]);
            }
        }
    }
    taken("sparsevec(1000000000)", &hnsw("e sparsevec_l2_ops"));
    let btree = "[id]";
    for (column, said) in [
        ("vector(16001)", "at most 16,000"),
        ("vector(0)", "at least 1"),
        ("vector(-1)", "at least 1"),
        ("vector(3, 4)", "one number"),
        ("halfvec(16001)", "at most 16,000"),
        ("halfvec(x)", "no number of dimensions"),
        ("sparsevec(1000000001)", "at most 1,000,000,000"),
        ("bit(83886081)", "at most 83,886,080"),
    ] {
        mistakes(&table(&[&format!("e: {column}"), "id: int"], btree), &[(DIMENSIONS, 6, said)]);
    }
    // More than a plain index takes, by a cast.
    taken("vector(3072)", &hnsw("(e::halfvec(3072)) halfvec_cosine_ops"));
    taken("vector(3072)", &hnsw("(binary_quantize(e)::bit(3072)) bit_hamming_ops"));
    taken("vector(3072)", &hnsw("(subvector(e, 1, 256)::vector(256)) vector_cosine_ops"));
    taken("vector", &hnsw("(e::vector(8)) vector_cosine_ops"));
    refused("vector(5000)", &hnsw("(e::halfvec(5000)) halfvec_cosine_ops"), &[(DIMENSIONS, 8, "takes at most 4,000")]);
    refused("vector(70000)", &hnsw("e vector_l2_ops"), &[(DIMENSIONS, 6, "at most 16,000")]);
    refused(
        "vector(70)",
        &hnsw("(binary_quantize(e)::bit(70000)) bit_hamming_ops"),
        &[(DIMENSIONS, 8, "takes at most 64,000")],
    );
    refused("vector(70)", &hnsw("(binary_quantize(e)) bit_hamming_ops"), &[(DIMENSIONS, 8, "cast it")]);
    refused("vector(70)", &hnsw("(subvector(e, 1, 3)) vector_l2_ops"), &[(DIMENSIONS, 8, "cast it")]);
    refused("vector(1)", &ivfflat("e vector_cosine_ops"), &[(DIMENSIONS, 8, "more than one dimension")]);
}

#[test]
fn operator_classes_by_type_and_method() {
    let classes =
        |word: &str, names: &[&str]| names.iter().map(|name| format!("e {word}_{name}_ops")).collect::<Vec<_>>();
    for (word, in_hnsw, in_ivfflat) in [
        ("vector", &["l2", "ip", "cosine", "l1"][..], &["l2", "ip", "cosine"][..]),
        ("halfvec", &["l2", "ip", "cosine", "l1"], &["l2", "ip", "cosine"]),
        ("sparsevec", &["l2", "ip", "cosine", "l1"], &[]),
        ("bit", &["hamming", "jaccard"], &["hamming"]),
    ] {
        for key in classes(word, in_hnsw) {
            taken(&format!("{word}(8)"), &hnsw(&key));
            if !in_ivfflat.iter().any(|name| key.contains(&format!("_{name}_"))) {
                let code = if word == "sparsevec" { INDEX } else { CLASS };
                refused(&format!("{word}(8)"), &ivfflat(&key), &[(code, 8, "")]);
            }
        }
        for key in classes(word, in_ivfflat) {
            taken(&format!("{word}(8)"), &ivfflat(&key));
        }
        refused(&format!("{word}(8)"), &hnsw("e"), &[(CLASS, 8, "choose by the distance")]);
    }
    taken("vector(8)", &ivfflat("e"));
    refused("halfvec(8)", &ivfflat("e"), &[(CLASS, 8, "needs an operator class")]);
    refused("vector(8)", &hnsw("e halfvec_l2_ops"), &[(CLASS, 6, "halfvec_l2_ops is for halfvec")]);
    refused("halfvec(8)", &hnsw("e vector_l2_ops"), &[(CLASS, 6, "vector_l2_ops is for vector")]);
    refused("vector(8)", &hnsw("(e::halfvec(8)) vector_l2_ops"), &[(CLASS, 8, "vector_l2_ops is for vector")]);
    refused("vector(8)", &hnsw("e vector_cosin_ops"), &[(CLASS, 8, "did you mean `vector_cosine_ops`?")]);
    refused("text", &hnsw("e vector_l2_ops"), &[(INDEX, 6, "cannot be on text")]);
    refused("vector(8)[]", &hnsw("e vector_l2_ops"), &[(INDEX, 6, "cannot be on")]);
}

#[test]
fn parameters_in_their_ranges() {
    let with = |method: &str, with: &str| format!("{{using: {method}, keys: [\"e vector_l2_ops\"], with: {{{with}}}}}");
    for ok in [
        "m: 2",
        "m: 100, ef_construction: 200",
        "ef_construction: 1000",
        "m: 16, ef_construction: 32",
        "m: 2, ef_construction: 4",
    ] {
        taken("vector(8)", &with("hnsw", ok));
    }
    for (bad, said) in [
        ("m: 1", "must be 2 to 100"),
        ("m: 101, ef_construction: 1000", "must be 2 to 100"),
        ("ef_construction: 3", "must be 4 to 1,000"),
        ("ef_construction: 1001", "must be 4 to 1,000"),
        ("m: 33", "at least twice `m`"),
        ("m: 16, ef_construction: 31", "write {m: 16, ef_construction: 32}"),
        ("m: many", "must be a whole number, 2 to 100"),
        ("m: 1.5", "must be a whole number, 2 to 100"),
        ("m: 16.0", "must be a whole number, 2 to 100"),
        ("lists: 5", "hnsw takes m, ef_construction"),
        ("ef_constructoin: 64", "did you mean `ef_construction`?"),
    ] {
        refused("vector(8)", &with("hnsw", bad), &[(PARAMETER, 8, said)]);
    }
    for ok in ["lists: 1", "lists: 32768"] {
        taken("vector(8)", &with("ivfflat", ok));
    }
    for (bad, said) in [
        ("lists: 0", "must be 1 to 32,768"),
        ("lists: 32769", "must be 1 to 32,768"),
        ("m: 16", "ivfflat takes lists"),
        ("probes: 10", "ivfflat takes lists"),
    ] {
        refused("vector(8)", &with("ivfflat", bad), &[(PARAMETER, 8, said)]);
    }
}

#[test]
fn what_the_methods_do_not_have() {
    let index = |rest: &str| format!("{{using: hnsw, keys: [\"e vector_l2_ops\"], {rest}}}");
    for (rest, said) in [("unique: true", "cannot be unique"), ("include: [id]", "takes no `include`")] {
        mistakes(&table(&["e: vector(8)", "id: int"], &index(rest)), &[(INDEX, 9, said)]);
    }
    let keys = |method: &str, keys: &str| format!("{{using: {method}, keys: [{keys}]}}");
    for method in ["hnsw", "ivfflat"] {
        let two = table(&["e: vector(8)", "id: int"], &keys(method, "\"e vector_l2_ops\", id"));
        mistakes(&two, &[(INDEX, 9, "has one key")]);
        for order in ["asc", "desc", "nulls first", "nulls last"] {
            refused("vector(8)", &keys(method, &format!("\"e vector_l2_ops {order}\"")), &[(INDEX, 8, "has no order")]);
        }
    }
    taken("vector(8)", "{using: hnsw, keys: [\"e vector_l2_ops\"], where: \"e is not null\"}");
}

#[test]
fn the_extension_and_its_least_version() {
    let text = |extension: &str, column: &str, index: &str| {
        format!(
            "extensions:\n  {extension}\ntables:\n  t:\n    columns:\n      e: {column}\n    indexes:\n      i: {index}\n"
        )
    };
    let at = |version: &str| format!("vector: {{version: \">= {version}\"}}");
    let code = "extension-version";
    for (version, column, index, said) in [
        ("0.4.4", "vector(8)", hnsw("e vector_l2_ops"), "0.5"),
        ("0.6.2", "halfvec(8)", hnsw("e halfvec_l2_ops"), "0.7"),
        ("0.6.2", "sparsevec(8)", hnsw("e sparsevec_l2_ops"), "0.7"),
        ("0.6.2", "bit(8)", hnsw("e bit_hamming_ops"), "0.7"),
        ("0.6.2", "bit(8)", hnsw("e bit_jaccard_ops"), "0.7"),
        ("0.6.2", "vector(8)", hnsw("e vector_l1_ops"), "0.7"),
        ("0.6.2", "vector(8)", hnsw("(binary_quantize(e)::bit(8)) bit_hamming_ops"), "0.7"),
        ("0.6.2", "vector(8)", hnsw("(e::halfvec(8)) halfvec_l2_ops"), "0.7"),
    ] {
        mistakes(&text(&at(version), column, &index), &[(code, 2, &format!("needs pgvector {said}"))]);
        Scene::new(&text(&at("0.7"), column, &index)).run(&["validate"]).expect(0, &["no mistakes"]);
    }
    // A function may be somebody's own, as long as nothing is known of any database.
    let part = hnsw("(subvector(e, 1, 4)::vector(4)) vector_l2_ops");
    let scene = Scene::new(&text(&at("0.6.2"), "vector(8)", &part));
    scene
        .run(&["validate"])
        .expect(0, &["warning[extension-version]", "function subvector in index i, if it is pgvector's"]);
    scene.refused(&["plan", "-m", "x"], 1, &["error[extension-version]", "the function subvector in index i needs"]);
    Scene::new(&text(&at("0.5"), "vector(8)", &hnsw("e vector_l2_ops"))).run(&["validate"]).expect(0, &["no mistakes"]);
    mistakes(&text("vector: {version: \"0.7\"}", "vector(8)", &ivfflat("e")), &[("wrong-type", 2, "write \">= 0.7\"")]);
    mistakes(&text("vector: {version: 0.7}", "vector(8)", &ivfflat("e")), &[("wrong-type", 2, "write \">= 0.7\"")]);
    mistakes(&text("pgvector:", "int", "[e]"), &[("name", 2, "write `vector:`")]);
    mistakes(&text("hstore:", "vector(8)", &ivfflat("e")), &[("not-declared", 6, "vector: {version: \">= 0.5\"}")]);
    let elsewhere = text("vector: {version: \">= 0.7\", schema: extensions}", "public.vector(8)", &ivfflat("e"));
    mistakes(&elsewhere, &[("not-declared", 2, "the extension vector is in extensions")]);
}
