//! The settings of the private Postgres: for a small machine that has other things to do.

use std::path::Path;

use super::server::Use;

/// Settings for every use.
const COMMON: &[(&str, &str)] = &[
    // The socket only.
    ("listen_addresses", ""),
    ("unix_socket_permissions", "0700"),
    ("cluster_name", "stillup"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    // So that we can read what it says.
    ("lc_messages", "C"),
    // Statements carry a thousand checks; a failed one would fill the log.
    ("log_min_error_statement", "panic"),
    ("log_checkpoints", "off"),
    ("work_mem", "8MB"),
    ("maintenance_work_mem", "32MB"),
    ("max_worker_processes", "4"),
    ("max_parallel_workers_per_gather", "0"),
    ("autovacuum_max_workers", "2"),
    ("jit", "off"),
    // There is no replication.
    ("wal_level", "minimal"),
    ("max_wal_senders", "0"),
    ("min_wal_size", "32MB"),
    ("max_wal_size", "256MB"),
];

/// Commits are durable: the journal on disk releases a batch when Postgres has confirmed it, and
/// one flush a batch is cheap.
const LASTING: &[(&str, &str)] = &[
    ("max_connections", "20"),
    // A question of the past locks the tables of all its days: room for years of them.
    ("max_locks_per_transaction", "256"),
    ("synchronous_commit", "on"),
    // A month of hours of a thousand sites has room beside what is being written.
    ("shared_buffers", "128MB"),
];

/// Nothing of it is kept.
const THROWAWAY: &[(&str, &str)] = &[
    ("max_connections", "200"),
    ("shared_buffers", "32MB"),
    ("fsync", "off"),
    ("synchronous_commit", "off"),
    ("full_page_writes", "off"),
    ("autovacuum", "off"),
];

/// The settings as a line for `pg_ctl -o`, which a shell reads. The socket's directory has letters
/// only that mean nothing to it.
pub(super) fn line(socket: &Path, purpose: Use) -> String {
    let own = if purpose == Use::Lasting { LASTING } else { THROWAWAY };
    let mut line = format!("-k {}", socket.display());
    for (key, value) in COMMON.iter().chain(own) {
        line.push_str(" -c ");
        line.push_str(key);
        line.push_str("='");
        line.push_str(value);
        line.push('\'');
    }
    line
}
