use jiff::Timestamp;

/// Now, to the second: receipts need no more.
pub(super) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

/// Who is at the keyboard, as far as the system tells.
pub(super) fn who(variables: &crate::settings::Variables) -> String {
    let named = ["PGFORM_USER", "USER", "LOGNAME"].iter().find_map(|name| variables.process(name));
    named.map_or_else(|| "unknown".to_owned(), |v| v.value)
}
