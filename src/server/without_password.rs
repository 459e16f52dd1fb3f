//! Takes the password out of a database's address.
use super::conninfo::{Form, after_scheme, form, keyword_string};
use crate::diagnostic::argument;

/// Writes a database's address as a shell takes it, without its password; nothing where what is left is not surely free
/// of it.
#[must_use]
pub fn without_password(address: &str) -> Option<String> {
    let address = address.trim();
    let text = match form(address) {
        Form::Url => url(address)?,
        Form::Keywords => keywords(address)?,
        Form::Name if address.contains(':') => return None,
        Form::Name => address.to_owned(),
    };
    Some(argument(&text))
}

fn url(address: &str) -> Option<String> {
    let rest = after_scheme(address)?;
    let scheme = &address[..address.len() - rest.len()];
    let (place, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, database) = place.split_once('/').unwrap_or((place, ""));
    // An `@` behind the first `/` or `?` is one that a password holds: nothing of such an address is shown.
    if database.contains('@') || query.contains('@') {
        return None;
    }
    let (login, hosts) = authority.rsplit_once('@').map_or((None, authority), |(login, hosts)| (Some(login), hosts));
    // A port that is none may be a password whose `@` is missing.
    let port = |host: &str| {
        host.rsplit_once(':').is_none_or(|(_, port)| port.bytes().all(|b| b.is_ascii_digit() || b == b']'))
    };
    if !hosts.split(',').all(port) {
        return None;
    }
    let user = login.map_or("", |login| login.split_once(':').map_or(login, |(user, _)| user));
    let secret = |pair: &&str| !pair.to_ascii_lowercase().contains("password=");
    let query: Vec<&str> = query.split('&').filter(|pair| !pair.is_empty()).filter(secret).collect();
    let login = if user.is_empty() { String::new() } else { format!("{user}@") };
    let slash = if place.contains('/') { "/" } else { "" };
    let query = if query.is_empty() { String::new() } else { format!("?{}", query.join("&")) };
    Some(format!("{scheme}{login}{hosts}{slash}{database}{query}"))
}

fn keywords(address: &str) -> Option<String> {
    let found = keyword_string(address).ok()?;
    let value = |text: &str| format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"));
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| !c.is_whitespace() && c != '\'' && c != '\\');
    let kept = found.iter().filter(|(keyword, _)| !keyword.to_ascii_lowercase().contains("password"));
    let pairs: Vec<String> = kept
        .map(|(keyword, text)| format!("{keyword}={}", if plain(text) { text.clone() } else { value(text) }))
        .collect();
    Some(pairs.join(" "))
}

#[cfg(test)]
mod tests {
    use super::without_password;

    #[test]
    fn no_password_is_left() {
        let shown = |address: &str| without_password(address).unwrap_or_default();
        assert_eq!(shown("app"), "app");
        assert_eq!(shown("postgres://localhost/app"), "postgres://localhost/app");
        assert_eq!(shown("postgresql+psycopg://me:se@h:5433/app"), "postgresql+psycopg://me@h:5433/app");
        assert_eq!(shown("postgres://:se@h"), "postgres://h");
        assert_eq!(shown("postgres://me@h/app?password=se&sslmode=require"), "'postgres://me@h/app?sslmode=require'");
        assert_eq!(shown("postgres:///app?host=/tmp&user=me"), "'postgres:///app?host=/tmp&user=me'");
        assert_eq!(shown("host=h password='it is' dbname='a b'"), "'dbname='\\''a b'\\'' host=h'");
        for secret in [
            "postgres://me:se/cret@h/app",
            "postgres://me:se?cret@h/app",
            "postgres://me:a@b/c@h/app",
            "postgres://me:secret",
            "me:secret",
        ] {
            assert_eq!(without_password(secret), None, "{secret}");
        }
        assert_eq!(shown("postgres://me:a@b@h/app"), "postgres://me@h/app");
    }
}
