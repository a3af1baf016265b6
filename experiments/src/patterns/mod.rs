//! Patterns for `init`: experiments of the catalogue, each as one text without `extends`.
//!
//! There is no second copy of them: the catalogue is part of the program, and the text of extended files is included.

mod prices;
mod whole;

pub use prices::PRICES;

/// A pattern: a file of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pattern {
    /// The file's name without its ending.
    pub name: &'static str,
    /// The text of the file.
    source: &'static str,
}

macro_rules! pattern {
    ($name:literal) => {
        Pattern { name: $name, source: include_str!(concat!("../../", $name, ".toml")) }
    };
}

/// The patterns: one for who has a real system and one that says only what must be said, then those from the dearest to the
/// cheapest recovery, then those about one service.
pub const PATTERNS: [Pattern; 11] = [
    pattern!("shop-in-three-regions"),
    pattern!("minimal"),
    pattern!("active-active"),
    pattern!("warm-standby"),
    pattern!("pilot-light"),
    pattern!("backup-and-restore"),
    pattern!("zone-outage"),
    pattern!("static-stability-reserve"),
    pattern!("strong-table"),
    pattern!("object-storage"),
    pattern!("global-accelerator"),
];

/// Files that patterns extend, and that are no patterns themselves.
const BASES: [Pattern; 2] = [pattern!("single-region"), pattern!("static-stability")];

/// A remark for a file that leaves the catalogue.
const OUTSIDE: &str = "#
# Other files that the comments name are experiments of mrsim's catalogue, the folder `experiments` of its source.
# `mrsim schema > mrsim.schema.json` beside this file lets an editor complete and check it.
";

impl Pattern {
    /// The pattern of this name.
    pub fn named(name: &str) -> Option<Self> {
        PATTERNS.into_iter().find(|pattern| pattern.name == name)
    }

    /// The file as one text, comments kept, with everything that it extends.
    pub fn text(self) -> String {
        let text = whole::whole(self.source, &|file| {
            let name = file.strip_suffix(".toml")?;
            PATTERNS.into_iter().chain(BASES).find(|pattern| pattern.name == name).map(|pattern| pattern.source)
        });
        let (head, body) = whole::split(&text);
        format!("{head}{OUTSIDE}{body}")
    }

    /// Its description, one sentence.
    pub fn description(self) -> String {
        let document: toml::Table = self.source.parse().expect("the catalogue is TOML");
        document["description"].as_str().expect("every experiment of the catalogue is described").to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::experiment::open_text;
    use crate::run::{Overrides, Trials as _};

    fn values(text: &str) -> toml::Table {
        text.parse().expect("it is TOML")
    }

    #[test]
    fn a_pattern_says_what_its_file_in_the_catalogue_says() {
        for pattern in PATTERNS {
            let text = pattern.text();
            assert!(!text.contains("extends ="), "{text}");
            assert!(
                text.contains("mrsim schema > mrsim.schema.json") && text.starts_with("#:schema ./mrsim.schema.json")
            );
            let path = format!("{}/experiments/{}.toml", env!("CARGO_MANIFEST_DIR"), pattern.name);
            let catalogued =
                crate::file::load(std::path::Path::new(&path), &[], &[], None).expect("the catalogue is sound");
            let own = crate::file::load_text(pattern.name, &text, &[], &[]).expect("it is sound");
            assert_eq!(values(&own.resolved), values(&catalogued.resolved), "{}:\n{text}", pattern.name);
        }
    }

    /// The hints are keys of the file: uncommented, every line of the bill of any pattern has a price.
    #[test]
    fn hints_for_prices_are_complete_once_their_comments_are_taken_away() {
        let hint = |line: &str| {
            let rest = line.strip_prefix("# ").filter(|rest| rest.starts_with('[') || rest.contains(" = "));
            rest.map_or_else(|| line.to_owned(), str::to_owned)
        };
        let prices: Vec<String> = super::PRICES.lines().map(hint).collect();
        for pattern in PATTERNS {
            let plain = format!("{}{}", pattern.text(), super::PRICES);
            let open = |text: &str| open_text(pattern.name, text, &Overrides::default()).expect("it is sound");
            assert_eq!(open(&plain).header.bill, None);
            let bill = open(&format!("{}{}", pattern.text(), prices.join("\n"))).header.bill.expect("it has prices");
            assert_eq!(bill.total().unpriced, Vec::<&str>::new(), "{}", pattern.name);
            assert!(bill.total().sum > 0.0, "{}", pattern.name);
        }
    }

    #[test]
    fn every_pattern_is_commented_gives_no_warning_and_runs() {
        for pattern in PATTERNS {
            let text = pattern.text();
            assert!(text.lines().filter(|line| line.starts_with('#')).count() >= 10, "{text}");
            let experiment = open_text(pattern.name, &text, &Overrides::default()).expect("it is sound");
            assert_eq!(experiment.findings, [], "{}", pattern.name);
            assert_eq!(experiment.header.name, pattern.name);
            let source = &experiment.source;
            let mut row = vec![f64::NAN; source.columns().len()];
            source.run(&mut source.worker(), 0, &mut row, &mut Vec::new());
            assert!(row.iter().any(|figure| figure.is_finite()));
        }
    }
}
