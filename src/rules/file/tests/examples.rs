//! The files in `routing-rules/`: the demo is clean, and each broken file is refused with the words it begins with.

use std::fs;
use std::path::{Path, PathBuf};

use super::{good, no_env, read, said};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

#[test]
fn the_demo_reads_without_a_warning() {
    let text = fs::read_to_string(folder("routing-rules/demo.toml")).expect("the demo");
    let demo = good(&text, None);
    assert!(demo.demo_secrets, "it holds the secrets it is known for");
    let counts = (demo.accounts.len(), demo.locations.len(), demo.technicians.len(), demo.customers.len());
    assert_eq!(counts, (2, 3, 3, 4));
    assert_eq!((demo.work_orders.len(), demo.numbers.len(), demo.sessions.len()), (4, 4, 4));
    assert_eq!(good(&text, Some(&demo)), demo, "applied again, it changes nothing");
}

/// A broken file begins with the messages that reading it gives: `# broken/name.toml:12: field: message`.
#[test]
fn every_broken_file_is_refused_with_the_words_it_begins_with() {
    let mut files: Vec<PathBuf> = fs::read_dir(folder("routing-rules/broken"))
        .expect("the broken examples")
        .map(|entry| entry.expect("a file").path())
        .collect();
    files.sort();
    assert!(files.len() >= 15, "{} broken examples", files.len());
    for file in files {
        let name = format!("broken/{}", file.file_name().and_then(|name| name.to_str()).expect("a plain name"));
        let text = fs::read_to_string(&file).expect("a readable file");
        let expected: Vec<&str> =
            text.lines().map_while(|line| line.strip_prefix("# ")).filter(|line| line.starts_with("broken/")).collect();
        let outcome = read(&text, &name, None, &no_env);
        let refused = outcome.is_err();
        let found = said(outcome);
        assert_eq!(found, expected, "{name}");
        assert!(refused || found.iter().all(|line| line.contains(": warning: ")), "{name}");
    }
}
