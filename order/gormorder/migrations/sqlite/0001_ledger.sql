-- Times are text in UTC, to the microsecond, so that they sort.

CREATE TABLE IF NOT EXISTS seckill_stock (
    goods_id   TEXT    NOT NULL PRIMARY KEY,
    total      INTEGER NOT NULL,
    sold       INTEGER NOT NULL,
    fence      INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    updated_at TEXT    NOT NULL,
    CHECK (sold >= 0 AND sold <= total)
) STRICT, WITHOUT ROWID;

-- owed_since: when the order was cancelled, until its units are back in the gate.
CREATE TABLE IF NOT EXISTS seckill_orders (
    id         TEXT    NOT NULL PRIMARY KEY,
    attempt_id TEXT    NOT NULL UNIQUE,
    goods_id   TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    quantity   INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL,
    state      TEXT    NOT NULL,
    version    INTEGER NOT NULL,
    reason     TEXT    NOT NULL,
    payment_id TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL,
    pay_by     TEXT    NOT NULL,
    owed_since TEXT,
    CHECK (quantity > 0)
) STRICT, WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS seckill_orders_user ON seckill_orders (user_id, goods_id);
CREATE INDEX IF NOT EXISTS seckill_orders_goods ON seckill_orders (goods_id, id);
CREATE INDEX IF NOT EXISTS seckill_orders_overdue ON seckill_orders (state, pay_by);
CREATE INDEX IF NOT EXISTS seckill_orders_owed ON seckill_orders (owed_since) WHERE owed_since IS NOT NULL;

-- Only ever added to. sell: one row for a group, named by its first order.
-- release: one for a cancelled order. bury: one for a buried attempt, of 0 units.
CREATE TABLE IF NOT EXISTS seckill_ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    goods_id   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    units      INTEGER NOT NULL,
    created_at TEXT    NOT NULL,
    UNIQUE (kind, reference)
) STRICT;

CREATE INDEX IF NOT EXISTS seckill_ledger_goods ON seckill_ledger (goods_id, units);

-- payload: the events of one transaction, as a JSON array.
CREATE TABLE IF NOT EXISTS seckill_outbox (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    payload    TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    sent_at    TEXT
) STRICT;

CREATE INDEX IF NOT EXISTS seckill_outbox_unsent ON seckill_outbox (id) WHERE sent_at IS NULL;

-- Events that were put in the outbox by Enqueue.
CREATE TABLE IF NOT EXISTS seckill_enqueued (
    event_id   TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Events whose change was applied.
CREATE TABLE IF NOT EXISTS seckill_inbox (
    event_id   TEXT NOT NULL PRIMARY KEY,
    created_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS seckill_audit (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    at           TEXT    NOT NULL,
    actor        TEXT    NOT NULL,
    action       TEXT    NOT NULL,
    target       TEXT    NOT NULL,
    state_before TEXT    NOT NULL,
    state_after  TEXT    NOT NULL,
    failure      TEXT    NOT NULL,
    done         INTEGER NOT NULL
) STRICT;
