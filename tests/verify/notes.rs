//! What a plan takes note of hides nothing: what stands under `records:` is planned again and told as all the rest.
use super::{SECOND, apply, everywhere, planned, sealed, sql};
use crate::support::{TestDatabase, Version, expect, fresh_database, pgform};
use pgform::model::{Body, Fragment, Object, ObjectId};
use pgform::plan::format::Segment;
use pgform::store::{PlanFile, Plans};
use pgform::workflow::differences;
use std::{fs, path::Path};

/// A text search configuration that was changed by hand is taken note of, beside something that the plan makes.
fn noted(database: &TestDatabase) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let (dir, url) = (folder.path(), database.url.as_str());
    let schema = "create table documents (id bigint primary key, path text default 'x', legacy text);
        create table secrets (id bigint);
        create text search configuration twice (parser = default)";
    sql(database, schema);
    expect(&pgform(dir, &["import", "-d", url]), 0, "0001-baseline.yaml");
    // Privileges are taken note of where no file says that it says all of them.
    fs::remove_file(dir.join("schema/privileges.yaml")).unwrap();
    expect(&pgform(dir, &["adopt", "-d", url, "--yes"]), 0, "adopted");
    let by_hand = "alter text search configuration twice add mapping for word with simple;
        alter table documents alter legacy set statistics 50; grant select (legacy) on documents to public";
    sql(database, by_hand);
    everywhere(dir, "'x'", "'y'");
    let absorb = ["--absorb", "twice", "--absorb", "documents.legacy"];
    let plan = pgform(dir, &[&["plan", "-m", "second", "-d", url], &absorb[..]].concat());
    expect(&plan, 0, "0002-second.yaml");
    expect(&plan, 0, "take note of");
    expect(&pgform(dir, &["show", "second", "--verify"]), 0, "makes the same");
    folder
}

/// The plan, forged by somebody who knows how.
fn forge(dir: &Path, change: impl FnOnce(&mut PlanFile)) {
    let plans = Plans::load(&dir.join("plans")).unwrap();
    let mut file = plans.all().iter().find(|plan| plan.path.ends_with(SECOND)).unwrap().file().clone();
    change(&mut file);
    fs::write(dir.join(SECOND), sealed(&file.to_text().unwrap())).unwrap();
}

#[track_caller]
fn found(dir: &Path, database: &TestDatabase, what: &str) {
    let shown = pgform(dir, &["show", "second", "--sql", "--verify"]);
    assert_eq!(shown.code, 4, "{what}: {}\n{}", shown.out, shown.err);
    expect(&shown, 4, "not-verified");
    let approved = pgform(dir, &["approve", "second", "--accept", "DataLoss:documents.legacy"]);
    assert_eq!(approved.code, 4, "{what}: {}\n{}", approved.out, approved.err);
    let columns = "select string_agg(attname, ',' order by attnum) from pg_attribute \
                   where attnum > 0 and attrelid = 'documents'::regclass";
    let before = sql(database, columns);
    let applied = apply(dir, database);
    assert_eq!(applied.code, 4, "{what}: {}\n{}", applied.out, applied.err);
    assert_eq!(sql(database, columns), before, "{what}: something ran");
}

#[test]
fn what_an_honest_plan_changes_is_not_hidden_by_taking_note_of_it() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let honest = {
        let Some(other) = fresh_database(Version::V18) else { return };
        let folder = noted(&other);
        let plans = Plans::load(&folder.path().join("plans")).unwrap();
        plans.all().last().unwrap().file().body.segments[0].clone()
    };
    let note = |id: &ObjectId, gone: bool| Segment {
        does: vec![format!(
            "take note of {} {} {}",
            id.word(),
            id.short(),
            if gone { "as gone" } else { "as it is there" }
        )],
        ..honest.clone()
    };
    let dir = planned(&database);
    let dir = dir.path();
    let plans = Plans::load(&dir.join("plans")).unwrap();
    let plan = plans.all().iter().find(|plan| plan.path.ends_with(SECOND)).unwrap().clone();
    let before = plans.fold_before(plan.file()).unwrap();
    let whole = fs::read_to_string(dir.join(SECOND)).unwrap();
    assert_eq!(differences(plan.file(), &before), [""; 0]);
    let objects: Vec<ObjectId> = plan.file().header.changes.iter().map(|change| change.object).collect();
    assert!(objects.len() > 3, "{objects:?}");
    for id in &objects {
        for (with_segment, from_before, untold) in [
            (false, false, false),
            (true, false, false),
            (true, false, true),
            (true, true, false),
            (true, true, true),
            (false, true, true),
        ] {
            let mut file = plan.file().clone();
            let gone = file.header.after.get(id) == Some(&None);
            file.header.records = vec![*id];
            if from_before {
                let object: Option<Object> = before.get(id).cloned().or_else(|| file.header.after[id].clone());
                file.header.planned_before.insert(*id, object.unwrap());
            }
            if untold {
                file.header.changes.retain(|change| change.object != *id);
            }
            if with_segment {
                file.body.segments.insert(0, note(id, gone));
            }
            let how = format!("{id}: segment {with_segment}, planned before {from_before}, untold {untold}");
            let told = differences(&file, &before);
            assert!(!told.is_empty(), "{how}: nothing was found");
            // All of it through the binary takes long: the most careful forger's is walked.
            if with_segment && from_before && untold {
                fs::write(dir.join(SECOND), sealed(&file.to_text().unwrap())).unwrap();
                found(dir, &database, &how);
                fs::write(dir.join(SECOND), &whole).unwrap();
            }
        }
    }
    expect(&apply(dir, &database), 0, "applied: 0002 second");
}

#[test]
fn what_is_taken_note_of_is_told_as_it_is() {
    let Some(database) = fresh_database(Version::V18) else { return };
    let folder = noted(&database);
    let dir = folder.path();
    let whole = fs::read_to_string(dir.join(SECOND)).unwrap();
    let evil = |file: &mut PlanFile| {
        let noted = file.header.after.values_mut().flatten().find_map(|object| {
            let Body::Definition(carried) = &mut object.body else { return None };
            carried.create.as_mut()
        });
        let fragment = noted.unwrap();
        assert!(fragment.sql().contains("for word with"), "{fragment:?}");
        let text = fragment.sql().replace("for word with", "for numword with");
        *fragment = Fragment::settled(text.clone(), text);
    };
    type Forger<'f> = (&'f str, &'f dyn Fn(&mut PlanFile));
    let forgers: [Forger<'_>; 6] = [
        ("another text", &evil),
        ("nothing told", &|file| file.header.changes.clear()),
        ("one told less", &|file| drop(file.header.changes.remove(0))),
        ("no note", &|file| file.header.records.clear()),
        ("a note of nothing", &|file| {
            let id = file.header.records[0];
            file.header.after.remove(&id);
        }),
        ("a segment that says otherwise", &|file| file.body.segments[0].does = vec!["tidy up".to_owned()]),
    ];
    for (what, forger) in forgers {
        forge(dir, forger);
        found(dir, &database, what);
        fs::write(dir.join(SECOND), &whole).unwrap();
    }
    // SQL in the segment that runs nothing.
    forge(dir, |file| {
        let [note, rest @ ..] = &mut file.body.segments[..] else { panic!("no segments") };
        note.steps.extend(rest[0].steps.clone());
    });
    found(dir, &database, "a step more");
    fs::write(dir.join(SECOND), &whole).unwrap();
    expect(&apply(dir, &database), 0, "applied: 0002 second");
    let url = database.url.as_str();
    expect(&pgform(dir, &["check", "-d", url]), 0, "drift: none");
    // What it changed goes back, what it took note of stays.
    let back = pgform(dir, &["rollback", "second", "-d", url, "--yes"]);
    expect(&back, 0, "rolled back: 0002 second");
    expect(&back, 0, "column documents.path, as it was");
    expect(&back, 0, "column documents.legacy, which was here before the plan");
    let default = "select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'documents'::regclass";
    assert_eq!(sql(&database, default), "'x'::text");
    assert_eq!(sql(&database, "select attstattarget from pg_attribute where attname = 'legacy'"), "50");
}
