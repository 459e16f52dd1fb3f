//! The proof's way: the embedded server, one connection, the journal on.
use super::bodies::{add_column, build_index, make_table, plan};
use pgform::{
    execute::{Apply, Journal, Kind, Rollback, RunSettings, Silent, Standing, Unguarded, apply, rollback},
    server::{ConnectOptions, connect_writing},
    shadow::Shadow,
};

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_goes_forward_and_back_on_one_connection() {
    let shadow = Shadow::embedded(&[]).await.unwrap();
    let options = ConnectOptions::parse(&shadow.url(), &|_| None).unwrap();
    let mut connection = connect_writing(&options, "pgform/proof").await.unwrap();
    let settings = RunSettings::alone();
    let plan = plan("proof", vec![make_table(), add_column(), build_index()]);
    for until in [Some(1), Some(2), None] {
        let (observer, guard) = (&mut Silent, &mut Unguarded);
        let forward = Apply {
            settings: &settings,
            observer,
            guard,
            kind: Kind::DryRun,
            until,
            again: false,
            carriers_ready: true,
            allowed: &|_, _| false,
            found: &std::collections::BTreeSet::new(),
            label: None,
            allowed_ahead: &|_, _| false,
            keep_rules: false,
        };
        apply(&mut connection, &plan, forward).await.unwrap();
        let (observer, guard) = (&mut Silent, &mut Unguarded);
        let back = Rollback { settings: &settings, observer, guard, kind: Kind::DryRun, to: 0, allowed: &|_, _| true };
        rollback(&mut connection, &plan, back).await.unwrap();
        let state = Journal::read(&mut connection).await.unwrap();
        assert_eq!(state.plan(&plan.digest).unwrap().standing, Standing::NotApplied);
    }
    connection.close().await.unwrap();
    shadow.stop().await.unwrap();
}
