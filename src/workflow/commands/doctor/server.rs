//! Findings of `doctor` about the server: its version, whether it is a standby, and the extensions that plans need.
use crate::model::{Body, State, quote};
use crate::plan::sql::literal;
use crate::report::Finding;
use crate::server::ServerError;
use crate::workflow::invocation::project::{Connected, Project};
use crate::workflow::planning::extension_versions::is_older;

/// Findings about the server's version, and about a standby, which cannot be written to.
pub(super) fn versions(project: &Project, connected: &Connected) -> Vec<Finding> {
    let info = connected.connection.info();
    let declared = project.postgres();
    let version = info.version.split_whitespace().next().unwrap_or_default();
    let says = format!("PostgreSQL {version}, for which the project's plans are made ({declared})");
    let mut findings = vec![if declared.contain(info.major()) {
        Finding::well("server", says)
    } else {
        Finding::wrong("server", format!("PostgreSQL {version}, and the project's plans are made for {declared}"))
            .mend("widen `postgres:` in pgform.yaml, and plan again")
    }];
    if info.in_recovery {
        let says = format!("{} is a standby: it can be read, and nothing can be applied to it", info.host);
        findings.push(
            Finding::warning("server", says)
                .mend("name its primary, or add target_session_attrs=primary to the address"),
        );
    }
    findings
}

/// Findings about the extensions that are declared or made by a plan: installed, available, new enough, and allowed to
/// the role.
pub(super) async fn extensions(connected: &mut Connected, wanted: &State) -> Result<Vec<Finding>, ServerError> {
    let mut findings = Vec::new();
    for (id, object) in &wanted.objects {
        let (Some(name), Body::Extension(extension)) = (id.as_extension(), &object.body) else { continue };
        let name = name.as_str();
        let is = literal(name);
        let query = format!(
            "select (select e.extversion from pg_catalog.pg_extension e where e.extname = {is}),
                    (select a.default_version from pg_catalog.pg_available_extensions a where a.name = {is}),
                    exists (select from pg_catalog.pg_available_extension_versions v where v.name = {is} and v.trusted),
                    pg_catalog.has_database_privilege(session_user, pg_catalog.current_database(), 'CREATE')"
        );
        let row = connected.connection.query_text(&query).await?.into_iter().next().unwrap_or_default();
        let [installed, offered, trusted, create] = row.try_into().unwrap_or_default();
        let info = connected.connection.info();
        let may = info.superuser || (trusted.as_deref() == Some("t") && create.as_deref() == Some("t"));
        findings.push(extension_is(name, (installed, offered), extension.minimum.as_deref(), (may, &info.role)));
    }
    Ok(findings)
}

fn extension_is(
    name: &str,
    (installed, offered): (Option<String>, Option<String>),
    minimum: Option<&str>,
    (may, role): (bool, &str),
) -> Finding {
    const ABOUT: &str = "extension";
    let wants = minimum.map(|m| format!(" (declared: at least {m})")).unwrap_or_default();
    let old = |version: &str| minimum.is_some_and(|minimum| is_older(version, minimum));
    match (installed, offered) {
        (Some(version), Some(newer)) if old(&version) && !old(&newer) => {
            Finding::wrong(ABOUT, format!("{name} {version} is too old{wants}; the server has {newer}"))
                .mend(format!("alter extension {} update", quote(name)))
        }
        (Some(version), _) if old(&version) => {
            Finding::wrong(ABOUT, format!("{name} {version} is too old{wants}, and the server has no later one"))
                .mend("install a later package of it where the server runs")
        }
        (Some(version), Some(newer)) if is_older(&version, &newer) => {
            Finding::warning(ABOUT, format!("{name} {version} is there; the server has {newer}"))
                .mend(format!("alter extension {} update", quote(name)))
        }
        (Some(version), _) => Finding::well(ABOUT, format!("{name} {version} is there{wants}")),
        (None, Some(version)) if old(&version) => {
            Finding::wrong(ABOUT, format!("the server has {name} {version}, which is too old{wants}"))
                .mend("install a later package of it where the server runs")
        }
        (None, Some(version)) if may => {
            Finding::well(ABOUT, format!("{name} {version} is to be had; the plan that makes it may{wants}"))
        }
        (None, Some(version)) => {
            Finding::wrong(ABOUT, format!("{name} {version} is to be had, and {role} may not make it"))
                .mend(format!("as a superuser, once: create extension {}", quote(name)))
        }
        (None, None) => Finding::wrong(ABOUT, format!("the server does not have {name}{wants}"))
            .mend("install its package where the server runs (its name is the one behind `create extension`)"),
    }
}
