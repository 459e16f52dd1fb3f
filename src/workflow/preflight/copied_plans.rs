//! Plans that exist only as the journal's copy: who may run them, as their bytes are the word of the journal's owner.
use crate::diagnostic::{Code, Command, Diagnostic, Diagnostics};
use crate::execute::JournalState;
use crate::model::quote;
use crate::store::StoredPlan;
use crate::workflow::database::position::is_copy;
use crate::workflow::invocation::project::Connected;
use std::sync::Arc;

/// Query whether the login has no more rights than the journal's owner: it is the owner, or it has nothing of its own,
/// no attribute, no membership, no object and no grant but those that let it in. A `set role` is no bound: the SQL that
/// runs can undo it.
const NO_MORE: &str = "\
select o.rolsuper or o.oid = l.oid or not (
    l.rolsuper or (l.rolcreaterole and not o.rolcreaterole) or (l.rolcreatedb and not o.rolcreatedb)
    or (l.rolreplication and not o.rolreplication) or (l.rolbypassrls and not o.rolbypassrls)
    or exists (select from pg_catalog.pg_roles r where r.oid <> l.oid and pg_catalog.pg_has_role(l.oid, r.oid, 'MEMBER')
               and not pg_catalog.pg_has_role(o.oid, r.oid, 'MEMBER'))
    or exists (select from pg_catalog.pg_shdepend d where d.refclassid = 'pg_catalog.pg_authid'::regclass
               and d.refobjid = l.oid and d.deptype in ('o', 'a', 'r') and d.classid <> 'pg_catalog.pg_database'::regclass))
from pg_catalog.pg_roles l, pg_catalog.pg_roles o
where l.rolname = session_user and o.rolname = ";

/// Refuses to run the journal's copy of a plan, its owner's word, where the login may do more than that owner.
///
/// # Errors
/// [`Code::Journal`], with the way to undo the plan all the same.
pub(crate) async fn may_run_copies(
    connected: &mut Connected,
    journal: Option<&JournalState>,
    plans: &[Arc<StoredPlan>],
) -> Result<(), Diagnostics> {
    let copies: Vec<&Arc<StoredPlan>> = plans.iter().filter(|plan| is_copy(plan)).collect();
    let Some(owner) = journal.and_then(|journal| journal.owner.as_deref()).filter(|_| !copies.is_empty()) else {
        return Ok(());
    };
    let query = format!("{NO_MORE}'{}'", owner.replace('\'', "''"));
    let rows = connected.connection.query_text(&query).await.map_err(Diagnostic::from)?;
    if rows.iter().flatten().flatten().any(|answer| answer == "t") {
        return Ok(());
    }
    let login = quote(&connected.connection.info().role);
    let owner = quote(owner);
    let refuse = |plan: &&Arc<StoredPlan>| {
        let message = format!(
            "there is no file of {}, only the copy in pgform's journal, which belongs to {owner}: run by {login}, it could do \
             what {owner} may not",
            plan.title_line()
        );
        let back = Command::new("rollback").arg(format!("{}.yaml", plan.name)).on_database();
        Diagnostic::error(Code::Journal, message)
            .help(format!(
                "put the file back beside the other plans (`git log --diff-filter=D --name-only` finds it), or log in as {owner}"
            ))
            .way("or, where it never was one of them, name its file", back)
    };
    let mut refused = Diagnostics::default();
    copies.iter().for_each(|plan| refused.push(refuse(plan)));
    Err(refused)
}
