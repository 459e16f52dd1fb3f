//! What a declaration says is planned or refused at its place, though it be a default; what it leaves out is carried,
//! or as usual.
use crate::support::{expect, pgform, project};

/// An attribute as it is, in the text of a table, and the ways to say that it is not to be so.
struct Said {
    attribute: &'static str,
    is: (&'static str, &'static str),
    says: &'static [&'static str],
}

const TABLE: &str = "\
tables:
  t:
    TABLE
    columns:
      id: bigint not null
      note: NOTE
    primary_key: KEY
    indexes:
      t_lower_idx: INDEX
views:
  v: VIEW
";

const NOTHING: [(&str, &str); 5] = [
    ("TABLE", "comment: A table"),
    ("NOTE", "{type: text}"),
    ("KEY", "{columns: [id]}"),
    ("INDEX", "{keys: [\"lower(note)\"]}"),
    ("VIEW", "{query: \"select id, note from t\"}"),
];

const ALL: &[Said] = &[
    Said { attribute: "row_security", is: ("TABLE", "row_security: true"), says: &["row_security: false"] },
    Said {
        attribute: "force_row_security",
        is: ("TABLE", "force_row_security: true"),
        says: &["force_row_security: false"],
    },
    Said {
        attribute: "with",
        is: ("TABLE", "with: {fillfactor: 70}"),
        says: &["with: {}", "with: {fillfactor: 80}", "with: {toast.autovacuum_enabled: false}"],
    },
    Said {
        attribute: "replica_identity",
        is: ("TABLE", "replica_identity: full"),
        says: &["replica_identity: default", "replica_identity: nothing"],
    },
    Said { attribute: "unlogged", is: ("TABLE", "unlogged: true"), says: &["unlogged: false"] },
    Said {
        attribute: "storage",
        is: ("NOTE", "{type: text, storage: external}"),
        says: &[
            "{type: text, storage: default}",
            "{type: text, storage: extended}",
            "text storage default",
            "text storage main",
        ],
    },
    Said {
        attribute: "compression",
        is: ("NOTE", "{type: text, compression: pglz}"),
        says: &["{type: text, compression: default}", "text compression default"],
    },
    Said {
        attribute: "statistics",
        is: ("NOTE", "{type: text, statistics: 50}"),
        says: &["{type: text, statistics: -1}", "{type: text, statistics: 0}"],
    },
    Said {
        attribute: "options",
        is: ("NOTE", "{type: text, options: {n_distinct: 5}}"),
        says: &["{type: text, options: {}}", "{type: text, options: {n_distinct: 6}}"],
    },
    Said {
        attribute: "with",
        is: ("KEY", "{columns: [id], with: {fillfactor: 70}}"),
        says: &["{columns: [id], with: {}}"],
    },
    Said {
        attribute: "statistics",
        is: ("INDEX", "{keys: [\"lower(note)\"], statistics: {1: 50}}"),
        says: &["{keys: [\"lower(note)\"], statistics: {}}"],
    },
    Said {
        attribute: "defaults",
        is: ("VIEW", "{query: \"select id, note from t\", defaults: {note: \"'x'\"}}"),
        says: &["{query: \"select id, note from t\", defaults: {}}"],
    },
];

/// Attributes that silence puts back to what is usual, which is planned or refused as if it were said: a table that says
/// nothing is written to the log, and open to whoever has privileges. Policies that are left out go, and row security
/// that stayed on without them would let nobody through.
const SILENCE_IS_USUAL: [&str; 3] = ["unlogged", "row_security", "force_row_security"];

fn declaration(slot: &str, text: &str) -> String {
    NOTHING
        .iter()
        .fold(TABLE.to_owned(), |all, (name, usual)| all.replacen(name, if *name == slot { text } else { usual }, 1))
}

#[test]
fn what_is_said_is_never_no_changes_and_what_is_left_out_is_carried() {
    let mut wrong = String::new();
    for Said { attribute, is: (slot, is), says } in ALL {
        let dir = project(&declaration(slot, is));
        let (dir, file) = (dir.path(), dir.path().join("schema/documents.yaml"));
        expect(&pgform(dir, &["plan", "-m", "first"]), 0, "0001");
        expect(&pgform(dir, &["plan", "-m", "again"]), 0, "no changes");
        for text in *says {
            std::fs::write(&file, declaration(slot, text)).unwrap();
            let run = pgform(dir, &["plan", "-m", "said", "--output", "p.yaml"]);
            let refused = run.code == 1
                && run.err.contains(&format!("`{attribute}` of"))
                && run.err.contains("schema/documents.yaml:");
            let planned = run.code == 0 && !run.out.contains("no changes");
            if !refused && !planned {
                wrong.push_str(&format!("{is} → {text}: exit {}\n{}{}\n", run.code, run.out, run.err));
            }
        }
        let nothing = NOTHING.iter().find(|(name, _)| name == slot).map_or("", |(_, usual)| usual);
        std::fs::write(&file, declaration(slot, nothing)).unwrap();
        let run = pgform(dir, &["plan", "-m", "silent", "--output", "p.yaml"]);
        let right = if SILENCE_IS_USUAL.contains(attribute) {
            run.code == 0 && run.out.contains("row security")
                || run.code == 1 && run.err.contains(&format!("`{attribute}` of"))
        } else {
            let comment = run.out.contains("+ comment") && *slot == "TABLE";
            run.code == 0 && (run.out.contains("no changes") || comment)
        };
        if !right {
            wrong.push_str(&format!("{is} left out: exit {}\n{}{}\n", run.code, run.out, run.err));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
