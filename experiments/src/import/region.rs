//! Names of regions, and where they stand in other names.

/// Whether a word looks like a region of AWS: `eu-west-1`, `us-gov-west-1`.
pub(super) fn is_region(word: &str) -> bool {
    let parts: Vec<&str> = word.split('-').collect();
    let letters = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase());
    matches!(parts.len(), 3 | 4)
        && parts[..parts.len() - 1].iter().all(letters)
        && parts
            .last()
            .is_some_and(|last| !last.is_empty() && last.len() < 3 && last.bytes().all(|it| it.is_ascii_digit()))
}

/// The region in an ARN, an availability zone or a name of an endpoint.
pub(super) fn region_in(text: &str) -> Option<String> {
    if let Some(rest) = text.strip_prefix("arn:") {
        let region = rest.split(':').nth(2).unwrap_or("");
        return is_region(region).then(|| region.to_owned());
    }
    let zone = text.strip_suffix(|last: char| last.is_ascii_lowercase()).unwrap_or("");
    if is_region(zone) {
        return Some(zone.to_owned());
    }
    text.split('.').find(|part| is_region(part)).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::{is_region, region_in};

    #[test]
    fn regions_are_told_from_other_words() {
        for word in ["eu-west-1", "us-gov-west-1", "ap-southeast-4", "cn-north-1", "eusc-de-east-1"] {
            assert!(is_region(word), "{word}");
        }
        for word in ["", "eu-west", "eu-west-", "eu-west-1a", "EU-WEST-1", "my-app-prod", "a-b-c-d-1"] {
            assert!(!is_region(word), "{word}");
        }
        assert_eq!(region_in("arn:aws-cn:rds:cn-north-1:1:cluster:x").as_deref(), Some("cn-north-1"));
        assert_eq!(region_in("arn:aws:s3:::bucket"), None);
        assert_eq!(region_in("eu-west-1b").as_deref(), Some("eu-west-1"));
        assert_eq!(region_in("lb-1.eu-west-1.elb.amazonaws.com").as_deref(), Some("eu-west-1"));
    }
}
