//! A file with `[[row]]` tables as one file a row: the row's values filled in, its own parts laid over the file's.
//!
//! Deliberately not here: what the parts mean (`replay::read`).

use crate::rules::ruleset::Mistake;

use super::node::{Kind, Node};

/// Keys of a row that are laid over the file itself; every other key is a value for `${row.KEY}`.
const OVER_FILE: [&str; 4] = ["now", "given", "account", "pending"];
/// Keys of a row that are laid over its first exchange.
const OVER_EXCHANGE: [&str; 5] = ["request", "form", "headers", "sign", "expect"];

/// Splits a file into its rows, each with its name (empty where the file has no rows).
pub fn expand(file: &str, root: &Node) -> Result<Vec<(String, Node)>, Vec<Mistake>> {
    let Some(rows) = root.at("row") else { return Ok(vec![(String::new(), root.clone())]) };
    let mistake = |line, message: String| Mistake {
        file: file.to_owned(),
        line,
        field: "row".to_owned(),
        message,
        warning: false,
    };
    let Kind::List(rows) = &rows.kind else {
        return Err(vec![mistake(rows.line, format!("is {}; write [[row]] tables", rows.word()))]);
    };
    let mut cases = Vec::with_capacity(rows.len());
    let mut mistakes = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let name = row.at("name").and_then(Node::plain).unwrap_or_else(|| format!("row {}", index + 1));
        match over(root, row) {
            Ok(case) => cases.push((name, case)),
            Err((line, message)) => mistakes.push(mistake(line, format!("{name}: {message}"))),
        }
    }
    if mistakes.is_empty() { Ok(cases) } else { Err(mistakes) }
}

/// The file as one row sees it.
fn over(root: &Node, row: &Node) -> Result<Node, (usize, String)> {
    let Kind::Table(values) = &row.kind else {
        return Err((row.line, format!("a row is a table, not {}", row.word())));
    };
    let Kind::Table(entries) = &root.kind else { return Err((root.line, "a file is a table".to_owned())) };
    let mut case =
        Node { line: root.line, kind: Kind::Table(entries.iter().filter(|(key, _)| key != "row").cloned().collect()) };
    for key in OVER_FILE {
        if let Some(value) = row.at(key) {
            case.lay(&Node { line: value.line, kind: Kind::Table(vec![(key.to_owned(), value.clone())]) });
        }
    }
    let parts: Vec<(String, Node)> =
        values.iter().filter(|(key, _)| OVER_EXCHANGE.contains(&key.as_str())).cloned().collect();
    if !parts.is_empty()
        && let Kind::Table(entries) = &mut case.kind
        && let Some((_, exchanges)) = entries.iter_mut().find(|(key, _)| key == "exchange")
        && let Kind::List(exchanges) = &mut exchanges.kind
        && let Some(first) = exchanges.first_mut()
    {
        first.lay(&Node { line: row.line, kind: Kind::Table(parts) });
    }
    fill(&mut case, row)?;
    Ok(case)
}

/// Replaces every `${row.KEY}`. A string that is nothing else becomes the value itself, of whatever type.
fn fill(node: &mut Node, row: &Node) -> Result<(), (usize, String)> {
    match &mut node.kind {
        Kind::List(items) => items.iter_mut().try_for_each(|item| fill(item, row)),
        Kind::Table(entries) => entries.iter_mut().try_for_each(|(_, item)| fill(item, row)),
        Kind::Text(text) if text.contains("${row.") => {
            let line = node.line;
            let value = |key: &str| {
                row.at(key).ok_or_else(|| (line, format!("${{row.{key}}} is used, and the row has no {key}")))
            };
            if let Some(key) = text.strip_prefix("${row.").and_then(|rest| rest.strip_suffix('}'))
                && !key.contains('}')
            {
                node.kind = value(key)?.kind.clone();
                return Ok(());
            }
            let mut filled = String::with_capacity(text.len());
            let mut rest = text.as_str();
            while let Some((before, after)) = rest.split_once("${row.") {
                let (key, after) = after.split_once('}').ok_or_else(|| (line, "a ${row. without its }".to_owned()))?;
                filled.push_str(before);
                filled.push_str(&value(key)?.plain().ok_or_else(|| {
                    (line, format!("${{row.{key}}} stands inside a text, so it has to be a plain value"))
                })?);
                rest = after;
            }
            filled.push_str(rest);
            *text = filled;
            Ok(())
        }
        Kind::Text(_) | Kind::Whole(_) | Kind::Fraction(_) | Kind::Yes(_) | Kind::When(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_fill_in_and_lay_over() {
        let root = Node::read(
            "f",
            "now = \"${row.at}\"\n[[exchange]]\nform = {From = \"${row.who}\", Body = \"for ${row.who}\"}\n\
             expect.decision = {why = \"${row.why}\", match = \"live\"}\n\
             [[row]]\nname = \"first\"\nat = \"t1\"\nwho = \"ana\"\nwhy = [\"a\", \"b\"]\n\
             [[row]]\nat = \"t2\"\nwho = \"jo\"\nwhy = []\nexpect.decision.match = \"none\"\nnow = \"t3\"\n",
        )
        .expect("TOML");
        let cases = expand("f", &root).expect("both rows are whole");
        assert_eq!(cases.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["first", "row 2"]);
        assert_eq!(
            cases[0].1.json(),
            serde_json::json!({"now": "t1", "exchange": [{
                "form": {"From": "ana", "Body": "for ana"}, "expect": {"decision": {"why": ["a", "b"], "match": "live"}}}]})
        );
        assert_eq!(cases[1].1.at("now").and_then(Node::plain).as_deref(), Some("t3"), "a row's own part wins");
        assert_eq!(cases[1].1.json()["exchange"][0]["expect"]["decision"]["match"], "none");
    }

    #[test]
    fn a_value_that_a_row_lacks_is_a_mistake() {
        let root = Node::read("f", "title = \"${row.x}\"\n[[row]]\nname = \"n\"\n").expect("TOML");
        let mistakes = expand("f", &root).expect_err("x is missing");
        assert_eq!(mistakes[0].message, "n: ${row.x} is used, and the row has no x");
    }
}
