//! Edits of files, read from a unified diff, for the demo.

/// Edit of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit<'d> {
    /// Path of the file.
    pub(super) file: &'d str,
    /// Lines that are removed, added and kept, in the order of the file, which begin with `-`, `+` or a space.
    hunks: Vec<Vec<&'d str>>,
}

/// Reads a unified diff, without its line numbers: a hunk is found by its lines.
pub(super) fn edits(diff: &str) -> Vec<Edit<'_>> {
    let mut all: Vec<Edit<'_>> = Vec::new();
    for line in diff.lines().filter(|line| !line.starts_with("--- ")) {
        match (line.strip_prefix("+++ "), all.last_mut()) {
            (Some(file), _) => all.push(Edit { file, hunks: Vec::new() }),
            (None, Some(edit)) if line.starts_with("@@ ") => edit.hunks.push(Vec::new()),
            (None, edit) => edit.and_then(|edit| edit.hunks.last_mut()).into_iter().for_each(|hunk| hunk.push(line)),
        }
    }
    all
}

/// Lines without their mark, but for those whose mark is `but`.
fn lines<'d>(hunk: &[&'d str], but: char) -> Vec<&'d str> {
    hunk.iter().filter(|line| !line.starts_with(but)).filter_map(|line| line.get(1..)).collect()
}

impl Edit<'_> {
    /// Edits the text of the file; none if a hunk is not found.
    pub(super) fn of(&self, text: &str) -> Option<String> {
        let mut rest: Vec<&str> = text.lines().collect();
        let mut out = Vec::new();
        for hunk in &self.hunks {
            let (before, after) = (lines(hunk, '+'), lines(hunk, '-'));
            let at = (0..=rest.len()).find(|at| rest[*at..].starts_with(&before))?;
            let behind = rest.split_off(at + before.len());
            out.extend(rest.drain(..at));
            out.extend(after);
            rest = behind;
        }
        out.extend(rest);
        Some(out.join("\n") + "\n")
    }

    /// Path of the file, then the lines of the edit.
    pub(super) fn shown(&self) -> String {
        let hunks: Vec<String> = self.hunks.iter().map(|hunk| hunk.join("\n")).collect();
        format!("{}\n{}\n", self.file, hunks.join("\n  …\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIFF: &str =
        "--- a\n+++ a\n@@ -2,2 +2,2 @@ x\n b\n-c\n+C\n@@ -9 +9,2 @@\n b\n+d\n--- /dev/null\n+++ n\n@@ -0,0 +1 @@\n+x\n";

    #[test]
    fn an_edit_is_made_where_its_lines_stand_or_not_at_all() {
        let all = edits(DIFF);
        let [a, new] = &all[..] else { panic!("{all:?}") };
        assert_eq!((a.file, new.file), ("a", "n"));
        assert_eq!(a.of("b\na\nb\nc\nb\nz\n").as_deref(), Some("b\na\nb\nC\nb\nd\nz\n"));
        assert_eq!(a.of("a\nb\nb\nc\n"), None);
        assert_eq!(new.of("").as_deref(), Some("x\n"));
        assert_eq!(a.shown(), "a\n b\n-c\n+C\n  …\n b\n+d\n");
    }
}
