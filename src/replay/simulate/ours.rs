//! Calls that we start, as a file writes them.
//!
//! Deliberately not here: people, who start theirs by themselves (`party`), and writing it (`write`).

use std::time::Duration;

use crate::domain::E164;
use crate::replay::node::Node;
use crate::replay::phones::script::Party;
use crate::replay::reader::Reader;
use crate::replay::target::Whom;

use super::call::Ours;

const KEYS: [&str; 4] = ["after", "first_party_of", "line", "back_to"];

impl Reader<'_> {
    /// Every `[[we_call]]`: for a session's first party, or for a line that returns somebody's call.
    pub(super) fn ours(&mut self, root: &Node, parties: &[Party]) -> Vec<Ours> {
        let nodes = self.list("we_call", root.at("we_call"));
        nodes
            .iter()
            .enumerate()
            .filter_map(|(no, node)| self.our_call(&format!("we_call {}", no + 1), node, parties))
            .collect()
    }

    fn our_call(&mut self, field: &str, node: &Node, parties: &[Party]) -> Option<Ours> {
        self.keys(&format!("{field}."), node, &KEYS);
        let after = self.span(&format!("{field}.after"), node.at("after")).unwrap_or(Duration::ZERO);
        let mut text = |key: &str| self.text(&format!("{field}.{key}"), node.at(key));
        let whom = match (text("first_party_of"), text("line"), text("back_to")) {
            (Some(session), None, None) => Whom::FirstParty(session),
            (None, Some(line), Some(back)) => {
                let phone = parties.iter().find(|party| party.name == back).map_or(back, |party| party.phone.clone());
                if E164::read(&phone).is_none() {
                    let message = format!("\"{phone}\" is neither somebody's name nor a number in E.164");
                    self.wrong(node.line, format!("{field}.back_to"), message);
                }
                Whom::CallBack { line, phone }
            }
            _ => {
                let message = "says neither first_party_of = \"session\" nor line = \"…\" with back_to = \"ana\"";
                self.wrong(node.line, field, message);
                return None;
            }
        };
        Some(Ours { after, whom })
    }
}
