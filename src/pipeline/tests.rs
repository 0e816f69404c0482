//! From check to Postgres, on a real one.
