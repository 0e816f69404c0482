//! The judge's rules, as tables of checks and as properties.
