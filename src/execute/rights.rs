//! Checks every right that a plan needs, before its first statement.
use super::{Direction, PlanToRun, RunSettings, sql};
use crate::{
    canonical::{guarded_statement, parse_default_privileges},
    diagnostic::{Code, Diagnostic, Diagnostics},
    model::{DefaultsOf, NewObjects, ObjectId, Qualified, Rename, before_renames, quote},
    plan::format::{Lock, LockMode, Segment, Step},
    server::{Connection, ServerError},
};
use std::collections::{BTreeMap, BTreeSet};

/// Version from which on membership alone does not let a login become a role.
const MAY_SET: u32 = 160_000;
/// Version from which on there are default privileges on large objects.
const LARGE_OBJECTS: u32 = 180_000;

/// Segments of a plan that are to run, in one direction.
struct Wanted<'p> {
    segments: Vec<&'p Segment>,
    renames: &'p [Rename],
    direction: Direction,
}

impl Wanted<'_> {
    fn leaves(&self) -> impl Iterator<Item = (&ObjectId, bool)> {
        self.segments.iter().flat_map(|segment| &segment.leaves).map(|(id, left)| (id, left.is_some()))
    }

    /// Gives the steps that are to run.
    fn steps(&self) -> Vec<&Step> {
        let segments = self.segments.iter();
        match self.direction {
            Direction::Forward => segments.flat_map(|segment| &segment.steps).collect(),
            Direction::Back => segments.flat_map(|segment| &segment.back.parts).flat_map(|part| &part.steps).collect(),
        }
    }

    /// Gives the identities of something before anything runs: under its schema's old name, and where the rename may
    /// have run already, under the new one, unless that is another schema's still.
    fn places(&self, id: &ObjectId) -> Vec<ObjectId> {
        let old = before_renames(id, self.renames);
        if self.direction == Direction::Back || old == *id {
            return vec![*id];
        }
        let schema = id.home().map(ObjectId::schema);
        let is_anothers = self.renames.iter().any(|r| Some(&r.from) == schema.as_ref());
        if is_anothers { vec![old] } else { vec![old, *id] }
    }
}

/// Looks for every right that segments of a plan need, as far as their locks and what they leave tell. Sets nothing and changes
/// nothing.
///
/// # Errors
/// [`Code::Rights`], one diagnostic for each right that is missing; [`Code::Assumption`] for extensions and roles that are
/// not there.
pub async fn check_rights(
    connection: &mut Connection,
    settings: &RunSettings,
    plan: &PlanToRun,
    (segments, direction): (Vec<&Segment>, Direction),
) -> Result<(), Diagnostics> {
    let wanted = &Wanted { segments, renames: &plan.renames, direction };
    let role = settings.role.clone().unwrap_or_else(|| connection.info().role.clone());
    let mut missing = Diagnostics::default();
    if let Some(named) = &settings.role
        && let Some(diagnostic) = becomes(connection, named).await.map_err(Diagnostic::from)?
    {
        return Err(diagnostic.into());
    }
    let lacking = [
        owners(connection, &role, wanted).await,
        owners_without_lock(connection, &role, wanted).await,
        makers(connection, &role, wanted).await,
        default_privileges(connection, &role, wanted).await,
        extensions(connection, wanted).await,
        journal(connection, &role).await,
    ];
    for found in lacking {
        for (message, help) in found.map_err(Diagnostic::from)? {
            missing.push(Diagnostic::error(Code::Rights, message).help(help));
        }
    }
    let unknown = super::roles::missing(connection, wanted.steps()).await.map_err(Diagnostic::from)?;
    for (message, help) in unavailable(connection, wanted).await.map_err(Diagnostic::from)?.into_iter().chain(unknown) {
        missing.push(Diagnostic::error(Code::Assumption, message).help(help));
    }
    missing.or_value(()).map(drop)
}

type Lacking = Result<Vec<(String, String)>, ServerError>;

async fn becomes(connection: &mut Connection, role: &str) -> Result<Option<Diagnostic>, ServerError> {
    let name = sql::literal(role);
    let kind = if connection.info().version_num >= MAY_SET { "SET" } else { "MEMBER" };
    let exists =
        sql::one(connection, &format!("select exists (select from pg_catalog.pg_roles where rolname = {name})"))
            .await?;
    if exists.as_deref() != Some("t") {
        let message = format!("there is no role {role}, as which the environment's plans are to run");
        return Ok(Some(Diagnostic::error(Code::Rights, message).help("create it, or name another one as `role:`")));
    }
    let may = sql::one(connection, &format!("select pg_catalog.pg_has_role(session_user, {name}, '{kind}')")).await?;
    let login = connection.info().role.clone();
    Ok((may.as_deref() != Some("t")).then(|| {
        Diagnostic::error(
            Code::Rights,
            format!("{login} may not become {role}, as which the environment's plans are to run"),
        )
        .help(format!("grant {} to {}", quote(role), quote(&login)))
    }))
}

/// Checks that each relation that is strongly locked is the role's own. A foreign key's partner needs only
/// `references`.
async fn owners(connection: &mut Connection, role: &str, wanted: &Wanted<'_>) -> Lacking {
    let mut strongest: BTreeMap<Qualified, LockMode> = BTreeMap::new();
    let mut add = |lock: &Lock| {
        let places = wanted.places(&lock.relation).into_iter().filter(|_| lock.mode >= LockMode::ShareUpdateExclusive);
        for relation in places.filter_map(|id| id.relation()) {
            let mode = strongest.entry(relation).or_insert(lock.mode);
            *mode = lock.mode.max(*mode);
        }
    };
    for segment in &wanted.segments {
        match wanted.direction {
            Direction::Forward => segment.locks.iter().for_each(&mut add),
            Direction::Back => segment.back.parts.iter().flat_map(|part| &part.locks).for_each(&mut add),
        }
    }
    if strongest.is_empty() {
        return Ok(Vec::new());
    }
    let name = sql::literal(role);
    let values = values(strongest.keys());
    let query = format!(
        "select pg_catalog.format('%I.%I', n.nspname, c.relname), pg_catalog.pg_get_userbyid(c.relowner)
         from (values {values}) v(schema, name)
         join pg_catalog.pg_namespace n on n.nspname = v.schema
         join pg_catalog.pg_class c on c.relnamespace = n.oid and c.relname = v.name
         where not pg_catalog.pg_has_role({name}, c.relowner, 'USAGE')
           and not (c.relkind in ('r', 'p') and pg_catalog.has_table_privilege({name}, c.oid, 'REFERENCES'))
         order by 1"
    );
    let rows = connection.query_text(&query).await?;
    Ok(rows.into_iter().filter_map(|row| belongs(row, role)).collect())
}

/// Checks that schemas, enums and domains that are there and that the plan changes are the role's own: no lock on a relation
/// tells of them. Contents of a schema that gets another name need not be.
async fn owners_without_lock(connection: &mut Connection, role: &str, wanted: &Wanted<'_>) -> Lacking {
    let changed: BTreeSet<&ObjectId> = wanted.leaves().map(|(id, _)| id).collect();
    let alone = |id: &ObjectId| id.home().is_none_or(|schema| !changed.contains(&ObjectId::schema(schema)));
    let name = sql::literal(role);
    let mut queries = Vec::new();
    for id in &changed {
        let (catalog, prefix, found) = match (id.as_schema(), id.qualified().filter(|_| id.kind().is_type())) {
            (Some(schema), _) => ("pg_namespace", "nsp", format!("x.nspname = {}", sql::literal(schema.as_str()))),
            (None, Some(q)) if alone(id) => {
                let (schema, name) = (sql::literal(q.schema.as_str()), sql::literal(q.name.as_str()));
                let home = format!("(select oid from pg_catalog.pg_namespace where nspname = {schema})");
                ("pg_type", "typ", format!("x.typname = {name} and x.typnamespace = {home}"))
            }
            (None, _) => continue,
        };
        queries.push(format!(
            "select {}, pg_catalog.pg_get_userbyid(x.{prefix}owner) from pg_catalog.{catalog} x
             where {found} and not pg_catalog.pg_has_role({name}, x.{prefix}owner, 'USAGE')",
            sql::literal(&format!("{} {}", id.word(), id.sql()))
        ));
    }
    if queries.is_empty() {
        return Ok(Vec::new());
    }
    let rows = connection.query_text(&queries.join(" union all ")).await?;
    Ok(rows.into_iter().filter_map(|row| belongs(row, role)).collect())
}

/// Checks that the role is, or has the privileges of, each role whose default privileges change; and that the server has
/// those on large objects.
async fn default_privileges(connection: &mut Connection, role: &str, wanted: &Wanted<'_>) -> Lacking {
    // Not by what the segments leave: those on large objects are not in every shadow.
    let statement = |step: &&Step| {
        let Step::Statement(statement) = step else { return None };
        let sql = Some(&statement.sql).filter(|sql| sql.contains("alter default privileges"))?;
        parse_default_privileges(&guarded_statement(sql).unwrap_or_else(|| sql.clone())).ok()
    };
    let changed: Vec<DefaultsOf> = wanted.steps().iter().filter_map(statement).map(|text| text.of).collect();
    let is_older = connection.info().version_num < LARGE_OBJECTS;
    let later = changed.iter().filter(|of| is_older && of.on == NewObjects::LargeObjects).map(|of| {
        let message = format!("the plan changes default privileges {}, which servers have from 18 on", of.id().short());
        (message, "apply it where the server has them, or leave them out of the declaration".to_owned())
    });
    let mut lacking: Vec<(String, String)> = later.collect();
    lacking.dedup();
    let roles: BTreeSet<String> = changed.iter().map(|of| sql::literal(&of.role)).collect();
    if roles.is_empty() {
        return Ok(lacking);
    }
    let query = format!(
        "select r.rolname from pg_catalog.pg_roles r
         where r.rolname in ({}) and not pg_catalog.pg_has_role({}, r.oid, 'USAGE') order by 1",
        roles.into_iter().collect::<Vec<_>>().join(", "),
        sql::literal(role)
    );
    let one = |of: String| {
        let message = format!("the plan changes default privileges of {of}, and {role} does not have its privileges");
        (message, format!("grant {} to {}, or run the plan as {of}", quote(&of), quote(role)))
    };
    lacking.extend(connection.query_text(&query).await?.into_iter().flatten().flatten().map(one));
    Ok(lacking)
}

/// Tells of something that belongs to another, from a row of the thing and its owner.
fn belongs(row: Vec<Option<String>>, role: &str) -> Option<(String, String)> {
    let [what, owner] = row.try_into().ok()?;
    let (what, owner) = (what?, owner?);
    let message = format!("{what} belongs to {owner}, and the plan changes it as {role}");
    let help = format!("grant {} to {}, change the owner, or run the plan as {owner}", quote(&owner), quote(role));
    Some((message, help))
}

fn values<'q>(relations: impl Iterator<Item = &'q Qualified>) -> String {
    let row = |q: &Qualified| format!("({}, {})", sql::literal(q.schema.as_str()), sql::literal(q.name.as_str()));
    relations.map(row).collect::<Vec<_>>().join(", ")
}

/// Checks for `create` on the schema of what is made, which may be made by the plan itself.
async fn makers(connection: &mut Connection, role: &str, wanted: &Wanted<'_>) -> Lacking {
    if wanted.direction == Direction::Back {
        return Ok(Vec::new());
    }
    let mut relations = Vec::new();
    let mut schemas = Vec::new();
    for object in wanted.leaves().filter(|(_, left)| *left).map(|(object, _)| object) {
        if let Some(name) = object.as_schema() {
            schemas.push(format!("({})", sql::literal(name.as_str())));
        } else if let Some(q) = object.qualified().filter(|_| !object.kind().is_carried()) {
            let schema = before_renames(object, wanted.renames).home().unwrap_or(q.schema);
            relations.push(Qualified { schema, name: q.name });
        }
    }
    let mut lacking = Vec::new();
    if !schemas.is_empty() {
        let missing = format!(
            "select exists (select from (values {}) v(name)
             where v.name not in (select nspname from pg_catalog.pg_namespace))",
            schemas.join(", ")
        );
        if sql::one(connection, &missing).await?.as_deref() == Some("t") {
            lacking.extend(database_create(connection, role, "the plan makes or renames a schema").await?);
        }
    }
    if relations.is_empty() {
        return Ok(lacking);
    }
    let query = format!(
        "select distinct pg_catalog.quote_ident(n.nspname) from (values {}) v(schema, name)
         join pg_catalog.pg_namespace n on n.nspname = v.schema
         where not pg_catalog.has_schema_privilege({name}, n.oid, 'CREATE')
           and not exists (select from pg_catalog.pg_class c where c.relnamespace = n.oid and c.relname = v.name)
           and not exists (select from pg_catalog.pg_type t where t.typnamespace = n.oid and t.typname = v.name)
         order by 1",
        values(relations.iter()),
        name = sql::literal(role)
    );
    for schema in connection.query_text(&query).await?.into_iter().flatten().flatten() {
        let message = format!("the plan makes objects in schema {schema}, where {role} may not");
        lacking.push((message, format!("grant create on schema {schema} to {}", quote(role))));
    }
    Ok(lacking)
}

async fn database_create(connection: &mut Connection, role: &str, why: &str) -> Lacking {
    let query = format!(
        "select pg_catalog.has_database_privilege({}, pg_catalog.current_database(), 'CREATE')",
        sql::literal(role)
    );
    if sql::one(connection, &query).await?.as_deref() == Some("t") {
        return Ok(Vec::new());
    }
    let database = connection.info().database.clone();
    let help = format!("grant create on database {} to {}", quote(&database), quote(role));
    Ok(vec![(format!("{why}, and {role} may make none in database {database}"), help)])
}

/// Gives the extensions that the plan makes, as literals.
fn made_extensions(wanted: &Wanted<'_>) -> String {
    let mut names = Vec::new();
    for (object, left) in wanted.leaves().filter(|_| wanted.direction == Direction::Forward) {
        if let (Some(name), true) = (object.as_extension(), left) {
            names.push(sql::literal(name.as_str()));
        }
    }
    names.join(", ")
}

/// Names extensions that the plan makes, and that are not installed where the server runs.
async fn unavailable(connection: &mut Connection, wanted: &Wanted<'_>) -> Lacking {
    let names = made_extensions(wanted);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "select wanted.name from (select pg_catalog.unnest(array[{names}]::text[])) wanted(name)
         where not exists (select from pg_catalog.pg_available_extensions a where a.name = wanted.name)
           and not exists (select from pg_catalog.pg_extension e where e.extname = wanted.name)
         order by 1"
    );
    let lacking = |name: String| {
        let message = format!("the plan makes extension {}, and this server does not have it", quote(&name));
        (
            message,
            "install its package where the server runs (its name is the one behind `create extension`)".to_owned(),
        )
    };
    Ok(connection.query_text(&query).await?.into_iter().flatten().flatten().map(lacking).collect())
}

/// Checks that the login may make the extensions: a superuser, or with `create` on the database if it is a trusted one.
async fn extensions(connection: &mut Connection, wanted: &Wanted<'_>) -> Lacking {
    if wanted.direction == Direction::Back || connection.info().superuser {
        return Ok(Vec::new());
    }
    let names = made_extensions(wanted);
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let query = format!(
        "select a.name from pg_catalog.pg_available_extensions a
         join pg_catalog.pg_available_extension_versions v on v.name = a.name and v.version = a.default_version
         where a.name in ({names}) and a.installed_version is null and v.superuser
           and not (v.trusted and pg_catalog.has_database_privilege(session_user, pg_catalog.current_database(), 'CREATE'))
         order by 1"
    );
    let login = connection.info().role.clone();
    let lacking = |name: String| {
        let help = format!("as a superuser, once: create extension {}", quote(&name));
        (format!("the plan makes extension {name}, and {login} may not"), help)
    };
    Ok(connection.query_text(&query).await?.into_iter().flatten().flatten().map(lacking).collect())
}

/// Checks that pgform's schema is the role's own, or that the role may make it where there is none.
async fn journal(connection: &mut Connection, role: &str) -> Lacking {
    let kind = if connection.info().version_num >= MAY_SET { "SET" } else { "MEMBER" };
    let query = format!(
        "select pg_catalog.pg_get_userbyid(n.nspowner),
                pg_catalog.pg_has_role({}, n.nspowner, 'USAGE') or pg_catalog.pg_has_role(session_user, n.nspowner, '{kind}')
         from pg_catalog.pg_namespace n where n.nspname = 'pgform'",
        sql::literal(role)
    );
    let Some(row) = connection.query_text(&query).await?.into_iter().next() else {
        return database_create(connection, role, "pgform keeps its journal in a schema of its own").await;
    };
    match <[Option<String>; 2]>::try_from(row) {
        Ok([owner, may]) if may.as_deref() != Some("t") => {
            let owner = owner.unwrap_or_default();
            let message = format!("pgform's schema belongs to {owner}, and {role} cannot write the journal");
            Ok(vec![(message, format!("grant {} to {}, or apply as {owner}", quote(&owner), quote(role)))])
        }
        Ok(_) | Err(_) => Ok(Vec::new()),
    }
}
