use super::literal::{dollar_quoted, list, literal};
use crate::model::{ColumnName, quote};

/// `alter KIND NAME owner to …`, where an owner is recorded.
#[must_use]
pub fn owner_to(kind: &str, name: &str, owner: Option<&str>) -> Vec<String> {
    owner.map(|owner| format!("alter {kind} {name} owner to {}", quote(owner))).into_iter().collect()
}

/// The role that an entry of a list is for; `None` for everybody.
#[must_use]
pub fn grantee_name(item: &str) -> Option<String> {
    let name = &item[..item.rfind('=')?];
    match name.strip_prefix('"').and_then(|t| t.strip_suffix('"')) {
        Some(inner) => Some(inner.replace("\"\"", "\"")),
        None => (!name.is_empty()).then(|| name.to_owned()),
    }
}

/// One entry of an access control list: `grantee=arw*/grantor`
/// (<https://www.postgresql.org/docs/18/ddl-priv.html>).
struct Entry {
    grantee: String,
    plain: Vec<&'static str>,
    with_option: Vec<&'static str>,
}

fn privilege(letter: char) -> Option<&'static str> {
    Some(match letter {
        'r' => "select",
        'a' => "insert",
        'w' => "update",
        'd' => "delete",
        'D' => "truncate",
        'x' => "references",
        't' => "trigger",
        'X' => "execute",
        'U' => "usage",
        'C' => "create",
        'm' => "maintain",
        _ => return None,
    })
}

fn parse(item: &str) -> Option<Entry> {
    let split = item.rfind('=').filter(|at| !item[..*at].ends_with('\\'))?;
    let rest = &item[split + 1..];
    let letters = rest.split('/').next().unwrap_or_default();
    let mut entry = Entry {
        grantee: grantee_name(item).map_or_else(|| "public".to_owned(), |n| quote(&n)),
        plain: Vec::new(),
        with_option: Vec::new(),
    };
    let mut letters = letters.chars().peekable();
    while let Some(letter) = letters.next() {
        let privilege = privilege(letter)?;
        if letters.next_if_eq(&'*').is_some() {
            entry.with_option.push(privilege);
        } else {
            entry.plain.push(privilege);
        }
    }
    Some(entry)
}

fn statements(on: &str, columns: &str, items: &[String]) -> Vec<String> {
    let mut out = Vec::new();
    for item in items {
        let Some(entry) = parse(item) else {
            // A later server's: what cannot be given is not passed over.
            let message = literal(&format!("pgform does not know all privileges in {item}, which are on {on}"));
            out.push(format!("do {}", literal(&format!("begin raise exception using message = {message}; end"))));
            continue;
        };
        for (privileges, option) in [(&entry.plain, ""), (&entry.with_option, " with grant option")] {
            if !privileges.is_empty() {
                let what = list(privileges.iter().map(|p| format!("{p}{columns}")));
                out.push(format!("grant {what} on {on} to {}{option}", entry.grantee));
            }
        }
    }
    out
}

/// All privileges that the owner of a new object of that kind has, as letters of a list; `maintain` is left out, which
/// servers before 17 do not know.
fn of_owners(kind: &str) -> &'static str {
    match kind {
        "table" => "arwdDxt",
        "sequence" => "rwU",
        "schema" => "UC",
        "function" | "procedure" => "X",
        _ => "U",
    }
}

/// Takes away what `alter default privileges` gave others on a new object
/// (<https://www.postgresql.org/docs/18/sql-alterdefaultprivileges.html>): whoever that is, on whichever database.
fn without_default_privileges(kind: &str, name: &str) -> Option<String> {
    let (catalog, column, owner, class) = match kind {
        "table" | "sequence" => ("pg_class", "relacl", "relowner", "regclass"),
        "type" | "domain" => ("pg_type", "typacl", "typowner", "regtype"),
        "schema" => ("pg_namespace", "nspacl", "nspowner", "regnamespace"),
        _ => return None,
    };
    let everybody = if matches!(kind, "type" | "domain") { " and a.grantee <> 0" } else { "" };
    let body = format!(
        "declare who text; begin for who in
  select distinct case a.grantee when 0 then 'public' else a.grantee::pg_catalog.regrole::text end
  from pg_catalog.{catalog} o, pg_catalog.aclexplode(o.{column}) a
  where o.oid = {}::pg_catalog.{class} and a.grantee <> o.{owner}{everybody}
loop execute {} || who; end loop; end",
        literal(name),
        literal(&format!("revoke all on {kind} {name} from ")),
    );
    Some(format!("do {}", dollar_quoted(&body)))
}

/// The grants that bring a recorded list of privileges back to a new object. What PostgreSQL grants by default (to the
/// owner, to `public` on types, functions and languages) is taken away first where the list lacks it.
#[must_use]
pub fn grants(kind: &str, name: &str, owner: Option<&str>, privileges: Option<&[String]>) -> Vec<String> {
    let on = format!("{kind} {name}");
    // Where an owner is recorded, the privileges are too: none means those of PostgreSQL's own.
    let mut out: Vec<String> = owner.and_then(|_| without_default_privileges(kind, name)).into_iter().collect();
    let Some(items) = privileges else { return out };
    let is_everybodys = matches!(kind, "type" | "domain" | "schema" | "function" | "procedure" | "language");
    if is_everybodys && !items.iter().any(|item| item.starts_with('=')) {
        out.push(format!("revoke all on {on} from public"));
    }
    if let Some(owner) = owner {
        let theirs = items.iter().find(|item| grantee_name(item).as_deref() == Some(owner));
        let letters = theirs.and_then(|item| item.rsplit_once('=')).and_then(|(_, rest)| rest.split('/').next());
        if !of_owners(kind).chars().all(|letter| letters.unwrap_or_default().contains(letter)) {
            out.push(format!("revoke all on {on} from {}", quote(owner)));
        }
    }
    out.extend(statements(&on, "", items));
    out
}

/// The same for a column's own list.
pub(super) fn column_grants(table: &str, column: &ColumnName, items: &[String]) -> Vec<String> {
    statements(&format!("table {table}"), &format!(" ({column})"), items)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_become_grants() {
        let items = ["app=arw/owner".to_owned(), "=r/owner".to_owned(), "\"My Role\"=d*/owner".to_owned()];
        assert_eq!(
            grants("table", "public.t", None, Some(&items)),
            [
                "grant insert, select, update on table public.t to app",
                "grant select on table public.t to public",
                "grant delete on table public.t to \"My Role\" with grant option",
            ]
        );
    }

    #[test]
    fn what_is_given_by_default_is_taken_away_where_it_is_not_listed() {
        let only = |item: &str| vec![item.to_owned()];
        assert_eq!(
            grants("function", "public.f()", Some("me"), Some(&only("me=X/me"))),
            ["revoke all on function public.f() from public", "grant execute on function public.f() to me"]
        );
        let strip = without_default_privileges("table", "public.t").unwrap();
        assert_eq!(
            grants("table", "public.t", Some("me"), Some(&only("me=r/me"))),
            [strip.as_str(), "revoke all on table public.t from me", "grant select on table public.t to me"]
        );
        assert_eq!(
            grants("table", "public.t", Some("me"), Some(&[])),
            [strip.as_str(), "revoke all on table public.t from me"]
        );
        assert_eq!(grants("table", "public.t", Some("me"), None), [strip.as_str()]);
        assert_eq!(grants("table", "public.t", None, None), [""; 0]);
        assert_eq!(grants("function", "public.f()", Some("me"), None), [""; 0]);
    }

    #[test]
    fn a_privilege_of_a_later_server_is_no_silence() {
        let said = grants("table", "public.t", None, Some(&["app=rZ/me".to_owned()]));
        assert_eq!(said.len(), 1);
        assert!(said[0].starts_with("do ") && said[0].contains("app=rZ/me"), "{said:?}");
    }
}
