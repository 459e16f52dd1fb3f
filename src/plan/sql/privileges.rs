//! Writes privileges as `grant` and `revoke`.
use super::literal::{dollar_quoted, list, literal};
use crate::model::{ColumnName, GrantChange, Grantee, Privilege, Privileges, Right, Rights};

/// Statements that give rights, one for each grantee and whether they may be given on.
pub(super) fn give(on: &str, columns: &str, grantee: &Grantee, rights: &Rights) -> Vec<String> {
    give_behind("", on, columns, grantee, rights)
}

/// Statements that give rights, with words before each: those of `alter default privileges`.
fn give_behind(before: &str, on: &str, columns: &str, grantee: &Grantee, rights: &Rights) -> Vec<String> {
    let mut out = Vec::new();
    for right in rights.iter().filter(|right| matches!(right.privilege, Privilege::Later(_))) {
        // What cannot be given is not passed over.
        let message =
            literal(&format!("pgform does not know the {} that {} has on {on}", right.privilege, grantee.name()));
        out.push(format!("do {}", literal(&format!("begin raise exception using message = {message}; end"))));
    }
    for (with_option, option) in [(false, ""), (true, " with grant option")] {
        let known = |right: &&Right| right.with_option == with_option && matches!(right.privilege, Privilege::Known(_));
        let statement = |what: String| format!("{before}grant {what} on {on} to {grantee}{option}");
        out.extend(of_each_version(rights.iter().filter(known), columns, statement));
    }
    out
}

/// Statements that take rights away, or from those that stay the option to give them on: taking that is a statement of
/// its own.
fn take(before: &str, on: &str, columns: &str, change: &GrantChange) -> Vec<String> {
    let stays = |right: &Right| change.given.contains(&Right { with_option: false, ..right.clone() });
    let statements = |only_option: bool| {
        let those = change.taken.iter().filter(|right| (right.with_option && stays(right)) == only_option);
        // One that gets the option has it from the grant.
        let given_on = |right: &&Right| {
            right.with_option || !change.given.contains(&Right { with_option: true, ..(*right).clone() })
        };
        let what = if only_option { "grant option for " } else { "" };
        let statement = |words: String| format!("{before}revoke {what}{words} on {on} from {}", change.grantee);
        of_each_version(those.filter(given_on), columns, statement)
    };
    [statements(false), statements(true)].concat()
}

/// A statement on rights that every server knows, and one on `maintain`, which runs where that is known: from 17 on.
fn of_each_version<'a>(
    rights: impl Iterator<Item = &'a Right>,
    columns: &str,
    statement: impl Fn(String) -> String,
) -> Vec<String> {
    let (later, all): (Vec<&Right>, Vec<&Right>) = rights.partition(|right| right.privilege == Privilege::MAINTAIN);
    let words = |of: Vec<&Right>| list(of.into_iter().map(|right| format!("{}{columns}", right.privilege)));
    let of_all = (!all.is_empty()).then(|| statement(words(all)));
    let is_17 = "pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 170000";
    let guarded = |sql: String| format!("do {}", dollar_quoted(&format!("begin if {is_17} then {sql}; end if; end")));
    let of_later = (!later.is_empty()).then(|| guarded(statement(words(later))));
    of_all.into_iter().chain(of_later).collect()
}

/// Statements that change what grantees may do.
#[must_use]
pub fn regrant(on: &str, columns: &str, changes: &[GrantChange]) -> Vec<String> {
    regrant_behind("", on, columns, changes)
}

/// Statements that change what grantees may do with objects that are not there yet: `prefix` names the role that will make
/// them, and where.
#[must_use]
pub fn redefault(prefix: &str, on: &str, changes: &[GrantChange]) -> Vec<String> {
    regrant_behind(&format!("{prefix} "), on, "", changes)
}

fn regrant_behind(before: &str, on: &str, columns: &str, changes: &[GrantChange]) -> Vec<String> {
    let one = |change: &GrantChange| {
        let kept = |right: &&Right| !change.taken.contains(&Right { with_option: true, ..(*right).clone() });
        let given: Rights = change.given.iter().filter(kept).cloned().collect();
        [take(before, on, columns, change), give_behind(before, on, columns, &change.grantee, &given)].concat()
    };
    changes.iter().flat_map(one).collect()
}

/// Undoes what `alter default privileges` did on a new object
/// (<https://www.postgresql.org/docs/18/sql-alterdefaultprivileges.html>): takes away what others got, whoever that is
/// on whichever database, and gives everybody what PostgreSQL gives.
fn without_default_privileges(kind: &str, name: &str, usual: &Privileges) -> Option<String> {
    let (catalog, column, owner, class) = match kind {
        "table" | "sequence" => ("pg_class", "relacl", "relowner", "regclass"),
        "type" | "domain" => ("pg_type", "typacl", "typowner", "regtype"),
        "schema" => ("pg_namespace", "nspacl", "nspowner", "regnamespace"),
        "function" | "procedure" => ("pg_proc", "proacl", "proowner", "regprocedure"),
        _ => return None,
    };
    let this = format!("{}::pg_catalog.{class}", literal(name));
    let everybodys =
        usual.grants.get(&Grantee::Public).map(|rights| give(&format!("{kind} {name}"), "", &Grantee::Public, rights));
    let (except, again) = match everybodys {
        None => ("", String::new()),
        Some(give) => (
            " and a.grantee <> 0",
            format!(
                " if exists (select from pg_catalog.{catalog} o where o.oid = {this} and o.{column} is not null and not exists
  (select from pg_catalog.aclexplode(o.{column}) a where a.grantee = 0)) then {}; end if;",
                give.join("; ")
            ),
        ),
    };
    let body = format!(
        "declare who text; begin for who in
  select distinct case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end
  from pg_catalog.{catalog} o, pg_catalog.aclexplode(o.{column}) a
  where o.oid = {this} and a.grantee <> o.{owner}{except}
loop execute {} || who; end loop;{again} end",
        literal(&format!("revoke all on {kind} {name} from ")),
    );
    Some(format!("do {}", dollar_quoted(&body)))
}

/// The grants that bring recorded privileges to a new object. What PostgreSQL grants by default (to the owner, to
/// `public` on types, functions and languages) is taken away first where they are all and lack it.
pub(super) fn grants(
    kind: &str,
    name: &str,
    owner: Option<&str>,
    privileges: Option<&Privileges>,
    usual: &Privileges,
) -> Vec<String> {
    let on = format!("{kind} {name}");
    // Where an owner is recorded, the privileges are too: none means those of PostgreSQL's own.
    let mut out: Vec<String> = owner.and_then(|_| without_default_privileges(kind, name, usual)).into_iter().collect();
    let Some(privileges) = privileges else { return out };
    for (grantee, rights) in &usual.grants {
        let of = privileges.grants.get(grantee);
        let has = |right: &Right| of.is_some_and(|of| of.iter().any(|known| known.privilege == right.privilege));
        if (of.is_some() || privileges.exact) && !rights.iter().all(has) {
            out.push(format!("revoke all on {on} from {grantee}"));
        }
    }
    // What everybody has on a new object is not given again, where nothing took it away.
    let had = |grantee: &Grantee, rights: &Rights| {
        owner.is_none() && *grantee == Grantee::Public && usual.grants.get(grantee) == Some(rights)
    };
    for (grantee, rights) in privileges.grants.iter().filter(|(grantee, rights)| !had(grantee, rights)) {
        out.extend(give(&on, "", grantee, rights));
    }
    out
}

/// The grants that bring a column's own privileges to a new column.
pub(super) fn column_grants(table: &str, column: &ColumnName, privileges: &Privileges) -> Vec<String> {
    let (on, columns) = (format!("table {table}"), format!(" ({column})"));
    privileges.grants.iter().flat_map(|(grantee, rights)| give(&on, &columns, grantee, rights)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ObjectKind;

    fn of(items: &[&str]) -> Privileges {
        Privileges::of_list(&items.iter().map(|i| (*i).to_owned()).collect::<Vec<_>>(), Some("owner"))
    }

    fn table(owner: Option<&str>, items: Option<&[&str]>) -> Vec<String> {
        let usual = Privileges::by_default(ObjectKind::Table, owner);
        grants("table", "public.t", owner, items.map(of).as_ref(), &usual)
    }

    #[test]
    fn lists_become_grants() {
        assert_eq!(
            table(None, Some(&["app=arw/owner", "=r/owner", "\"My Role\"=d*/owner"])),
            [
                "grant select on table public.t to public",
                "grant delete on table public.t to \"My Role\" with grant option",
                "grant insert, select, update on table public.t to app",
            ]
        );
    }

    #[test]
    fn what_is_given_by_default_is_taken_away_where_it_is_not_listed() {
        let usual = Privileges::by_default(ObjectKind::Function, Some("owner"));
        let strip = without_default_privileges("function", "public.f()", &usual).unwrap();
        assert!(strip.contains("then grant execute on function public.f() to public; end if"), "{strip}");
        assert_eq!(
            grants("function", "public.f()", Some("owner"), Some(&of(&["owner=X/owner"])), &usual),
            [
                strip.as_str(),
                "revoke all on function public.f() from public",
                "grant execute on function public.f() to owner"
            ]
        );
        let strip = without_default_privileges("table", "public.t", &Privileges::default()).unwrap();
        assert_eq!(
            table(Some("owner"), Some(&["owner=r/owner"])),
            [strip.as_str(), "revoke all on table public.t from owner", "grant select on table public.t to owner"]
        );
        assert_eq!(table(Some("owner"), Some(&[])), [strip.as_str(), "revoke all on table public.t from owner"]);
        assert_eq!(table(Some("owner"), None), [strip.as_str()]);
        assert_eq!(table(None, None), [""; 0]);
    }

    #[test]
    fn only_what_differs_is_given_and_taken() {
        let changed = |a: &[&str], b: &[&str]| regrant("table t", "", &of(a).changes_to(&of(b)));
        assert_eq!(
            changed(&["app=ar/owner"], &["app=rw/owner"]),
            ["revoke insert on table t from app", "grant update on table t to app"]
        );
        assert_eq!(
            changed(&["app=r*/owner"], &["app=r/owner"]),
            ["revoke grant option for select on table t from app"]
        );
        assert_eq!(changed(&["app=r/owner"], &["app=r*/owner"]), ["grant select on table t to app with grant option"]);
        assert_eq!(changed(&["app=r/owner"], &[]), ["revoke select on table t from app"]);
        let sql = changed(&["app=rm/owner"], &["app=a/owner"]);
        assert_eq!(
            [sql[0].as_str(), sql[2].as_str()],
            ["revoke select on table t from app", "grant insert on table t to app"]
        );
        assert!(sql[1].contains(">= 170000 then revoke maintain on table t from app; end if"), "{sql:?}");
    }

    #[test]
    fn a_privilege_of_a_later_server_is_no_silence() {
        let said = table(None, Some(&["app=rZ/owner"]));
        assert!(said[0].starts_with("do ") && said[0].contains("privilege Z"), "{said:?}");
    }
}
