//! Cuts a server's bytes into messages of the protocol, and reads errors, notices and rows.
use super::{Notice, ServerError, SqlState};

/// Cuts the server's bytes into messages: one byte of kind, four of length (themselves included), the body.
/// <https://www.postgresql.org/docs/current/protocol-message-formats.html>
#[derive(Default)]
pub(super) struct Frames {
    head: Vec<u8>,
    body: Vec<u8>,
    /// Number of bytes of the current body that have not come yet.
    left: usize,
    wanted: bool,
}

impl Frames {
    /// Takes bytes as they come, and gives every complete message that is wanted; the others are passed over uncopied.
    pub(super) fn feed(&mut self, mut bytes: &[u8], wanted: impl Fn(u8) -> bool, mut seen: impl FnMut(u8, &[u8])) {
        while !bytes.is_empty() {
            if self.head.len() < 5 {
                let take = bytes.len().min(5 - self.head.len());
                self.head.extend_from_slice(&bytes[..take]);
                bytes = &bytes[take..];
                let [kind, a, b, c, d] = self.head[..] else { return };
                self.left = (u32::from_be_bytes([a, b, c, d]) as usize).saturating_sub(4);
                self.wanted = wanted(kind);
            }
            let take = bytes.len().min(self.left);
            if self.wanted {
                self.body.extend_from_slice(&bytes[..take]);
            }
            bytes = &bytes[take..];
            self.left -= take;
            if self.left == 0 {
                if self.wanted {
                    seen(self.head[0], &self.body);
                }
                self.head.clear();
                self.body.clear();
            }
        }
    }
}

/// The fields of an `ErrorResponse` or `NoticeResponse`: a byte that says which, then text up to a zero byte.
struct Fields(Vec<(u8, String)>);

impl Fields {
    fn read(body: &[u8]) -> Self {
        let fields = body.split(|byte| *byte == 0).filter_map(|field| {
            let (which, text) = field.split_first()?;
            Some((*which, String::from_utf8_lossy(text).into_owned()))
        });
        Self(fields.collect())
    }

    fn get(&self, which: u8) -> Option<String> {
        self.0.iter().find(|(own, _)| *own == which).map(|(_, text)| text.clone())
    }

    fn severity(&self) -> String {
        // V is the untranslated severity (since 9.6).
        self.get(b'V').or_else(|| self.get(b'S')).unwrap_or_default()
    }
}

/// Reads an `ErrorResponse`. `FATAL` and `PANIC` end the session.
pub(super) fn error(body: &[u8]) -> ServerError {
    let fields = Fields::read(body);
    ServerError {
        sqlstate: fields.get(b'C').and_then(|code| SqlState::new(&code)),
        message: fields.get(b'M').unwrap_or_default(),
        detail: fields.get(b'D'),
        hint: fields.get(b'H'),
        context: fields.get(b'W'),
        position: fields.get(b'P').and_then(|position| position.parse().ok()),
        connection_lost: matches!(fields.severity().as_str(), "FATAL" | "PANIC"),
    }
}

/// Reads a `NoticeResponse`.
pub(super) fn notice(body: &[u8]) -> Notice {
    let fields = Fields::read(body);
    Notice {
        severity: fields.severity(),
        sqlstate: fields.get(b'C').and_then(|code| SqlState::new(&code)),
        message: fields.get(b'M').unwrap_or_default(),
        detail: fields.get(b'D'),
        hint: fields.get(b'H'),
    }
}

/// Reads a `DataRow` of the simple protocol, where every value is text; none if it is cut off.
pub(super) fn row(body: &[u8]) -> Option<Vec<Option<String>>> {
    let (count, mut rest) = body.split_first_chunk::<2>()?;
    let mut row = Vec::new();
    for _ in 0..u16::from_be_bytes(*count) {
        let (length, after) = rest.split_first_chunk::<4>()?;
        // A negative length means null.
        let Ok(length) = usize::try_from(i32::from_be_bytes(*length)) else {
            row.push(None);
            rest = after;
            continue;
        };
        let (value, after) = after.split_at_checked(length)?;
        row.push(Some(String::from_utf8_lossy(value).into_owned()));
        rest = after;
    }
    Some(row)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let mut bytes = vec![kind];
        bytes.extend_from_slice(&(u32::try_from(body.len()).unwrap() + 4).to_be_bytes());
        bytes.extend_from_slice(body);
        bytes
    }

    #[test]
    fn messages_come_whole_however_the_bytes_are_cut() {
        let stream = [
            message(b'D', b"not wanted"),
            message(b'E', b"SERROR\0VERROR\0C42P01\0Mno such table\0P15\0\0"),
            message(b'N', b""),
        ]
        .concat();
        for cut in 1..stream.len() {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for part in stream.chunks(cut) {
                frames.feed(part, |kind| kind != b'D', |kind, body| seen.push((kind, body.to_vec())));
            }
            assert_eq!(seen.len(), 2, "cut at {cut}");
            let error = error(&seen[0].1);
            assert!(error.is("42P01") && error.message == "no such table" && error.position == Some(15));
            assert!(!error.connection_lost);
            assert_eq!(seen[1], (b'N', Vec::new()));
        }
    }

    #[test]
    fn rows_have_nulls_and_empty_texts() {
        let body = [&[0, 3][..], &[0, 0, 0, 1], b"a", &[255, 255, 255, 255], &[0, 0, 0, 0]].concat();
        assert_eq!(row(&body), Some(vec![Some("a".into()), None, Some(String::new())]));
        assert_eq!(row(&body[..6]), None);
    }
}
