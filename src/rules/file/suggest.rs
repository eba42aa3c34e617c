//! The word that was probably meant.
//!
//! Deliberately not here: which words there are.

/// The one of `words` nearest to what was written, where it is near enough to be a slip, or the only one that begins so.
pub fn nearest<'w>(written: &str, words: &[&'w str]) -> Option<&'w str> {
    let mut longer = words.iter().filter(|word| written.len() > 3 && word.starts_with(written));
    if let (Some(only), None) = (longer.next(), longer.next()) {
        return Some(only);
    }
    let written: Vec<char> = written.chars().take(64).flat_map(char::to_lowercase).collect();
    words
        .iter()
        .map(|word| (distance(&written, &word.chars().collect::<Vec<_>>()), *word))
        .filter(|(far, word)| *far <= (word.chars().count() / 3).max(1))
        .min_by_key(|(far, _)| *far)
        .map(|(_, word)| word)
}

/// A message for a word that is none of `words`.
pub fn none_of(written: &str, words: &[&str]) -> String {
    let shown: String = written.chars().take(40).collect();
    match nearest(written, words) {
        Some(word) => format!("{shown:?} is none of {}; did you mean {word:?}?", words.join(", ")),
        None => format!("{shown:?} is none of {}", words.join(", ")),
    }
}

/// A message for a field that is none of `fields`.
pub fn no_such_field(written: &str, fields: &[&str]) -> String {
    match nearest(written, fields) {
        Some(field) => format!("no such field; did you mean {field:?}?"),
        None => format!("no such field; here may stand {}", fields.join(", ")),
    }
}

/// How many letters must be added, dropped, changed or swapped with their neighbour.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (last[j] + usize::from(x != y)).min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let words = ["cooldown_days", "grace_window_days", "enabled", "id"];
        for (written, expected) in [
            ("cooldown_day", Some("cooldown_days")),
            ("cooldwon_days", Some("cooldown_days")),
            ("cool_down_days", Some("cooldown_days")),
            ("Enabled", Some("enabled")),
            ("ID", Some("id")),
            ("grace", Some("grace_window_days")),
            ("", None),
            ("phone", None),
            ("retention_days", None),
        ] {
            assert_eq!(nearest(written, &words), expected, "{written:?}");
        }
    }
}
