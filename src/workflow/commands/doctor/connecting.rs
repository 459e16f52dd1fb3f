//! Findings of `doctor` about the connection: name, port, TLS, password and database in turn, and poolers on the way.
use crate::diagnostic::Again;
use crate::report::{Finding, Health};
use crate::server::{ConnectOptions, Stage, connect_writing, staged};

/// The way to the server, stage by stage.
pub(super) async fn connecting(options: &ConnectOptions, again: &Again) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        options.warnings.iter().map(|w| Finding::of("address", Health::Warning, w, again)).collect();
    let stages = staged(options).await;
    let reached = stages.last().is_some_and(|last| last.found.is_ok());
    for stage in stages {
        let about = match stage.stage {
            Stage::Name => "name",
            Stage::Port => "port",
            Stage::Tls => "tls",
            Stage::Password => "password",
            Stage::Database => "database",
        };
        findings.push(match stage.found {
            Ok(found) => Finding::well(about, found),
            // One of several servers that answers is enough.
            Err(why) => Finding::of(about, if reached { Health::Warning } else { Health::Wrong }, &why, again),
        });
    }
    findings
}

/// Finds out whether pgform has a session of its own, as writing needs it, or a pooler shares it with others.
pub(super) async fn pooler(options: &ConnectOptions, again: &Again) -> Finding {
    match connect_writing(options, "pgform/doctor").await {
        Ok(connection) => {
            let _ = connection.close().await;
            Finding::well("pooler", "none between pgform and the server that shares sessions")
        }
        Err(why) => Finding::of("pooler", Health::Wrong, &why, again),
    }
}
