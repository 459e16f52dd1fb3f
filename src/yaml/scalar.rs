//! Reads plain scalars as YAML 1.2's core schema does: <https://yaml.org/spec/1.2.2/#103-core-schema>.

/// Reads a plain `true` or `false`.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// Reads a plain integer, if it is one and fits.
pub(super) fn integer(text: &str) -> Option<i128> {
    if let Some(digits) = text.strip_prefix("0x") {
        return all(digits, |c| c.is_ascii_hexdigit()).then(|| i128::from_str_radix(digits, 16).ok())?;
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return all(digits, |c| matches!(c, '0'..='7')).then(|| i128::from_str_radix(digits, 8).ok())?;
    }
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    all(digits, |c| c.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Reads a plain number with a fraction or an exponent.
pub(super) fn float(text: &str) -> Option<f64> {
    match text {
        ".nan" | ".NaN" | ".NAN" => return Some(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return Some(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let written = text.chars().all(|c| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E'));
    (written && text.chars().any(|c| c.is_ascii_digit())).then(|| text.parse().ok())?
}

fn all(digits: &str, test: impl Fn(char) -> bool) -> bool {
    !digits.is_empty() && digits.chars().all(test)
}
