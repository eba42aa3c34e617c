//! The name that was probably meant.
//!
//! Deliberately not here: what is done about it.

/// `; did you mean "listen"?` for a name that is a slip away from one that exists, else nothing.
pub fn did_you_mean<'a>(written: &str, names: impl Iterator<Item = &'a str>) -> String {
    let near = names.map(|name| (distance(written, name), name)).min();
    match near {
        Some((slips, name)) if slips <= written.len().div_ceil(3) => format!("; did you mean \"{name}\"?"),
        Some(_) | None => String::new(),
    }
}

/// Letters to change, add, drop or swap with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_slips_are_suggested() {
        let names = ["listen", "log", "journal_days"];
        for (written, meant) in [
            ("listne", "; did you mean \"listen\"?"),
            ("jurnal_days", "; did you mean \"journal_days\"?"),
            ("logs", "; did you mean \"log\"?"),
            ("colour", ""),
        ] {
            assert_eq!(did_you_mean(written, names.into_iter()), meant, "{written}");
        }
    }
}
