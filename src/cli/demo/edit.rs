//! Makes an edit of files that is written down as a unified diff.

/// The edit of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Edit<'d> {
    /// The file's path.
    pub(super) file: &'d str,
    /// What is taken away, added and stays, in the order of the file: lines that begin with `-`, `+` or a space.
    hunks: Vec<Vec<&'d str>>,
}

/// Reads a unified diff, without the numbers of its lines: a hunk is found by what it says.
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

/// Lines without their mark, where that is none of `but`.
fn lines<'d>(hunk: &[&'d str], but: char) -> Vec<&'d str> {
    hunk.iter().filter(|line| !line.starts_with(but)).filter_map(|line| line.get(1..)).collect()
}

impl Edit<'_> {
    /// Gives the file's text with the edit; nothing if a hunk is not there.
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

    /// The file, then the lines that go, come and stay around them.
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
