//! Every failure class, from real servers.
