//! What the random numbers of parts go by that have no name of their own in the file.

/// The subjects themselves, and a number behind the second and each further one of those that are equal: another subject
/// among them changes none.
pub(crate) fn numbered(subjects: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut known: Vec<String> = Vec::new();
    let mut numbered = Vec::new();
    for subject in subjects {
        let equal = known.iter().filter(|other| **other == subject).count();
        numbered.push(if equal == 0 { subject.clone() } else { format!("{subject}/{}", equal + 1) });
        known.push(subject);
    }
    numbered
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn equal_subjects_are_told_apart_and_others_do_not_matter() {
        let of = |subjects: &[&str]| numbered(subjects.iter().map(|&subject| subject.to_owned()));
        assert_eq!(of(&["wait", "promote", "wait", "wait"]), ["wait", "promote", "wait/2", "wait/3"]);
        assert_eq!(
            of(&["shift", "wait", "promote", "wait", "wait"])[1..],
            of(&["wait", "promote", "wait", "wait"])[..]
        );
    }
}
