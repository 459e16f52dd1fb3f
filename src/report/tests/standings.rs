//! Tests of the reports about databases: status, check, history, rollback, progress.
use super::{super::*, hides_nothing, kept};
use crate::{
    diagnostic::Again,
    model::Digest,
    plan::format::Held,
    store::{Mark, samples},
};

const EVIL: &str = "a\"b'\n\u{1b}[2J\u{202e}日本";

fn name(name: &str) -> PlanName {
    PlanName { name: name.to_owned(), digest: Digest::of("p1", name.as_bytes()), file: None }
}

fn database() -> Database {
    Database {
        environment: Some("production".to_owned()),
        address: "db.internal:5432".to_owned(),
        database: "vectordb".to_owned(),
        role: "search_owner".to_owned(),
        runs_as: None,
        server: "PostgreSQL 16.4, pgvector 0.8.0".to_owned(),
        again: Again::default(),
    }
}

fn status() -> Status {
    Status {
        database: database(),
        known: true,
        at: Some(name("0003-add-embeddings")),
        recorded_by: None,
        halfway: None,
        failed: None,
        pending: vec![Pending { plan: name("0004-tags"), lacks: vec!["not approved".to_owned()] }],
        held: Vec::new(),
        without_file: Vec::new(),
        lost: Vec::new(),
        chain: Vec::new(),
    }
}

fn check(drift: Vec<Drift>) -> CheckReport {
    CheckReport {
        status: status(),
        drift,
        all: Vec::new(),
        unknown: Vec::new(),
        unseen: Vec::new(),
        overdue: Vec::new(),
    }
}

fn rollback() -> RollbackSummary {
    RollbackSummary {
        from: name("0003-add-embeddings"),
        to: Some(name("0002-first-search")),
        segments: 7,
        longest_lock: Some(Held::Moment),
        index_builds: 1,
        comes_back: vec!["index embedding_hnsw, as it was".to_owned()],
        goes: vec!["check path_trimmed".to_owned()],
        is_lost: vec![RollbackLoss {
            count: 17,
            what: "values of documents.embedding written since".to_owned(),
            allow: "DataLoss:documents.embedding".to_owned(),
            allowed: false,
        }],
        may_fail: Vec::new(),
        recount_ms: None,
        stays: Vec::new(),
        stays_lost: vec!["documents.legacy_path (accepted at approval)".to_owned()],
        held: true,
    }
}

#[test]
fn where_things_stand() {
    let drift = Drift {
        does: Mark::Created,
        kind: "index".to_owned(),
        object: samples::index("documents_path_idx"),
        called: "documents_path_idx".to_owned(),
        on: Some("documents".to_owned()),
        detail: "made here, not declared".to_owned(),
        differs: Vec::new(),
        ways: vec![
            "take over: pgform plan --absorb documents_path_idx".to_owned(),
            "leave alone: scope: {unmanaged: [documents_path_idx]} in pgform.yaml".to_owned(),
        ],
    };
    let drifted = check(vec![drift]);
    assert_eq!(drifted.standing().exit_code(), 3);
    let mut other = check(Vec::new());
    assert_eq!(other.standing().exit_code(), 2);
    let pending = other.text();
    other.status.pending.clear();
    assert_eq!(other.standing().exit_code(), 0);
    let in_step = other.text();
    let held = Pending {
        plan: PlanName { digest: Digest::of("p1", b"held"), ..name("0003-add-embeddings") },
        lacks: vec!["held".to_owned()],
    };
    other.status.held =
        vec![held.plan.clone(), PlanName { digest: Digest::of("p1", b"left out"), ..name("0003-left-out") }];
    other.status.pending = vec![held];
    other.status.halfway = Some(Halfway {
        plan: name("0004-tags"),
        back: false,
        done: 1,
        of: 7,
        because: Some("the server closed the connection".to_owned()),
        in_force: Some("inserts and updates of tags that leave name null fail, by constraint ~fe81".to_owned()),
    });
    assert_eq!(other.standing(), CheckVerdict::Pending);
    kept("check", &[drifted.text(), pending, in_step, other.text()].join("\n"));
    kept("status", &[status().text(), other.status.text()].join("\n"));
    kept("check_json", &to_json(&drifted).unwrap());
}

#[test]
fn going_back() {
    let mut rollback = rollback();
    assert!(rollback.is_refused());
    let first = rollback.text(&Again::default());
    rollback.is_lost[0].allowed = true;
    assert!(!rollback.is_refused());
    let second = rollback.text(&Again::default());
    rollback.recount_ms = Some(1_240);
    rollback.may_fail = vec!["2 rows break the check path_trimmed".to_owned(), "1 row more".to_owned()];
    assert!(rollback.is_refused());
    kept("rollback", &[first, second, rollback.text(&Again::default())].join("\n"));
}

#[test]
fn applying_stopping_going_on() {
    let beginning = Beginning {
        database: database(),
        at: Some(name("0002-first-search")),
        to_do: vec![ToDo {
            plan: name("0003-add-embeddings"),
            approved: true,
            dry_run: Some((Some("staging".to_owned()), 242_000)),
            goes_on: None,
        }],
        makes_base: None,
        back_first: Vec::new(),
        accepted: vec!["DataLoss documents.legacy_path".to_owned()],
    };
    let line = |segment, does: &str, state| Progress { segment, of: 12, does: does.to_owned(), state }.line(26);
    let behind = || Some("pid 812 (api, idle in transaction)".to_owned());
    let rows = Some((120_344, 207_000, "rows".to_owned()));
    let lines = [
        line(1, "add column embedding", ProgressState::Done { ms: 14, tries: 3, waited_ms: 200, behind: behind() }),
        line(
            2,
            "build embedding_hnsw beside",
            ProgressState::Running { percent: Some(58), done: rows, left_ms: Some(70_000) },
        ),
        line(3, "swap the two by name", ProgressState::Waiting { ms: 4_000, behind: behind() }),
        line(10, "validate it", ProgressState::Running { percent: None, done: None, left_ms: None }),
        line(11, "größe 日本", ProgressState::Done { ms: 61_000, tries: 1, waited_ms: 0, behind: None }),
        line(12, EVIL, ProgressState::Found { made: true, back: false }),
    ];
    kept("apply", &format!("{}{}\n", beginning.text(), lines.join("\n")));
}

#[test]
fn history_and_validation() {
    let run = |verb, outcome, took_ms| Run {
        when: "2026-01-31T09:30:00Z".to_owned(),
        verb,
        plan: name("0003-add-embeddings"),
        who: "anna".to_owned(),
        login: "search_owner".to_owned(),
        outcome,
        done: 2,
        of: 7,
        took_ms,
        because: (outcome == RunOutcome::Stopped).then(|| "the server closed the connection".to_owned()),
    };
    let runs = vec![
        run(Verb::Adopt, RunOutcome::Done, Some(10)),
        run(Verb::Apply, RunOutcome::Stopped, Some(242_000)),
        run(Verb::DryRun, RunOutcome::Open, None),
    ];
    let history = History { database: database(), runs };
    let kinds = ["table", "index", "index", "key"];
    let validation = Validation::new(1, kinds.into_iter(), 2, (4, 1));
    kept("history", &format!("{}\n{}", history.text(), validation.text()));
    kept("history_json", &(to_json(&history).unwrap() + &to_json(&validation).unwrap()));
}

#[test]
fn no_text_from_a_database_moves_the_cursor() {
    let evil = || EVIL.to_owned();
    let mut status = status();
    status.database = Database {
        environment: Some(evil()),
        address: evil(),
        database: evil(),
        role: evil(),
        runs_as: Some(evil()),
        server: evil(),
        again: Again::default(),
    };
    status.at = Some(name(EVIL));
    status.recorded_by = Some(evil());
    status.pending = vec![Pending { plan: name(EVIL), lacks: vec![evil()] }];
    status.held = vec![name(EVIL)];
    status.without_file = vec![name(EVIL)];
    status.halfway =
        Some(Halfway { plan: name(EVIL), back: true, done: 0, of: 1, because: Some(evil()), in_force: Some(evil()) });
    let drift = vec![Drift {
        does: Mark::Altered,
        kind: evil(),
        object: samples::index(EVIL),
        called: evil(),
        on: Some(evil()),
        detail: evil(),
        differs: Vec::new(),
        ways: vec![evil()],
    }];
    let run = Run {
        when: evil(),
        verb: Verb::Build,
        plan: name(EVIL),
        who: evil(),
        login: evil(),
        outcome: RunOutcome::Done,
        done: 1,
        of: 1,
        took_ms: None,
        because: Some(evil()),
    };
    let history = History { database: status.database.clone(), runs: vec![run] };
    let check = CheckReport {
        status: status.clone(),
        drift: drift.clone(),
        all: vec![evil()],
        unknown: drift,
        unseen: vec![evil()],
        overdue: vec![evil()],
    };
    let mut rollback = rollback();
    (rollback.from, rollback.comes_back, rollback.may_fail) = (name(EVIL), vec![evil()], vec![evil()]);
    rollback.is_lost[0] = RollbackLoss { count: 1, what: evil(), allow: evil(), allowed: false };
    for text in
        [status.text(), check.text(), history.text(), rollback.text(&Again::default()), to_json(&check).unwrap()]
    {
        assert!(hides_nothing(&text), "{text:?}");
    }
}
