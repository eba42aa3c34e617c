//! The state before a call: a rules file found by its name, with a fixture's own changes, and secrets that are the
//! same on every machine.
//!
//! Deliberately not here: what a rules file means (`rules::file`).

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::Mutex;

use crate::domain::SignatureMode;
use crate::rules::ruleset::{Mistake, Ruleset};

use super::given;
use super::node::Node;
use super::signing::Signer;

/// The world that ships with the program.
pub const DEMO: &str = "demo";

/// What stands for its file where none is found: the program carries a copy.
const EMBEDDED: &str = "(the demo world of this program)";

/// A world, ready to be played in.
#[derive(Clone, Debug)]
pub struct World {
    /// Its rules file, with the fixture's changes.
    pub text: String,
    /// What it says.
    pub rulesets: Vec<Ruleset>,
    /// How requests are signed, by account.
    pub signers: BTreeMap<String, Signer>,
}

impl World {
    /// One of several tenants' rules files, each with what mistakes are to call it.
    pub fn of(texts: &[(&str, String)]) -> Result<Self, Vec<Mistake>> {
        let mut world = Self { text: String::new(), rulesets: Vec::new(), signers: BTreeMap::new() };
        for (name, text) in texts {
            let ruleset = read(text, name)?;
            world.signers.append(&mut signers(&ruleset));
            world.rulesets.push(ruleset);
            world.text.push_str(text);
        }
        Ok(world)
    }

    /// Whether every account is a sandbox.
    pub fn is_sandbox(&self) -> bool {
        self.rulesets.iter().flat_map(|ruleset| &ruleset.accounts).all(|(account, _)| account.sandbox)
    }
}

/// Why there is no world.
#[derive(Debug)]
pub enum NoWorld {
    /// It cannot be found or read from disk.
    Missing(String),
    /// It, or a change to it, is wrong.
    Wrong(Vec<Mistake>),
}

/// Worlds that were read already; fixtures share them.
#[derive(Debug, Default)]
pub struct Worlds {
    texts: Mutex<HashMap<PathBuf, Arc<str>>>,
    read: Mutex<HashMap<(PathBuf, String), Arc<World>>>,
}

impl Worlds {
    /// The world of this name as seen from a fixture, with its changes.
    pub fn find(&self, fixture: &Path, name: &str, given: &[(String, Node)]) -> Result<Arc<World>, NoWorld> {
        let found = locate(fixture, name).or_else(|| (name == DEMO).then(|| PathBuf::from(EMBEDDED)));
        let path = found.ok_or_else(|| NoWorld::Missing(missing(name)))?;
        let changes: String = given.iter().map(|(path, node)| format!("{path} = {}\n", node.json())).collect();
        let key = (path, changes);
        if let Some(world) = self.read.lock().get(&key) {
            return Ok(Arc::clone(world));
        }
        let plain = self.text(&key.0)?;
        let name = key.0.display().to_string();
        let (text, mut mistakes) = given::applied(&plain, fixture, given);
        let ruleset = read(&text, &name).map_err(|wrong| {
            // What is wrong without the changes too is the world's own.
            let own = if given.is_empty() { Some(wrong.clone()) } else { read(&plain, &name).err() };
            own.unwrap_or_else(|| given::blamed(&plain, fixture, given, &wrong))
        });
        let ruleset = match ruleset {
            Ok(ruleset) if mistakes.is_empty() => ruleset,
            Ok(_) => return Err(NoWorld::Wrong(mistakes)),
            Err(wrong) => {
                mistakes.extend(wrong);
                mistakes.sort_by_key(|mistake| mistake.line);
                return Err(NoWorld::Wrong(mistakes));
            }
        };
        let world = Arc::new(World { text, signers: signers(&ruleset), rulesets: vec![ruleset] });
        self.read.lock().insert(key, Arc::clone(&world));
        Ok(world)
    }

    fn text(&self, path: &Path) -> Result<Arc<str>, NoWorld> {
        if let Some(text) = self.texts.lock().get(path) {
            return Ok(Arc::clone(text));
        }
        let text: Arc<str> = if path == Path::new(EMBEDDED) {
            include_str!("../../routing-rules/demo.toml").into()
        } else {
            let text = std::fs::read_to_string(path);
            text.map_err(|error| NoWorld::Missing(format!("{} cannot be read: {error}", path.display())))?.into()
        };
        self.texts.lock().insert(path.to_owned(), Arc::clone(&text));
        Ok(text)
    }
}

/// Where a world's file is: the nearest folder above the fixture that has it.
pub fn locate(fixture: &Path, name: &str) -> Option<PathBuf> {
    if name.is_empty() || name.contains(['/', '\\']) || name.starts_with('.') {
        return None;
    }
    let start = std::path::absolute(fixture).ok()?;
    start.ancestors().skip(1).flat_map(|folder| places(folder, name)).find(|path| path.is_file())
}

fn places(folder: &Path, name: &str) -> Vec<PathBuf> {
    let mut places = vec![
        folder.join("worlds").join(format!("{name}.toml")),
        folder.join("fixtures/worlds").join(format!("{name}.toml")),
    ];
    if name == DEMO {
        places.push(folder.join("routing-rules/demo.toml"));
    }
    places
}

fn missing(name: &str) -> String {
    format!(
        "there is no world \"{name}\": neither worlds/{name}.toml nor fixtures/worlds/{name}.toml is above the fixture"
    )
}

fn signers(ruleset: &Ruleset) -> BTreeMap<String, Signer> {
    let signer = |(account, secrets): &(crate::domain::Account, crate::rules::ruleset::AccountSecrets)| {
        let signer = Signer {
            kind: account.kind,
            tokens: secrets.auth_tokens.clone(),
            signing_keys: secrets.signing_keys.clone(),
            public_base_url: account.public_base_url.clone(),
            enforced: account.signature == SignatureMode::Enforce,
        };
        (account.id.to_string(), signer)
    };
    ruleset.accounts.iter().map(signer).collect()
}

/// The secret behind a variable: the environment's, or a fixed fictitious one, so that files play on any machine.
fn secret(variable: &str) -> Option<String> {
    let set = std::env::var(variable).ok().filter(|value| !value.is_empty());
    Some(set.unwrap_or_else(|| format!("fictitious-{}", variable.to_ascii_lowercase())))
}

/// The rules file with every secret written into it, for a server that does not have our environment.
pub fn inlined(text: &str) -> Result<String, String> {
    let mut document: toml_edit::DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| error.to_string())?;
    inline(document.as_table_mut());
    Ok(document.to_string())
}

fn inline(table: &mut dyn toml_edit::TableLike) {
    let named: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).filter(|key| key.ends_with("_env")).collect();
    for key in named {
        let Some(item) = table.remove(&key) else { continue };
        let values: Vec<String> = match item.as_array() {
            Some(list) => list.iter().filter_map(|name| name.as_str()).filter_map(secret).collect(),
            None => item.as_str().filter(|name| !name.is_empty()).and_then(secret).into_iter().collect(),
        };
        let literal = key.trim_end_matches("_env");
        let value: toml_edit::Value = match values.as_slice() {
            [] => continue,
            [one] => one.as_str().into(),
            several => several.iter().map(String::as_str).collect(),
        };
        table.insert(literal, toml_edit::Item::Value(value));
    }
    for (_, item) in table.iter_mut() {
        if let Some(tables) = item.as_array_of_tables_mut() {
            tables.iter_mut().for_each(|table| inline(table));
        } else if let Some(table) = item.as_table_like_mut() {
            inline(table);
        }
    }
}

pub(super) fn read(text: &str, file: &str) -> Result<Ruleset, Vec<Mistake>> {
    let read = crate::rules::file::read(text, file, None, &secret);
    let wrong = |mistakes: Vec<Mistake>| mistakes.into_iter().filter(|mistake| !mistake.warning).collect();
    read.map(|(ruleset, _)| ruleset).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_written_in() {
        let text = "# a comment\n[tenant]\nid = \"a\"\ndeepcall = { user_id = \"a\", token_env = \"HOOKSWITCH_TEST_NO_SUCH\" }\n\
                    [[provider_account]]\nid = \"p\"\nauth_token_env = [\"HOOKSWITCH_TEST_ONE\", \"HOOKSWITCH_TEST_TWO\"]\n\
                    signing_key_env = \"\"\n";
        let inlined = inlined(text).expect("it is TOML");
        assert!(inlined.contains("# a comment") && !inlined.contains("_env"), "{inlined}");
        assert!(inlined.contains("token = \"fictitious-hookswitch_test_no_such\""), "{inlined}");
        assert!(
            inlined.contains("auth_token = [\"fictitious-hookswitch_test_one\", \"fictitious-hookswitch_test_two\"]"),
            "{inlined}"
        );
        assert!(!inlined.contains("signing_key"), "an empty name names nothing: {inlined}");
    }

    #[test]
    fn the_demo_is_there_without_its_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let fixture = folder.path().join("x.toml");
        let world = Worlds::default().find(&fixture, DEMO, &[]).expect("the program carries it");
        assert_eq!(world.rulesets[0].tenant.id.as_str(), "acme");
        let missing = Worlds::default().find(&fixture, "none-such", &[]);
        assert!(matches!(missing, Err(NoWorld::Missing(_))));
    }

    #[test]
    fn mistakes_in_given_are_the_fixtures() {
        let folder = tempfile::tempdir().expect("a folder");
        let fixture = folder.path().join("x.toml");
        let worlds = Worlds::default();
        let told = |given: &str| {
            let root = Node::read("x.toml", &format!("# a fixture\n[given]\n{given}\n")).expect("it is TOML");
            let given: Vec<(String, Node)> = root.at("given").and_then(Node::entries).expect("a table").to_vec();
            let Err(NoWorld::Wrong(mistakes)) = worlds.find(&fixture, DEMO, &given) else { return Vec::new() };
            let name = fixture.display().to_string();
            mistakes.iter().map(|one| one.to_string().replace(&name, "x.toml")).collect()
        };
        for (given, expected, why) in [
            ("\"location.chicago.masking.enabled\" = false", &[][..], "nothing wrong"),
            (
                "\"location.nowhere.name\" = \"x\"\n\"technician.nobody.active\" = true",
                &["x.toml:3: given.location.nowhere.name: ", "x.toml:4: given.technician.nobody.active: "],
                "both name nothing",
            ),
            (
                "\"location.chicago.time_zone\" = \"Nowhere/At_all\"\n\"location.nowhere.name\" = \"x\"",
                &["x.toml:3: given.location.chicago.time_zone: ", "x.toml:4: given.location.nowhere.name: "],
                "a value that is no good, and a name of nothing",
            ),
            (
                "\"location.chicago.masking.enabled\" = true\n\"location.chicago.masking.cooldown_days\" = \"x\"\n\
                 \"location.chicago.time_zone\" = \"Nowhere/At_all\"",
                &[
                    "x.toml:4: given.location.chicago.masking.cooldown_days: ",
                    "x.toml:5: given.location.chicago.time_zone: ",
                ],
                "values that are no good",
            ),
            (
                "\"location.chicago.masking.nonsense\" = 1",
                &["x.toml:3: given.location.chicago.masking.nonsense: "],
                "an unknown field",
            ),
        ] {
            let told = told(given);
            assert_eq!(told.len(), expected.len(), "{why}: {told:#?}");
            for part in expected {
                assert!(told.iter().any(|one| one.starts_with(part)), "{why}: {part} in {told:#?}");
            }
        }
    }

    #[test]
    fn a_world_is_found_above_its_fixture() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |path: &str| folder.path().join(path);
        for path in ["fixtures/worlds/acme.toml", "fixtures/voice/deep/x.toml", "routing-rules/demo.toml"] {
            std::fs::create_dir_all(at(path).parent().expect("a parent")).expect("made");
            std::fs::write(at(path), "").expect("written");
        }
        let fixture = at("fixtures/voice/deep/x.toml");
        for (name, expected, why) in [
            ("acme", Some("fixtures/worlds/acme.toml"), "two folders up"),
            ("demo", Some("routing-rules/demo.toml"), "the demo's rules"),
            ("none-such", None, "nowhere"),
            ("../worlds/acme", None, "a name is no path"),
        ] {
            assert_eq!(locate(&fixture, name), expected.map(at), "{why}");
        }
    }
}
