//! Tests that a state survives being written to a plan file and read back.
use super::samples::Random;
use crate::declaration::{state_from_node, state_to_value};
use crate::diagnostic::Source;
use crate::model::{Body, Object, ObjectId, Qualified, State};
use crate::yaml;
use std::{collections::BTreeMap, sync::Arc};

fn back(text: &str) -> Result<BTreeMap<ObjectId, Option<Object>>, String> {
    let source = Arc::new(Source { name: "plan".into(), text: text.into() });
    let node = yaml::read_one(&source).map_err(|d| super::render::render(&d))?;
    state_from_node(&node).map_err(|d| super::render::render(&d))
}

#[test]
fn every_field_of_every_kind_survives() {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    for round in 0..400 {
        let mut objects = BTreeMap::new();
        for _ in 0..(1 + round % 12) {
            let (id, object) = random.object();
            objects.insert(id, (!random.next().is_multiple_of(5)).then_some(object));
        }
        let text = yaml::write(&state_to_value(&objects)).unwrap();
        match back(&text) {
            Ok(read) => assert_eq!(read, objects, "round {round}\n{text}"),
            Err(error) => panic!("round {round}\n{error}\n{text}"),
        }
        assert_eq!(yaml::write(&state_to_value(&back(&text).unwrap())).unwrap(), text);
    }
}

#[test]
fn a_state_reads_like_the_declaration() {
    let declared = super::render::read(&[("a.yaml", super::declared::EXAMPLE)]).unwrap();
    let mut objects: BTreeMap<_, _> = declared.state.objects.into_iter().map(|(id, o)| (id, Some(o))).collect();
    let gone = Qualified::new("public", "documents");
    objects.insert(ObjectId::column(gone, crate::model::ColumnName::new("legacy_path")), None);
    objects.insert(ObjectId::constraint(gone, crate::model::ConstraintName::new("old_check")), None);
    super::render::snapshot("state", &yaml::write(&state_to_value(&objects)).unwrap());
}

#[test]
fn what_is_no_state_is_refused_at_its_place() {
    for text in [
        "[]",
        "public: {tables: {t: {column: {}}}}",
        "public: {tables: {t: {columns: {c: text}}}}",
        "public: {tables: {t: {columns: {c: {type: text, not_null: maybe}}}}}",
        "public: {indexes: {i: {keys: [a]}}}",
        "opaque: {\"table [a, b]\": {}}",
        "opaque: {x: {}}",
        "public: {tables: {t: {constraints: {c: present}}}}",
        "public: {views: {v: {columns: [a]}}}",
        "public: {sequences: {s: {owned_by: [a]}}}",
    ] {
        let error = back(text).unwrap_err();
        assert!(error.contains("plan:1"), "{text}: {error}");
    }
}

#[test]
fn a_materialized_view_that_was_carried_along_is_read_as_one() {
    let text = "definitions:\n  view [public, m]:\n    create: |-\n      create materialized view public.m as  SELECT t.a\n         FROM public.t;\n      \
                CREATE INDEX m_a_idx ON public.m USING btree (a);\n      comment on materialized view public.m is 'it'\n    \
                carried: true\n    form: materialized view\n    owner: me\n";
    let objects = back(text).unwrap();
    let head = State { objects: objects.into_iter().map(|(id, object)| (id, object.unwrap())).collect() };
    let (view, index) =
        (ObjectId::view(Qualified::new("public", "m")), ObjectId::index(Qualified::new("public", "m_a_idx")));
    let object = head.get(&view).unwrap();
    assert_eq!((object.head.comment.as_deref(), object.head.owner.as_deref()), (Some("it"), Some("me")));
    assert!(object.view().is_some_and(|view| view.materialized && view.carried && view.query.as_settled().is_some()));
    assert!(matches!(head.body(&index), Some(Body::Index(_))));
    // Read back, it is what it was.
    let written =
        yaml::write(&state_to_value(&head.objects.iter().map(|(id, o)| (*id, Some(o.clone()))).collect())).unwrap();
    assert_eq!(
        back(&written).unwrap().into_values().flatten().collect::<Vec<_>>(),
        head.objects.values().cloned().collect::<Vec<_>>()
    );
}
