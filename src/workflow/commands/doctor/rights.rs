//! Findings of `doctor` about rights: whether the role may become, create and alter what the plans need.
use crate::diagnostic::shown;
use crate::model::{ObjectId, State, quote};
use crate::plan::sql::literal;
use crate::report::Finding;
use crate::server::ServerError;
use crate::workflow::invocation::project::Connected;
use std::collections::BTreeSet;

const ABOUT: &str = "rights";
/// Number of another owner's relations that a finding names.
const NAMED: usize = 5;

/// Findings about the rights of the role that statements run as, and the grants that it lacks.
pub(super) async fn rights(
    connected: &mut Connected,
    wanted: &State,
    has_journal: bool,
) -> Result<Vec<Finding>, ServerError> {
    let login = connected.connection.info().role.clone();
    let role = connected.role.clone().unwrap_or_else(|| login.clone());
    let mut findings = Vec::new();
    if role != login {
        let becomes = becomes(connected, &login, &role).await?;
        let wrong = becomes.health == crate::report::Health::Wrong;
        findings.push(becomes);
        if wrong {
            return Ok(findings);
        }
    }
    let database = connected.connection.info().database.clone();
    let query = format!(
        "select pg_catalog.has_database_privilege({name}, pg_catalog.current_database(), 'CREATE'),
                (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = {name}),
                pg_catalog.pg_has_role(session_user, 'pg_read_all_stats', 'USAGE')",
        name = literal(&role)
    );
    let row = connected.connection.query_text(&query).await?.into_iter().next().unwrap_or_default();
    let is = |at: usize| row.get(at).and_then(Option::as_deref) == Some("t");
    if is(1) {
        findings.push(Finding::well(ABOUT, format!("{role} is a superuser, who may do everything")));
        return Ok(findings);
    }
    let grant = format!("grant create on database {} to {}", quote(&database), quote(&role));
    findings.push(match (is(0), has_journal) {
        (true, _) => Finding::well(ABOUT, format!("{role} may make schemas and trusted extensions in {database}")),
        (false, false) => {
            let says = format!("{role} may make no schema in {database}: pgform keeps its journal in one of its own");
            Finding::wrong(ABOUT, says).mend(grant)
        }
        (false, true) => {
            Finding::warning(ABOUT, format!("{role} may make no schema in {database}: a plan that does is refused"))
                .mend(grant)
        }
    });
    if !is(2) {
        let says =
            format!("{login} does not see what other sessions do: who is in the way of a lock is told without names");
        findings.push(Finding::warning(ABOUT, says).mend(format!("grant pg_read_all_stats to {}", quote(&login))));
    }
    findings.extend(schemas(connected, &role, wanted).await?);
    findings.extend(owners(connected, &role, wanted).await?);
    Ok(findings)
}

async fn becomes(connected: &mut Connected, login: &str, role: &str) -> Result<Finding, ServerError> {
    // From 16 on membership alone does not let a login become a role.
    let kind = if connected.connection.info().version_num >= 160_000 { "SET" } else { "MEMBER" };
    let query = format!(
        "select (select pg_catalog.pg_has_role(session_user, r.oid, '{kind}') from pg_catalog.pg_roles r where r.rolname = {})",
        literal(role)
    );
    let found = connected.connection.query_text(&query).await?.into_iter().flatten().next().flatten();
    Ok(match found.as_deref() {
        Some("t") => Finding::well(ABOUT, format!("{login} may become {role}, as which plans run")),
        Some(_) => Finding::wrong(ABOUT, format!("{login} may not become {role}, as which plans are to run"))
            .mend(format!("grant {} to {}", quote(role), quote(login))),
        None => Finding::wrong(ABOUT, format!("there is no role {role}, as which plans are to run"))
            .mend(format!("create role {}, or name another one as `role:` in pgform.yaml", quote(role))),
    })
}

/// Schemas of the objects of a state, as a list of SQL literals.
fn schemas_of(wanted: &State) -> String {
    let names: BTreeSet<String> =
        wanted.objects.keys().filter_map(ObjectId::home).map(|schema| schema.as_str().to_owned()).collect();
    names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ")
}

async fn schemas(connected: &mut Connected, role: &str, wanted: &State) -> Result<Vec<Finding>, ServerError> {
    let names = schemas_of(wanted);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "select pg_catalog.quote_ident(n.nspname) from pg_catalog.pg_namespace n
         where n.nspname in ({names}) and not pg_catalog.has_schema_privilege({}, n.oid, 'CREATE') order by 1",
        literal(role)
    );
    let lacking: Vec<String> = connected.connection.query_text(&query).await?.into_iter().flatten().flatten().collect();
    if lacking.is_empty() {
        return Ok(vec![Finding::well(ABOUT, format!("{role} may make objects in every managed schema"))]);
    }
    let one = |schema: String| {
        Finding::wrong(ABOUT, format!("{role} may make nothing in schema {}", shown(&schema)))
            .mend(format!("grant usage, create on schema {schema} to {}", quote(role)))
    };
    Ok(lacking.into_iter().map(one).collect())
}

/// Findings about relations of the managed schemas that belong to others: only an owner may alter them.
async fn owners(connected: &mut Connected, role: &str, wanted: &State) -> Result<Vec<Finding>, ServerError> {
    let names = schemas_of(wanted);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "select pg_catalog.quote_ident(o.rolname), count(*)::text,
                pg_catalog.string_agg(pg_catalog.format('%I.%I', n.nspname, c.relname), ', ' order by c.relname)
         from pg_catalog.pg_class c
         join pg_catalog.pg_namespace n on n.oid = c.relnamespace
         join pg_catalog.pg_roles o on o.oid = c.relowner
         where n.nspname in ({names}) and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
           and not pg_catalog.pg_has_role({}, c.relowner, 'USAGE')
           and not exists (select from pg_catalog.pg_depend d where d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
                           and d.objid = c.oid and d.deptype = 'e')
         group by 1 order by 1",
        literal(role)
    );
    let rows = connected.connection.query_text(&query).await?;
    if rows.is_empty() {
        return Ok(vec![Finding::well(ABOUT, format!("every table and view there is {role}'s own to change"))]);
    }
    let one = |row: Vec<Option<String>>| {
        let [owner, count, which] = row.try_into().ok()?;
        let (owner, count, which) = (owner?, count?, which?);
        let first: Vec<&str> = which.split(", ").take(NAMED).collect();
        let more = if which.split(", ").count() > NAMED { ", …" } else { "" };
        let says = format!("{count} of the tables and views belong to {owner}: {}{more}", first.join(", "));
        Some(Finding::wrong(ABOUT, says).mend(format!("grant {owner} to {}", quote(role))))
    };
    Ok(rows.into_iter().filter_map(one).collect())
}
