//! Tables of text: cells in columns by display width, and lines wrapped between words.
use unicode_width::UnicodeWidthStr as _;

/// Width, in columns of a terminal, from which a cell may reach over its column's edge: one long name must not push all
/// others off the screen.
const MAX_WIDTH: usize = 64;

/// Lays out rows in columns, two spaces between them, and nothing behind the last letter of a line. Cells must not hold
/// line ends or hidden letters.
pub(super) fn columns(rows: &[Vec<String>], indent: usize) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let widths = rows.iter().filter_map(|r| r.get(column)).map(|cell| cell.width());
        widths.filter(|w| *w <= MAX_WIDTH).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let mut out = String::new();
    for row in rows {
        let mut line = " ".repeat(indent);
        let mut edge = indent;
        for (cell, width) in row.iter().zip(&widths) {
            line.push_str(cell);
            edge += width + 2;
            let at = line.width();
            line.push_str(&" ".repeat(edge.saturating_sub(at).max(2)));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}

/// Wraps a text into lines of at most a width, between words; the lines after the first are indented.
pub(super) fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.trim().is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= width {
            line.push_str(&format!(" {word}"));
        } else {
            lines.push(format!("  {word}"));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_letters_and_long_cells_keep_the_columns() {
        let row = |a: &str, b: &str, c: &str| vec![a.to_owned(), b.to_owned(), c.to_owned()];
        let shown = columns(&[row("a", "日本", "x"), row("größe", "b", ""), row("c", &"y".repeat(70), "z")], 1);
        assert_eq!(shown, format!(" a      日本  x\n größe  b\n c      {}  z\n", "y".repeat(70)));
        assert_eq!(wrapped("add column a.long_name and more", 12), ["add column", "  a.long_name", "  and more"]);
        assert_eq!(wrapped("", 12), [""]);
    }
}
