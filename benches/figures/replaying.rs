//! Replaying this project's fixtures, and a thousand of one exchange each.
//!
//! Deliberately not here: what they contain.

use std::path::{Path, PathBuf};

use hookswitch::replay::{self, Options, Silent};

/// A fixture of one exchange.
const ONE: &str = "fixtures/voice/open-rings-the-desk.toml";

/// Prints the figures.
pub fn run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    play(folder.path(), vec![root.join("fixtures/voice"), root.join("fixtures/sms")]);

    let copies = folder.path().join("copies");
    let worlds = copies.join("worlds");
    std::fs::create_dir_all(&worlds).expect("a folder");
    std::fs::copy(root.join("routing-rules/demo.toml"), worlds.join("demo.toml")).expect("a world");
    for world in std::fs::read_dir(root.join("fixtures/worlds")).expect("worlds").flatten() {
        std::fs::copy(world.path(), worlds.join(world.file_name())).expect("a world");
    }
    let text = std::fs::read_to_string(root.join(ONE)).expect("a fixture");
    for no in 0..1000 {
        std::fs::write(copies.join(format!("{no}.toml")), &text).expect("a copy");
    }
    play(folder.path(), (0..1000).map(|no| copies.join(format!("{no}.toml"))).collect());
}

fn play(folder: &Path, paths: Vec<PathBuf>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let options = Options { paths, folder: folder.to_owned(), ..Options::default() };
    let summary = runtime.block_on(replay::run(options, &mut Silent));
    assert_eq!(summary.exit_code(), 0, "{:?}", summary.refused);
    println!("replay of {} fixture files: {:.0} ms", summary.files.len(), summary.seconds * 1e3);
}
