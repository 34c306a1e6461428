"""The state store's tables, as a list of migrations: never edit one that has been released, append another.

They are written as SQLite has them; `warehouse.state_server.definition` says them to PostgreSQL.
"""

from __future__ import annotations

MIGRATIONS: tuple[str, ...] = (
    """
    CREATE TABLE files (
      file_id TEXT PRIMARY KEY CHECK (length(file_id) = 64),
      state TEXT NOT NULL CHECK (state IN
        ('seen', 'stable', 'archived', 'read', 'partial', 'quarantined', 'superseded', 'ignored')),
      reason_code TEXT,
      reason TEXT,
      size INTEGER NOT NULL CHECK (size >= 0),
      first_seen_date TEXT NOT NULL,
      first_seen_at TEXT NOT NULL,
      changed_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE provenance (
      file_id TEXT NOT NULL REFERENCES files (file_id),
      source TEXT NOT NULL,
      path TEXT NOT NULL,
      first_seen_date TEXT NOT NULL,
      last_seen_date TEXT NOT NULL,
      mtime_ns INTEGER,
      is_current INTEGER NOT NULL CHECK (is_current IN (0, 1)),
      PRIMARY KEY (file_id, source, path)
    ) STRICT;
    CREATE INDEX provenance_by_path ON provenance (source, path);
    CREATE UNIQUE INDEX one_current_file_per_path ON provenance (source, path) WHERE is_current = 1;

    CREATE TABLE work (
      file_id TEXT NOT NULL REFERENCES files (file_id),
      version TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('begun', 'read', 'partial', 'quarantined', 'ignored')),
      attempts INTEGER NOT NULL CHECK (attempts >= 1),
      error_code TEXT,
      error_message TEXT,
      changed_at TEXT NOT NULL,
      PRIMARY KEY (file_id, version)
    ) STRICT;

    CREATE TABLE runs (
      run_id TEXT PRIMARY KEY,
      as_of TEXT NOT NULL,
      started_at TEXT NOT NULL,
      ended_at TEXT,
      status TEXT NOT NULL CHECK (status IN ('running', 'done', 'failed', 'interrupted')),
      counts TEXT NOT NULL DEFAULT '{}'
    ) STRICT;

    CREATE TABLE publications (
      publication_id INTEGER PRIMARY KEY AUTOINCREMENT,
      run_id TEXT,
      inputs_digest TEXT NOT NULL,
      file_sha256 TEXT NOT NULL,
      bytes INTEGER NOT NULL,
      rows TEXT NOT NULL,
      core_rows TEXT NOT NULL,
      status TEXT NOT NULL CHECK (status IN ('prepared', 'current', 'replaced', 'dropped')),
      prepared_at TEXT NOT NULL,
      published_at TEXT
    ) STRICT;
    CREATE UNIQUE INDEX one_current_publication ON publications (status) WHERE status = 'current';

    CREATE TABLE decisions (
      decision_number INTEGER PRIMARY KEY AUTOINCREMENT,
      decided_at TEXT NOT NULL,
      steward TEXT NOT NULL,
      table_name TEXT NOT NULL,
      row_id TEXT NOT NULL,
      field TEXT,
      action TEXT NOT NULL,
      value TEXT,
      reason TEXT,
      previous_hash TEXT NOT NULL,
      hash TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE TRIGGER decisions_are_not_changed BEFORE UPDATE ON decisions
      BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
    CREATE TRIGGER decisions_are_not_deleted BEFORE DELETE ON decisions
      BEGIN SELECT RAISE(ABORT, 'decisions are append-only'); END;
    """,
    """
    ALTER TABLE provenance ADD COLUMN parent_id TEXT REFERENCES files (file_id);

    CREATE TABLE children (
      parent_id TEXT NOT NULL REFERENCES files (file_id),
      place INTEGER NOT NULL CHECK (place >= 0),
      child_id TEXT NOT NULL CHECK (length(child_id) = 64),
      path TEXT NOT NULL,
      how TEXT NOT NULL CHECK (how IN ('entry', 'attachment', 'embedded')),
      size INTEGER NOT NULL CHECK (size >= 0),
      PRIMARY KEY (parent_id, place)
    ) STRICT;
    """,
    """
    ALTER TABLE decisions ADD COLUMN context TEXT;
    CREATE INDEX decisions_by_row ON decisions (table_name, row_id);
    """,
    """
    CREATE TABLE accounts (
      user_id INTEGER PRIMARY KEY AUTOINCREMENT,
      name TEXT NOT NULL UNIQUE COLLATE NOCASE,
      display_name TEXT NOT NULL,
      password_hash TEXT,
      roles TEXT NOT NULL,
      regions TEXT NOT NULL DEFAULT '[]',
      is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
      must_change INTEGER NOT NULL DEFAULT 0 CHECK (must_change IN (0, 1)),
      created_at TEXT NOT NULL,
      changed_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE sessions (
      token_hash TEXT PRIMARY KEY CHECK (length(token_hash) = 64),
      user_id INTEGER NOT NULL REFERENCES accounts (user_id),
      csrf TEXT NOT NULL,
      address TEXT NOT NULL,
      began_at TEXT NOT NULL,
      seen_at TEXT NOT NULL,
      unmasked TEXT NOT NULL DEFAULT '{}',
      ended_at TEXT
    ) STRICT;
    CREATE INDEX sessions_by_user ON sessions (user_id);

    CREATE TABLE sign_in_failures (
      name_hash TEXT PRIMARY KEY CHECK (length(name_hash) = 64),
      failures INTEGER NOT NULL CHECK (failures >= 1),
      last_at TEXT NOT NULL,
      locked_until TEXT
    ) STRICT;

    CREATE TABLE audit_log (
      number INTEGER PRIMARY KEY,
      at TEXT NOT NULL,
      "user" TEXT NOT NULL,
      address TEXT NOT NULL,
      action TEXT NOT NULL,
      object_kind TEXT NOT NULL,
      object_id TEXT NOT NULL,
      result TEXT NOT NULL,
      detail TEXT NOT NULL,
      previous_hash TEXT NOT NULL,
      hash TEXT NOT NULL UNIQUE
    ) STRICT;
    CREATE INDEX audit_log_by_user ON audit_log ("user", number);
    CREATE INDEX audit_log_by_object ON audit_log (object_kind, object_id, number);
    CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
    """,
    """
    CREATE TABLE server_loads (
      load_id TEXT PRIMARY KEY,
      server TEXT NOT NULL,
      publication_id INTEGER NOT NULL REFERENCES publications (publication_id),
      status TEXT NOT NULL CHECK (status IN ('prepared', 'current', 'replaced', 'dropped', 'failed')),
      tables TEXT NOT NULL,
      written INTEGER NOT NULL CHECK (written >= 0),
      message TEXT,
      at TEXT NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX one_current_load_per_server ON server_loads (server) WHERE status = 'current';
    """,
    """
    CREATE TABLE fetched (
      source TEXT NOT NULL,
      path TEXT NOT NULL,
      url TEXT NOT NULL,
      file_id TEXT NOT NULL CHECK (length(file_id) = 64),
      size INTEGER NOT NULL CHECK (size >= 0),
      token TEXT,
      headers TEXT NOT NULL DEFAULT '{}',
      links TEXT NOT NULL DEFAULT '[]',
      first_fetched_at TEXT NOT NULL,
      fetched_at TEXT NOT NULL,
      PRIMARY KEY (source, path, file_id)
    ) STRICT;
    CREATE INDEX fetched_by_time ON fetched (source, path, fetched_at);

    CREATE TABLE source_health (
      source TEXT PRIMARY KEY,
      failures INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
      failing_since TEXT,
      error_code TEXT,
      error TEXT,
      aside_until TEXT,
      last_ok_at TEXT,
      last_new_at TEXT,
      cursor TEXT
    ) STRICT;

    CREATE TABLE troubles (
      trouble_id TEXT NOT NULL,
      kind TEXT NOT NULL,
      subject TEXT NOT NULL,
      message TEXT NOT NULL,
      since TEXT NOT NULL,
      told_at TEXT,
      ended_at TEXT,
      end_told_at TEXT,
      PRIMARY KEY (trouble_id, since)
    ) STRICT;
    CREATE UNIQUE INDEX one_open_trouble ON troubles (trouble_id) WHERE ended_at IS NULL;
    """,
    """
    CREATE TABLE decision_requests (
      request_key TEXT NOT NULL CHECK (length(request_key) BETWEEN 16 AND 64),
      steward TEXT NOT NULL,
      decision_number INTEGER NOT NULL REFERENCES decisions (decision_number),
      PRIMARY KEY (request_key, steward, decision_number)
    ) STRICT;
    """,
    """
    CREATE TABLE saved_queries (
      query_id INTEGER PRIMARY KEY,
      user_id INTEGER NOT NULL REFERENCES accounts (user_id),
      name TEXT NOT NULL,
      sql TEXT NOT NULL,
      saved_at TEXT NOT NULL,
      UNIQUE (user_id, name)
    ) STRICT;
    """,
    """
    CREATE TABLE source_files (
      file TEXT PRIMARY KEY,
      name TEXT NOT NULL,
      content TEXT NOT NULL,
      kept_at TEXT NOT NULL
    ) STRICT;
    CREATE TABLE secrecy_releases (
      file_id TEXT NOT NULL REFERENCES files (file_id),
      released_by TEXT NOT NULL,
      reason TEXT NOT NULL,
      released_at TEXT NOT NULL,
      withdrawn_by TEXT,
      withdrawal_reason TEXT,
      withdrawn_at TEXT,
      PRIMARY KEY (file_id, released_at)
    ) STRICT;
    CREATE UNIQUE INDEX one_open_release ON secrecy_releases (file_id) WHERE withdrawn_at IS NULL;
    """,
)
