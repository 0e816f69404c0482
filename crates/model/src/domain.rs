//! The registered part of a host name. Pure.

/// The labels below which names are registered in many countries (`example.co.uk`).
const SECOND_LEVELS: [&str; 24] = [
    "ac", "co", "com", "ed", "edu", "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil",
    "ne", "net", "nhs", "nic", "nom", "or", "org", "plc", "sch", "web",
];

/// The registered part of a name, nearly: three labels where the last two are a country and one of
/// its classes, otherwise two.
pub fn registered(name: &str) -> &str {
    let name = name.trim_end_matches('.');
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return name };
    let country = name.len() - last == 3;
    if country && SECOND_LEVELS.contains(&&name[second + 1..last]) {
        return dots.next().map_or(name, |third| &name[third + 1..]);
    }
    &name[second + 1..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_part_of_a_name_is_its_end() {
        for (name, want) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("www.example.com.", "example.com"),
            ("www.x.com", "x.com"),
            ("m.bbc.com", "bbc.com"),
            ("example.co.uk", "example.co.uk"),
            ("www.example.co.uk", "example.co.uk"),
            ("a.b.example.com.au", "example.com.au"),
            ("co.uk", "co.uk"),
            ("go.example.io", "example.io"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registered(name), want, "{name}");
        }
    }
}
