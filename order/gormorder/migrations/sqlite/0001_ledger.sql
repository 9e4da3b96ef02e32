-- Times are UTC, as text.

-- sold and paid are the units of live and of paid orders. Each statement that books or moves orders keeps them.
-- opened is what sold was when the row was opened last.
CREATE TABLE IF NOT EXISTS seckill_stock (
    goods_id   TEXT    NOT NULL PRIMARY KEY,
    total      INTEGER NOT NULL,
    sold       INTEGER NOT NULL,
    paid       INTEGER NOT NULL,
    opened     INTEGER NOT NULL,
    fence      INTEGER NOT NULL,
    epoch      INTEGER NOT NULL,
    updated_at TEXT    NOT NULL,
    CHECK (sold >= 0 AND sold <= total)
) STRICT;

-- Rows lie in the order of booking. An attempt that was given up for good has a row in the state 'tombstone', of no goods
-- and no user, so one unique key keeps an attempt from having an order, or an order and a tombstone, twice.
-- fence: under which the order was booked. released: the stock row's fence when its units went back.
-- owed_since: when the order was cancelled, until its units are back in the gate.
CREATE TABLE IF NOT EXISTS seckill_orders (
    seq        INTEGER PRIMARY KEY,
    id         TEXT    NOT NULL UNIQUE,
    goods_id   TEXT    NOT NULL,
    user_id    TEXT    NOT NULL,
    quantity   INTEGER NOT NULL,
    amount     INTEGER NOT NULL,
    currency   TEXT    NOT NULL,
    state      TEXT    NOT NULL DEFAULT 'pending',
    version    INTEGER NOT NULL DEFAULT 1,
    reason     TEXT    NOT NULL DEFAULT '',
    payment_id TEXT    NOT NULL DEFAULT '',
    fence      INTEGER NOT NULL DEFAULT 0,
    released   INTEGER NOT NULL DEFAULT 0,
    created_at TEXT    NOT NULL,
    updated_at TEXT    NOT NULL,
    pay_by     TEXT    NOT NULL,
    owed_since TEXT,
    CHECK (quantity > 0)
) STRICT;

CREATE INDEX IF NOT EXISTS seckill_orders_user ON seckill_orders (user_id, goods_id);

CREATE INDEX IF NOT EXISTS seckill_orders_goods ON seckill_orders (goods_id);

CREATE INDEX IF NOT EXISTS seckill_orders_due ON seckill_orders (state, owed_since, pay_by);

-- Only ever added to. sell: one row for a group, named by its first order. release: one for a cancelled order.
-- amend: what a reconcile corrected. events: events of a transaction that sold and released nothing.
-- payload: the events for the outbox, or NULL. sent_at: when they were sent; an entry without events has none to send.
-- node: who wrote the entry, for an order's history. lane: 1 for an entry whose events are payments, which wait for no others.
CREATE TABLE IF NOT EXISTS seckill_ledger (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    goods_id   TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    reference  TEXT    NOT NULL,
    units      INTEGER NOT NULL,
    node       TEXT    NOT NULL DEFAULT '',
    payload    TEXT,
    created_at TEXT    NOT NULL,
    sent_at    TEXT,
    lane       INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, reference)
) STRICT;

CREATE INDEX IF NOT EXISTS seckill_ledger_goods ON seckill_ledger (goods_id, units);

CREATE INDEX IF NOT EXISTS seckill_ledger_unsent ON seckill_ledger (id) WHERE sent_at IS NULL;

CREATE INDEX IF NOT EXISTS seckill_ledger_lane ON seckill_ledger (lane, id) WHERE sent_at IS NULL;

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

-- What could not be done, by what it is and whose.
CREATE TABLE IF NOT EXISTS seckill_parked (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    lane      TEXT NOT NULL,
    order_id  TEXT NOT NULL,
    event_id  TEXT NOT NULL,
    event     TEXT NOT NULL,
    reason    TEXT NOT NULL,
    parked_at TEXT NOT NULL,
    UNIQUE (order_id, lane, event_id)
) STRICT;
