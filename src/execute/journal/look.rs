//! Looks whether the journal's relations are what pgform makes, before anything in them is believed, and locks them.
use super::{
    Access, Journal, Keeper,
    format::check_format,
    keeper::{PATIENCE, WHO, foreign, missing},
};
use crate::{
    diagnostic::{Code, Diagnostic},
    execute::sql,
    model::quote,
    server::{Connection, ServerError},
};
use std::collections::BTreeSet;

/// Lines of [`SEEN`] that pgform's relations may have: all that [`Journal::ddl`] makes, and nothing
/// that runs when a row is read or written. Equal on every version of PostgreSQL.
const OURS: &str = "\
journal_format|ordinary table
journal_format|column id integer
journal_format|column format integer
journal_format|column made_by text
journal_format|PRIMARY KEY (id)
journal_format|CHECK ((id = 1))
label|ordinary table
label|column id integer
label|column environment text
label|column target text
label|column requires text
label|PRIMARY KEY (id)
label|CHECK ((id = 1))
plan|ordinary table
plan|column digest text
plan|column body text
plan|column parent text
plan|column name text
plan|column segments integer
plan|column bytes text
plan|column recorded_at timestamp with time zone default clock_timestamp()
plan|PRIMARY KEY (digest)
run|ordinary table
run|column id bigint always identity
run|column plan text
run|column direction text
run|column kind text
run|column status text
run|column login text default SESSION_USER
run|column role text default CURRENT_USER
run|column pgform text
run|column message text
run|column started_at timestamp with time zone default clock_timestamp()
run|column finished_at timestamp with time zone
run|column who text
run|PRIMARY KEY (id)
run|FOREIGN KEY (plan) REFERENCES pgform.plan(digest)
run|CHECK ((direction = ANY (ARRAY['forward'::text, 'back'::text])))
run|CHECK ((kind = ANY (ARRAY['apply'::text, 'rollback'::text, 'adopt'::text, 'build'::text, 'dry_run'::text])))
run|CHECK ((status = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text, 'stopped'::text])))
segment|ordinary table
segment|column run bigint
segment|column number integer
segment|column part integer
segment|column seq bigint always identity
segment|column parts integer
segment|column status text
segment|column message text
segment|column started_at timestamp with time zone default clock_timestamp()
segment|column finished_at timestamp with time zone
segment|PRIMARY KEY (run, number, part)
segment|UNIQUE (seq)
segment|FOREIGN KEY (run) REFERENCES pgform.run(id)
segment|CHECK ((status = ANY (ARRAY['started'::text, 'done'::text, 'undone'::text, 'found'::text])))";

/// Query for what is there under the journal's names: what runs when a row of it is read or written, and who owns it.
/// Indexes of plain columns run nothing. Reads catalogs, and runs nothing that is in the database.
const SEEN: &str = "\
with home as (select n.oid, n.nspowner from pg_catalog.pg_namespace n where n.nspname = 'pgform'),
rel as (
    select c.oid, c.relname::text, c.relkind, c.relowner, c.relrowsecurity or c.relforcerowsecurity as secured
    from home h join pg_catalog.pg_class c on c.relnamespace = h.oid
    where c.relname in ('journal_format', 'label', 'plan', 'run', 'segment')),
own as (
    select k.oid from pg_catalog.pg_constraint k
    where k.conrelid in (select oid from rel) and (k.confrelid = 0 or k.confrelid in (select oid from rel))),
seen(name, what) as (
    select relname, case relkind when 'r' then 'ordinary table' when 'v' then 'a view' when 'm' then 'a materialized view'
                                 when 'f' then 'a foreign table' when 'p' then 'a partitioned table'
                                 else 'a relation of another kind' end from rel
    union all select relname, 'row security' from rel where secured
    union all
    select r.relname, 'column ' || a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
        || case when a.attcollation not in (0, 100) then ' collated otherwise' else '' end
        || case a.attidentity when 'a' then ' always identity' when 'd' then ' by default identity' else '' end
        || case when a.attgenerated <> '' then ' generated' else '' end
        || coalesce(' default ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), '')
    from rel r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    union all
    select r.relname, pg_catalog.pg_get_constraintdef(k.oid) from rel r
    join pg_catalog.pg_constraint k on k.conrelid = r.oid where k.contype <> 'n'
    union all
    select r.relname, pg_catalog.pg_get_indexdef(i.indexrelid) from rel r
    join pg_catalog.pg_index i on i.indrelid = r.oid
    where i.indexprs is not null or i.indpred is not null
       or exists (select from pg_catalog.unnest(i.indclass::oid[]) c(oid) where c.oid >= 16384)
    union all
    select r.relname, 'trigger ' || t.tgname from rel r join pg_catalog.pg_trigger t on t.tgrelid = r.oid
    where not (t.tgisinternal and t.tgconstraint in (select oid from own))
    union all
    select r.relname, 'rule ' || w.rulename from rel r join pg_catalog.pg_rewrite w on w.ev_class = r.oid
    where r.relkind = 'r'
    union all
    select r.relname, 'policy ' || p.polname from rel r join pg_catalog.pg_policy p on p.polrelid = r.oid
    union all
    select r.relname, 'a parent or a child' from rel r join pg_catalog.pg_inherits i on r.oid in (i.inhrelid, i.inhparent)),
owners(oid) as (select relowner from rel union select nspowner from home)
select 'is', name, what, null from seen
union all
select 'owner', pg_catalog.pg_get_userbyid(o.oid), case when r.rolsuper then 'superuser' else '' end,
       case when pg_catalog.pg_has_role(session_user, o.oid, 'MEMBER') then 'member' else '' end
from owners o left join pg_catalog.pg_roles r on r.oid = o.oid";

/// Values of `restrict_nonsystem_relation_kind`, where the server has it (from August 2024 on, in all versions): what
/// is read by mistake is an error then. The second undoes it: what a plan reads is its own business.
pub(super) const NO_VIEWS: [&str; 2] = ["'view, foreign-table'", "s.reset_val"];

/// Gives the statement that sets `restrict_nonsystem_relation_kind`, where there is such a setting.
pub(super) fn restrict(to: &str) -> String {
    format!(
        "select pg_catalog.set_config(s.name, {to}, true) from pg_catalog.pg_settings s \
         where s.name = 'restrict_nonsystem_relation_kind'"
    )
}

impl Journal {
    /// Looks at the journal's relations, in an open transaction, and locks them so that they stay what they are until its
    /// end: whoever can make a schema could have made these, to be run by whoever reads them.
    ///
    /// # Errors
    /// [`Code::Journal`] if they are not what pgform makes, or belong to somebody whom nobody has named.
    pub(in crate::execute) async fn look(connection: &mut Connection, access: Access) -> Result<Keeper, Diagnostic> {
        // From 16 on, a member may be without the right to become what it is a member of.
        let right = if connection.info().version_num >= 160_000 { "'SET'" } else { "'MEMBER'" };
        let seen = SEEN.replace("'MEMBER'", right);
        let rows = match connection.query_text(&format!("{}{seen}", access.sql())).await {
            Ok(rows) => rows,
            Err(error) => return Err(not_locked(error)),
        };
        match judge(connection, &rows, &|_| true) {
            Err(refused) => Err(newer(connection, &rows).await.unwrap_or(refused)),
            keeper => keeper,
        }
    }
}

/// Tells of a journal that a newer pgform has changed, where the table that says so is what it should be.
async fn newer(connection: &mut Connection, rows: &[Vec<Option<String>>]) -> Option<Diagnostic> {
    // Only a newer format is an answer here: what the journal lacks was told already.
    let keeper = judge(connection, rows, &|line| line.starts_with("journal_format|")).ok()?;
    let keeper = Keeper { says_who: true, ..keeper };
    check_format(connection, &keeper).await.err().filter(|error| error.code == Code::Journal)
}

/// Refuses what could not be locked. A view can be locked, which runs nothing; what else is no table cannot.
fn not_locked(error: ServerError) -> Diagnostic {
    if error.is("42809") {
        return foreign("a relation there is no table");
    }
    if error.is("55P03") {
        let message = format!("pgform's journal is locked by another session, and was not to be had within {PATIENCE}");
        return Diagnostic::error(Code::Busy, message)
            .help("see who holds it: select pid, mode from pg_locks where relation = 'pgform.run'::regclass");
    }
    if error.is("42P01") {
        return foreign("a table of the journal is missing");
    }
    error.into()
}

fn judge(
    connection: &Connection,
    rows: &[Vec<Option<String>>],
    counts: &dyn Fn(&str) -> bool,
) -> Result<Keeper, Diagnostic> {
    let text = |row: &[Option<String>], at: usize| row.get(at).cloned().flatten().unwrap_or_default();
    let of = |kind: &'static str| rows.iter().filter(move |row| text(row, 0) == kind);
    let ours: BTreeSet<&str> = OURS.lines().collect();
    let seen: BTreeSet<String> = of("is").map(|row| format!("{}|{}", text(row, 1), text(row, 2))).collect();
    let show = |line: &str| line.replacen('|', " has ", 1).escape_debug().to_string();
    if let Some(line) = seen.iter().find(|line| counts(line) && !ours.contains(line.as_str())) {
        return Err(foreign(&format!("pgform.{}", show(line))));
    }
    // A key or a check that is gone runs nothing; a column that is gone is no journal.
    let column = |line: &str| line.contains("|column ") && line != WHO;
    let needed = |line: &&&str| counts(line) && (column(line) || line.ends_with("|ordinary table"));
    if let Some(line) = ours.iter().filter(needed).find(|line| !seen.contains(**line)) {
        return Err(missing(line));
    }
    let owners: Vec<_> =
        of("owner").map(|row| (text(row, 1), !text(row, 2).is_empty(), !text(row, 3).is_empty())).collect();
    let [(owner, superuser, member)] = owners.as_slice() else {
        let names: Vec<String> = owners.iter().map(|(name, ..)| quote(name)).collect();
        let them = names.join(", ");
        return Err(foreign(&format!("the schema and its tables belong to several: {them}")));
    };
    if !superuser && !connection.believes(owner) {
        return Err(strangers(connection, owner));
    }
    let enters = *member && owner != connection.acting();
    let enter = if enters { format!("{};\n", sql::set_role(true, Some(owner))) } else { String::new() };
    let leave = if enters { back_to(connection) } else { String::new() };
    Ok(Keeper { owner: owner.clone(), superuser: *superuser, says_who: seen.contains(WHO), enter, leave })
}

/// Gives the SQL that sets the role as it is outside of the journal's work.
fn back_to(connection: &Connection) -> String {
    let (acting, info) = (connection.acting(), connection.info());
    let role = Some(acting).filter(|acting| *acting != info.role);
    format!("\n{};", sql::set_role(true, role))
}

fn strangers(connection: &Connection, owner: &str) -> Diagnostic {
    let login = &connection.info().role;
    let message = format!(
        "pgform's journal in this database belongs to {}, who is neither {} nor a superuser, and whom no environment names: \
         nothing in it was read",
        quote(owner),
        quote(login)
    );
    Diagnostic::error(Code::Journal, message).help(format!(
        "whoever may make a schema could have made this one. If {0} is to keep the journal: say --role {0}, or `role: {0}` in \
         the environment of pgform.yaml, or log in as {0}",
        quote(owner)
    ))
}
