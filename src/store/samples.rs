//! Sample plans for the tests of this stage and of `report`.
use super::*;
use crate::{
    model::{
        Body, Column, ColumnName, ConstraintName, Digest, Fragment, Head, Index, IndexKey, Object, ObjectId,
        ObjectKind, Qualified, Rename, State,
    },
    plan::format::*,
};
use std::collections::{BTreeMap, BTreeSet};

pub(crate) fn column(table: &str, name: &str) -> ObjectId {
    ObjectId::column(Qualified::new("public", table), ColumnName::new(name))
}

pub(crate) fn constraint(table: &str, name: &str) -> ObjectId {
    ObjectId::constraint(Qualified::new("public", table), ConstraintName::new(name))
}

pub(crate) fn index(name: &str) -> ObjectId {
    ObjectId::index(Qualified::new("public", name))
}

pub(crate) fn table(name: &str) -> ObjectId {
    ObjectId::table(Qualified::new("public", name))
}

pub(crate) fn header(title: &str, parent: Option<&Digest>) -> Header {
    Header {
        format: Format::CURRENT,
        title: title.to_owned(),
        parent: parent.cloned(),
        replaces: Vec::new(),
        repairs: None,
        scope: RecordedScope { schemas: vec!["public".to_owned()], unmanaged: Vec::new() },
        postgres: PostgresVersions { lowest: 14, highest: 18 },
        target: PlanTarget::Database,
        models: MODELS,
        planner: None,
        changes: Vec::new(),
        renames: Vec::new(),
        labels: BTreeMap::new(),
        absorb: BTreeSet::new(),
        small: BTreeSet::new(),
        using: BTreeMap::new(),
        assumes: Vec::new(),
        uses: Vec::new(),
        records: Vec::new(),
        guards: BTreeMap::new(),
        base: parent.is_none().then(State::default),
        after: BTreeMap::new(),
        planned_before: BTreeMap::new(),
        planned_after: BTreeMap::new(),
    }
}

/// Plan with one segment.
pub(crate) fn plan(title: &str, parent: Option<&Digest>) -> PlanFile {
    let segments = vec![segment("do something", Vec::new(), Reversibility::Exact)];
    PlanFile { header: header(title, parent), body: PlanBody { segments, proof: None } }
}

pub(crate) fn statement(sql: &str) -> Step {
    Step::Statement(Statement { sql: sql.to_owned(), run_as: RunAs::Role, probe: None, clear: None })
}

pub(crate) fn segment(does: &str, locks: Vec<Lock>, kind: Reversibility) -> Segment {
    Segment {
        does: vec![does.to_owned()],
        locks,
        each: Vec::new(),
        steps: vec![statement("select 1")],
        hazards: Vec::new(),
        looks: Vec::new(),
        rule: None,
        back: Back { kind, conditions: Vec::new(), parts: Vec::new() },
        revive: None,
        absorb: false,
        leaves: BTreeMap::new(),
    }
}

fn change(does: Mark, object: ObjectId, kind: Option<&str>, detail: &str) -> PlannedChange {
    let under = object.is(ObjectKind::Index).then(|| table("documents"));
    PlannedChange { does, object, kind: kind.map(str::to_owned), under, detail: detail.to_owned() }
}

pub(crate) fn typed(written: &str, settled: &str) -> Object {
    Body::Column(Column::of_type(Fragment::settled(written, settled), 7)).into()
}

fn hnsw(key: &str) -> Object {
    let index = Index {
        table: Qualified::new("public", "documents"),
        method: "hnsw".to_owned(),
        unique: false,
        nulls_not_distinct: false,
        keys: vec![IndexKey { sql: Fragment::written(key) }],
        include: Vec::new(),
        with: [("m".to_owned(), "24".to_owned())].into_iter().collect(),
        predicate: Some(Fragment::settled("status = 'indexed'", "(status = 'indexed'::text)")),
        tablespace: None,
        valid: true,
        statistics: BTreeMap::new(),
        part_of: None,
    };
    Object { head: Head::with_comment(Some("for # search\n".to_owned())), body: Body::Index(index) }
}

/// Plan that adds embeddings to documents: seven segments, hazards and a proof, for snapshots.
pub(crate) fn embeddings(parent: &Digest) -> PlanFile {
    let lock = |mode, held| vec![Lock { relation: table("documents"), mode, held }];
    let strong = || lock(LockMode::AccessExclusive, Held::Moment);
    let weak = |held| lock(LockMode::ShareUpdateExclusive, held);
    let mut header = header("add embeddings", Some(parent));
    header.changes = vec![
        change(Mark::Created, column("documents", "embedding"), None, "halfvec(3072)"),
        change(Mark::Dropped, column("documents", "legacy_path"), None, "text"),
        change(Mark::Created, constraint("documents", "path_trimmed"), Some("check"), "path = btrim(path)"),
        change(Mark::Altered, index("embedding_hnsw"), None, "vector_l2_ops  →  vector_cosine_ops"),
    ];
    header.after = BTreeMap::from([
        (column("documents", "embedding"), Some(typed("halfvec(3072)", "public.halfvec(3072)"))),
        (column("documents", "legacy_path"), None),
        (index("embedding_hnsw"), Some(hnsw("embedding halfvec_cosine_ops"))),
    ]);
    header.guards = BTreeMap::from([(table("documents"), Digest::of("s1", b"documents"))]);
    let mut segments = vec![
        segment("add column embedding", strong(), Reversibility::LosesNewRows),
        segment("build embedding_hnsw beside", weak(Held::Build), Reversibility::Exact),
        segment("swap the two by name", strong(), Reversibility::Exact),
        segment("drop the old one, concurrently", weak(Held::Moment), Reversibility::Exact),
        segment("add path_trimmed, not valid", strong(), Reversibility::Exact),
        segment("validate it", weak(Held::Scan), Reversibility::Exact),
        segment("drop column legacy_path", strong(), Reversibility::StructureOnly),
    ];
    segments[1].hazards = vec![Hazard {
        hazard: HazardKind::IndexBuild,
        object: index("embedding_hnsw"),
        because: "the graph is built in maintenance_work_mem.".to_owned(),
    }];
    segments[6].hazards = vec![Hazard {
        hazard: HazardKind::DataLoss,
        object: column("documents", "legacy_path"),
        because: "its values go and don't come back.".to_owned(),
    }];
    segments[0].back.conditions = vec![Condition {
        kind: ConditionKind::Loses,
        object: column("documents", "embedding"),
        count: "select count(*) from public.documents where embedding is not null".to_owned(),
        says: "values of documents.embedding written since".to_owned(),
    }];
    segments[0].back.parts = vec![BackPart {
        locks: strong(),
        steps: vec![statement("alter table public.documents drop column embedding")],
        relief: Vec::new(),
    }];
    segments[0].leaves = BTreeMap::from([
        (column("documents", "embedding"), Some(Digest::of("s1", b"embedding"))),
        (column("documents", "gone"), None),
    ]);
    let proof = Some(Proof {
        partial: Vec::new(),
        server: "PostgreSQL 17.5, pgvector 0.8.2".to_owned(),
        rows: 14,
        boundaries: 7,
        stand_ins: Vec::new(),
    });
    PlanFile { header, body: PlanBody { segments, proof } }
}

/// Plan whose every text is as hostile as a database allows.
pub(crate) fn hostile() -> PlanFile {
    let evil = "a\"b'c\nd\t\u{1b}[2J\u{202e}x\u{2028}y: # - 日本\\n";
    let (object, text) = (column(evil, evil), evil.to_owned());
    let mut plan = plan(evil, Some(&Digest::of("p1", b"parent")));
    plan.header.replaces = vec![Digest::of("p1", b"one"), Digest::of("p1", b"two")];
    plan.header.scope.unmanaged = vec![text.clone(), "---".to_owned(), "parent: p1".to_owned()];
    plan.header.assumes = vec![text.clone(), "parent: x\nreplaces: y\n---\ndigest: z\n".to_owned()];
    plan.header.uses = vec![Use { kind: UseKind::Function, name: vec![text.clone()], shape: Some(text.clone()) }];
    plan.header.renames = vec![Rename { from: object, to: column(evil, "x") }];
    plan.header.after =
        BTreeMap::from([(object, None), (index(evil), None), (column(evil, "x"), Some(typed(evil, evil)))]);
    let base = ["opaque", "extensions", "absent", "schema [a]", evil].map(|name| {
        let table = Qualified::new(name, name);
        (ObjectId::column(table, ColumnName::new(name)), typed(evil, name))
    });
    plan.header.base = Some(State { objects: base.into() });
    plan.header.changes =
        vec![change(Mark::Dropped, object, Some(evil), evil), change(Mark::Altered, index(evil), None, evil)];
    let segment = &mut plan.body.segments[0];
    segment.does = vec![text.clone(); 9];
    segment.locks = vec![Lock { relation: table(evil), mode: LockMode::AccessExclusive, held: Held::Rewrite }];
    segment.hazards = vec![Hazard { hazard: HazardKind::DataLoss, object, because: text.clone() }];
    segment.steps = vec![
        Step::Assert(Assert {
            sql: text.clone(),
            expect: "null".to_owned(),
            says: "digest: p1:00\n".to_owned(),
            about: None,
        }),
        Step::Statement(Statement {
            sql: text.clone(),
            run_as: RunAs::Login,
            probe: Some(text.clone()),
            clear: Some(text.clone()),
        }),
    ];
    segment.revive = Some(Revive { probe: text.clone(), steps: vec![statement("select 'a\n---\nb'")] });
    plan.body.proof = Some(Proof {
        partial: vec![text.clone()],
        server: text.clone(),
        rows: 1,
        boundaries: 1,
        stand_ins: vec![text],
    });
    plan
}
