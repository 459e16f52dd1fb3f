//! What a second session sees.
use pgform::plan::format::{Lock, LockMode};
use std::collections::BTreeMap;
use tokio_postgres::Client;

/// A relation that is there.
#[derive(Clone, Debug)]
pub struct Relation {
    /// `schema.name`, not quoted.
    pub name: String,
    /// As `pg_class.relkind` has it.
    pub kind: char,
    pub file: u32,
    /// The table that an index, or the sequence of an identity column, belongs to: its lock stands for theirs.
    pub of: Option<u32>,
}

pub type Relations = BTreeMap<u32, Relation>;

/// Every relation of users, by oid.
pub async fn relations(session: &Client) -> Relations {
    let query = "
        select c.oid, n.nspname || '.' || c.relname, c.relkind::text, coalesce(pg_relation_filenode(c.oid), 0),
               coalesce(i.indrelid, d.refobjid)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid
             left join pg_depend d on c.relkind = 'S' and d.classid = 'pg_class'::regclass and d.objid = c.oid
                  and d.refclassid = 'pg_class'::regclass and d.deptype = 'i'
        where c.relkind in ('r', 'p', 'v', 'm', 'S', 'i', 'I') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";
    let relation = |row: &tokio_postgres::Row| {
        let (name, kind): (String, String) = (row.get(1), row.get(2));
        let kind = kind.chars().next().unwrap();
        (row.get::<_, u32>(0), Relation { name, kind, file: row.get(3), of: row.get(4) })
    };
    session.query(query, &[]).await.unwrap().iter().map(relation).collect()
}

/// The strongest lock on each relation that a session holds or waits for.
pub async fn locks(session: &Client, pid: i32) -> BTreeMap<u32, LockMode> {
    let query = "select relation, mode from pg_locks where pid = $1 and locktype = 'relation'
                 and database = (select oid from pg_database where datname = current_database())";
    let mut strongest = BTreeMap::new();
    for row in session.query(query, &[&pid]).await.unwrap() {
        let mode = mode(row.get(1));
        strongest.entry(row.get::<_, u32>(0)).and_modify(|m: &mut LockMode| *m = mode.max(*m)).or_insert(mode);
    }
    strongest
}

fn mode(name: &str) -> LockMode {
    let all = [
        LockMode::AccessShare,
        LockMode::RowShare,
        LockMode::RowExclusive,
        LockMode::ShareUpdateExclusive,
        LockMode::Share,
        LockMode::ShareRowExclusive,
        LockMode::Exclusive,
        LockMode::AccessExclusive,
    ];
    let found = all.into_iter().find(|mode| Some(mode.as_str()) == name.strip_suffix("Lock"));
    found.unwrap_or_else(|| panic!("pg_locks shows a mode called {name}"))
}

/// The relation that a plan's lock names; its name may be the one that the part gives it.
pub fn named(lock: &Lock, start: &Relations, end: &Relations) -> Option<u32> {
    let q = lock.relation.qualified()?;
    let name = format!("{}.{}", q.schema.as_str(), q.name.as_str());
    let find = |all: &Relations| all.iter().find(|(_, r)| r.name == name).map(|(oid, _)| *oid);
    find(start).or_else(|| find(end).filter(|oid| start.contains_key(oid)))
}
