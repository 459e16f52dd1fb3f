//! Reads libpq's password file, and finds a server's password in it.
use super::conninfo::mistake;
use crate::diagnostic::{Code, Diagnostic};
use std::{fs, io::ErrorKind, path::Path};

/// Reads the password file as libpq does: a missing one is no error, one that others may read is not used.
/// <https://www.postgresql.org/docs/current/libpq-pgpass.html>
pub(super) fn read(path: &Path, warnings: &mut Vec<Diagnostic>) -> Result<Option<String>, Diagnostic> {
    let shown = path.display();
    let metadata = match fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(mistake(format!("cannot read the password file {shown}: {error}"))),
    };
    if !metadata.is_file() {
        warnings.push(Diagnostic::warning(
            Code::Settings,
            format!("the password file {shown} is not a plain file: not used"),
        ));
        return Ok(None);
    }
    #[cfg(unix)]
    if std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o077 != 0 {
        let warning =
            Diagnostic::warning(Code::Settings, format!("others may read the password file {shown}: not used"));
        warnings.push(warning.help(format!("chmod 600 {shown}")));
        return Ok(None);
    }
    fs::read_to_string(path)
        .map(Some)
        .map_err(|error| mistake(format!("cannot read the password file {shown}: {error}")))
}

/// Finds the password of the first line that fits: `host:port:database:user:password`, `*` for any, backslash before
/// `:` and `\`.
pub(super) fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
        let fields = fields(line.trim_end_matches('\r'));
        let [host, port, database, user, password] = fields.try_into().ok()?;
        let fits = |(own, wanted): (&String, &str)| own == "*" || own == wanted;
        [&host, &port, &database, &user].into_iter().zip(wanted).all(fits).then_some(password)
    })
}

/// Splits a line into four fields and the rest, unescaped. Colons in the password need no backslash.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        let count = fields.len();
        let Some(last) = fields.last_mut() else { break };
        match c {
            '\\' => last.extend(chars.next()),
            ':' if count < 5 => fields.push(String::new()),
            c => last.push(c),
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let text = "# a comment\ndb:5432:app:me:right:with\\\\colons\n*:*:*:me:any\nshort:line\n";
        assert_eq!(find(text, ["db", "5432", "app", "me"]).as_deref(), Some("right:with\\colons"));
        assert_eq!(find(text, ["other", "5432", "app", "me"]).as_deref(), Some("any"));
        assert_eq!(find(text, ["db", "5432", "app", "you"]), None);
        assert_eq!(find("a\\:b:*:*:*:x", ["a:b", "1", "d", "u"]).as_deref(), Some("x"));
    }
}
