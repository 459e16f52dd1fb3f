//! The proof finds what it is there to find: a plan that spoils rows, whatever their table, column or label is called.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where it breaks")]
use pgform::{
    declaration::{Known, read_folder_texts},
    diagnostic::Source,
    diff::{Hints, Relabelled, apply_renames, diff},
    model::{ColumnName, ObjectId, Qualified, Rename, State},
    plan::{Input, format::Step, plan},
    prove::{Seeds, Subject, prove},
    shadow::{Bench, BuildError},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

const BEFORE: &str = "
enums: {state: [draft, done]}
tables:
  notes: {columns: {id: bigint not null, place: integer, state: state}}
";
const AFTER: &str = "
enums: {state: [draft, ready]}
tables:
  pages: {columns: {id: bigint not null, spot: integer, state: state}}
";

async fn state(bench: &mut Bench, text: &str) -> State {
    let text = text.replace("id: bigint not null", "id: \"bigint not null\"");
    let source = Arc::new(Source { name: "notes.yaml".to_owned(), text });
    let declared = read_folder_texts(&[source], &Known::default()).unwrap().state;
    bench.settle(&declared, &[]).await.unwrap_or_else(|e| panic!("{e:?}"))
}

/// What the proof says of the renames of a table, a column and a label, with a statement behind the last of them.
async fn proven(spoil: &str) -> Result<u64, String> {
    let mut bench = Bench::open(None, &[]).await.unwrap();
    let (old, after) = (state(&mut bench, BEFORE).await, state(&mut bench, AFTER).await);
    let table = |name: &str| Qualified::new("public", name);
    let column = |name: &str| ObjectId::column(table("pages"), ColumnName::new(name));
    let renames = [
        Rename { from: ObjectId::table(table("notes")), to: ObjectId::table(table("pages")) },
        Rename { from: column("place"), to: column("spot") },
    ];
    let state = ObjectId::enumeration(table("state"));
    let labels = [Relabelled { of: state, from: "done".to_owned(), to: "ready".to_owned() }];
    let hints =
        Hints { renamed_labels: BTreeMap::from([(state, BTreeMap::from([("done".to_owned(), "ready".to_owned())]))]) };
    let before = apply_renames(&old, &renames);
    let found = diff(&before, &after, &hints);
    let input = Input {
        before: &before,
        after: &after,
        diff: &found,
        renames: &renames,
        small: &BTreeSet::new(),
        using: &BTreeMap::new(),
        seed: "a",
    };
    let mut segments = plan(input).unwrap();
    let last = segments.last_mut().unwrap();
    if let Some(Step::Statement(one)) = last.steps.last().cloned().filter(|_| !spoil.is_empty()) {
        let mut statement = one;
        statement.sql = spoil.to_owned();
        last.steps.push(Step::Statement(statement));
    }
    let subject = Subject {
        before: &old,
        renamed: &before,
        after: &after,
        renames: &renames,
        labels: &labels,
        segments: &segments,
        seeds: &Seeds::new(),
        using: &BTreeMap::new(),
    };
    let proven = prove(&mut bench, subject).await;
    bench.close().await.unwrap();
    match proven {
        Ok(proven) => Ok(proven.proof.rows),
        Err(BuildError::Broken(diagnostics)) => Err(diagnostics.to_string()),
        Err(other) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn rows_are_followed_under_every_name() {
    assert!(proven("").await.unwrap() > 2);
    for spoil in [
        "update public.pages set spot = 7",
        "update public.pages set state = 'ready' where state = 'draft'",
        "delete from public.pages where id = 1",
    ] {
        let said = proven(spoil).await.expect_err(spoil);
        assert!(said.contains("rows of notes changed forward"), "{spoil}: {said}");
    }
}
