//! Invented names: people, firms and towns that are nobody's in particular.
//!
//! Deliberately not here: who gets which (`pseudonyms`).

/// First names.
pub const FIRST: [&str; 48] = [
    "Abel", "Ada", "Alma", "Anton", "Arlo", "Astrid", "Bela", "Berta", "Bruno", "Carla", "Cora", "Dario", "Delia",
    "Edgar", "Elsa", "Emil", "Enzo", "Esther", "Fabio", "Flora", "Gerda", "Gustav", "Hanna", "Hugo", "Ida", "Iris",
    "Ivo", "Jana", "Karel", "Klara", "Lars", "Lena", "Livia", "Magda", "Marek", "Nora", "Oskar", "Otto", "Paula",
    "Petra", "Rasmus", "Rosa", "Silas", "Stella", "Thea", "Tilda", "Viktor", "Wanda",
];

/// Family names.
const LAST: [&str; 48] = [
    "Alder",
    "Ashby",
    "Barrow",
    "Birch",
    "Blythe",
    "Brandt",
    "Calder",
    "Carver",
    "Corbin",
    "Dale",
    "Dunmore",
    "Elm",
    "Fairley",
    "Farrow",
    "Fenn",
    "Garland",
    "Granger",
    "Hale",
    "Harrow",
    "Hazel",
    "Holt",
    "Ingram",
    "Juniper",
    "Keller",
    "Kestrel",
    "Larkin",
    "Linden",
    "Lowell",
    "Marlow",
    "Mercer",
    "Moss",
    "Norwood",
    "Oakes",
    "Pell",
    "Quill",
    "Rowan",
    "Rydell",
    "Sorrel",
    "Stroud",
    "Tarn",
    "Thorne",
    "Underhill",
    "Vale",
    "Verner",
    "Wick",
    "Wilder",
    "Wren",
    "Yarrow",
];

/// Towns.
pub const TOWNS: [&str; 48] = [
    "Alderbrook",
    "Ambleford",
    "Ashcombe",
    "Barrowfield",
    "Birchwood",
    "Blackmere",
    "Brightwater",
    "Calderton",
    "Cloverdale",
    "Copperfield",
    "Deepwell",
    "Eastmarsh",
    "Elmhollow",
    "Fairhaven",
    "Fernley",
    "Foxgrove",
    "Glenmoor",
    "Goldcrest",
    "Greystone",
    "Harrowgate",
    "Hazelton",
    "Highbridge",
    "Ivybank",
    "Juniper",
    "Kingsmere",
    "Lakeside",
    "Larkspur",
    "Longmeadow",
    "Maplewood",
    "Millbrook",
    "Mossford",
    "Northwick",
    "Oakridge",
    "Old Quay",
    "Pinehurst",
    "Quarryhill",
    "Redcliff",
    "Riverbend",
    "Rosewood",
    "Sandhaven",
    "Silverlake",
    "Stonebridge",
    "Summerfield",
    "Thornbury",
    "Westbrook",
    "Willowdale",
    "Windmere",
    "Yarrowdale",
];

/// What firms are called.
const FIRMS: [&str; 24] = [
    "Anvil",
    "Beacon",
    "Cobalt",
    "Compass",
    "Cornerstone",
    "Ember",
    "Falcon",
    "Garnet",
    "Harbour",
    "Heron",
    "Keystone",
    "Lantern",
    "Mariner",
    "Meridian",
    "Nimbus",
    "Onyx",
    "Orchard",
    "Pioneer",
    "Quartz",
    "Sextant",
    "Summit",
    "Tandem",
    "Vantage",
    "Zenith",
];

/// What firms do.
const TRADES: [&str; 6] = ["Works", "Services", "Repairs", "Trades", "Fitters", "Crafts"];

/// How many people can be told apart by plain names.
pub const PEOPLE: usize = FIRST.len() * LAST.len();

/// How many more by double ones.
pub const MORE_PEOPLE: usize = PEOPLE * LAST.len();

/// How many firms can be told apart by plain names.
pub const COMPANIES: usize = FIRMS.len() * TRADES.len();

/// How many more by longer ones.
pub const MORE_COMPANIES: usize = COMPANIES * LAST.len();

/// How many more towns there are than the plain ones.
pub const MORE_TOWNS: usize = TOWNS.len() * LAST.len();

/// The family name that sets apart what is beyond the first `plain` of a kind.
fn beyond(no: usize, plain: usize) -> Option<&'static str> {
    (no / plain).checked_sub(1).map(|round| LAST[round % LAST.len()])
}

/// The person of this number.
pub fn person(no: usize) -> String {
    let plain = format!("{} {}", FIRST[no % FIRST.len()], LAST[no / FIRST.len() % LAST.len()]);
    beyond(no, PEOPLE).map_or_else(|| plain.clone(), |second| format!("{plain}-{second}"))
}

/// The firm of this number.
pub fn company(no: usize) -> String {
    let plain = format!("{} {}", FIRMS[no % FIRMS.len()], TRADES[no / FIRMS.len() % TRADES.len()]);
    beyond(no, COMPANIES).map_or_else(|| plain.clone(), |first| format!("{first} {plain}"))
}

/// The town of this number.
pub fn town(no: usize) -> String {
    let plain = TOWNS[no % TOWNS.len()];
    beyond(no, TOWNS.len()).map_or_else(|| plain.to_owned(), |first| format!("{first} {plain}"))
}

/// A name as an id has it: small letters, with a dash for everything else.
pub fn slug(name: &str) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_told_apart() {
        let people: BTreeSet<_> = (0..PEOPLE).map(person).collect();
        let firms: BTreeSet<_> = (0..COMPANIES).map(company).collect();
        assert_eq!((people.len(), firms.len(), TOWNS.iter().collect::<BTreeSet<_>>().len()), (PEOPLE, COMPANIES, 48));
        let slugs: BTreeSet<_> = people.iter().map(|name| slug(name)).collect();
        assert_eq!(slugs.len(), PEOPLE);
        assert_eq!(slug("Old Quay"), "old-quay");
    }
}
