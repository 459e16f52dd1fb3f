use jiff::Timestamp;

/// Now, to the second: receipts need no more.
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
