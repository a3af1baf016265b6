//! What a shell must be given to change an experiment in the same way again.

use super::Overrides;
use crate::file::Setting;

impl Overrides {
    /// The options that change an experiment as these do, each after a space; nothing if nothing changes. Trials and threads
    /// are not among them: whoever prints a command says how many it takes.
    pub fn options(&self) -> String {
        let packs = self.packs.iter().map(|pack| format!(" --pack {}", quoted(pack)));
        let seed = self.seed.map(|seed| format!(" --seed {seed}"));
        let varied = self.varied.iter().filter_map(|setting| match setting {
            Setting::Varied { key, value, .. } => Some((key, value)),
            Setting::Argument { .. } => None,
        });
        let sets = self.sets.iter().map(|(key, value)| (key, value)).chain(varied);
        let sets = sets.map(|(key, value)| format!(" --set {}", quoted(&format!("{key}={value}"))));
        let confined =
            self.confined.as_ref().map(|folder| format!(" --confined {}", quoted(&folder.to_string_lossy())));
        let eager = self.eager.then(|| " --eager".to_owned());
        packs.chain(seed).chain(sets).chain(confined).chain(eager).collect()
    }
}

/// A word in the quotes that a shell needs.
pub fn quoted(word: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./=:,+%@".contains(&byte);
    if !word.is_empty() && word.bytes().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::Overrides;

    #[test]
    fn every_change_is_given_again() {
        let overrides = Overrides {
            packs: vec!["october-2025".to_owned()],
            sets: vec![("name".to_owned(), "it's".to_owned())],
            seed: Some(3),
            eager: true,
            confined: Some("a b".into()),
            ..Overrides::default()
        };
        let expected = r" --pack october-2025 --seed 3 --set 'name=it'\''s' --confined 'a b' --eager";
        assert_eq!(overrides.options(), expected);
        assert_eq!(Overrides { trials: Some(5), ..Overrides::default() }.options(), "");
    }
}
