//! What `pg_dump` says of a database, taken apart so that two databases can be compared by it: nothing of pgform's own
//! reading is in it.
use super::server::{Server, TestDatabase, fresh_database};
use std::collections::BTreeMap;

/// One entry for each thing that is dumped: its heading (name, kind, schema, owner) and its statements. Taken out is the
/// order of the entries, which follows from how objects depend on each other, and the order in which privileges were
/// granted; and the name of a not-null constraint that PostgreSQL gave it for some table, which a partition has from its
/// parent. What a setting before it says of a table or an index (its tablespace, its access method) stands with it.
pub fn entries(dump: &str) -> Vec<String> {
    let mut settings: BTreeMap<&str, &str> = BTreeMap::new();
    let mut out: Vec<String> = Vec::new();
    for line in dump.lines() {
        if let Some(heading) = line.strip_prefix("-- Name: ") {
            let told: Vec<String> = settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
            out.push(format!("{heading} [{}]", told.join(" ")));
        } else if let Some((name, value)) = line.strip_prefix("SET default_").and_then(|rest| rest.split_once(" = ")) {
            settings.insert(name, value);
        } else if line.trim().is_empty() || line.starts_with("--") {
            // Between the entries.
        } else if let Some(entry) = out.last_mut() {
            entry.push('\n');
            entry.push_str(&without_usual_name(line));
        }
    }
    let mut out: Vec<String> = out.into_iter().map(sorted_privileges).collect();
    out.sort();
    out
}

fn sorted_privileges(entry: String) -> String {
    match entry.split_once('\n') {
        Some((heading, statements)) if heading.contains("Type: ACL;") || heading.contains("Type: DEFAULT ACL;") => {
            let mut lines: Vec<&str> = statements.lines().collect();
            lines.sort_unstable();
            format!("{heading}\n{}", lines.join("\n"))
        }
        _ => entry,
    }
}

/// `a integer CONSTRAINT t_a_not_null NOT NULL` without the name, where it is one of PostgreSQL's own for the column.
fn without_usual_name(line: &str) -> String {
    let usual = || {
        let (column, rest) = line.strip_prefix("    ")?.split_once(' ')?;
        let (head, tail) = rest.split_once(" CONSTRAINT ")?;
        let (name, tail) = tail.split_once(" NOT NULL")?;
        let own = format!("_{}_not_null", column.trim_matches('"'));
        let given = name.trim_matches('"').trim_end_matches(|c: char| c.is_ascii_digit());
        given.ends_with(&own).then(|| format!("    {column} {head} NOT NULL{tail}"))
    };
    usual().unwrap_or_else(|| line.to_owned())
}

/// What only one of two dumps has, empty where both say the same.
pub fn differences((name_a, a): (&str, &str), (name_b, b): (&str, &str)) -> String {
    let (a, b) = (entries(a), entries(b));
    let mut counts: BTreeMap<&String, i32> = BTreeMap::new();
    a.iter().for_each(|entry| *counts.entry(entry).or_default() += 1);
    b.iter().for_each(|entry| *counts.entry(entry).or_default() -= 1);
    let mut out = String::new();
    for (entry, count) in counts.into_iter().filter(|(_, count)| *count != 0) {
        out += &format!("only in {}: {entry}\n", if count > 0 { name_a } else { name_b });
    }
    out
}

/// What differs between two databases of one server, pgform's own schema apart. PostgreSQL does not print everything as it
/// read it (`s in ('a', 'b')` on varchar is another text after one dump): where the texts differ, both are loaded and
/// dumped once more before they are judged.
pub fn dumped_differences(original: &TestDatabase, built: &TestDatabase) -> String {
    let dump = |database: &TestDatabase| {
        database.server.dump(&database.name, &["--schema-only", "-N", "pgform", "-T", "alembic_version"])
    };
    let (a, b) = (dump(original), dump(built));
    if differences(("the original", &a), ("what was built", &b)).is_empty() {
        return String::new();
    }
    let again = |text: &str| loaded_and_dumped(original.server, text);
    differences(("the original", &again(&a)), ("what was built", &again(&b)))
}

fn loaded_and_dumped(server: &Server, text: &str) -> String {
    let scratch = fresh_database(server.version).unwrap();
    let errors = scratch.server.load(&scratch.name, text);
    assert!(errors.is_empty(), "{errors:#?}");
    scratch.server.dump(&scratch.name, &["--schema-only"])
}
