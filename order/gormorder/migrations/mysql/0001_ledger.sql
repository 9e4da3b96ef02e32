-- Ids are ASCII and differ by case. Times are UTC.

-- sold and paid are the units of live and of paid orders. Each statement that books or moves orders keeps them.
-- opened is what sold was when the row was opened last.
CREATE TABLE IF NOT EXISTS seckill_stock (
    goods_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    total      INT         NOT NULL,
    sold       INT         NOT NULL,
    paid       INT         NOT NULL,
    opened     INT         NOT NULL,
    fence      BIGINT      NOT NULL,
    epoch      BIGINT      NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT seckill_stock_not_oversold CHECK (sold >= 0 AND sold <= total)
) ENGINE = InnoDB;

-- Rows lie in the order of booking. An attempt that was given up for good has a row in the state 'tombstone', of no goods
-- and no user, so one unique key keeps an attempt from having an order, or an order and a tombstone, twice.
-- fence: under which the order was booked. released: the stock row's fence when its units went back.
-- owed_since: when the order was cancelled, until its units are back in the gate.
CREATE TABLE IF NOT EXISTS seckill_orders (
    seq        BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    id         VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    goods_id   VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    user_id    VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    quantity   INT          NOT NULL,
    amount     BIGINT       NOT NULL,
    currency   VARCHAR(8)   CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    state      VARCHAR(16)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL DEFAULT 'pending',
    version    INT          NOT NULL DEFAULT 1,
    reason     TEXT         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT (''),
    payment_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
    fence      BIGINT       NOT NULL DEFAULT 0,
    released   BIGINT       NOT NULL DEFAULT 0,
    created_at DATETIME(6)  NOT NULL,
    updated_at DATETIME(6)  NOT NULL,
    pay_by     DATETIME(6)  NOT NULL,
    owed_since DATETIME(6)  NULL,
    UNIQUE KEY seckill_orders_id (id),
    KEY seckill_orders_user (user_id, goods_id),
    KEY seckill_orders_goods (goods_id),
    KEY seckill_orders_due (state, owed_since, pay_by),
    CONSTRAINT seckill_orders_quantity CHECK (quantity > 0)
) ENGINE = InnoDB;

-- Only ever added to. sell: one row for a group, named by its first order. release: one for a cancelled order.
-- amend: what a reconcile corrected. events: events of a transaction that sold and released nothing.
-- payload: the events for the outbox, or NULL. sent_at: when they were sent; an entry without events has none to send.
-- node: who wrote the entry, for an order's history. lane: 1 for an entry whose events are payments, which wait for no others.
CREATE TABLE IF NOT EXISTS seckill_ledger (
    id         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    goods_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind       VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    units      INT         NOT NULL,
    node       VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
    payload    LONGTEXT    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
    created_at DATETIME(6) NOT NULL,
    sent_at    DATETIME(6) NULL,
    lane       TINYINT     NOT NULL DEFAULT 0,
    UNIQUE KEY seckill_ledger_once (kind, reference),
    KEY seckill_ledger_goods (goods_id, units),
    KEY seckill_ledger_unsent (sent_at, id),
    KEY seckill_ledger_lane (sent_at, lane, id)
) ENGINE = InnoDB;

-- Events that were put in the outbox by Enqueue. Ids are compared byte by byte.
CREATE TABLE IF NOT EXISTS seckill_enqueued (
    event_id   VARBINARY(255) NOT NULL PRIMARY KEY,
    created_at DATETIME(6)    NOT NULL
) ENGINE = InnoDB;

-- Events whose change was applied. Ids are compared byte by byte.
CREATE TABLE IF NOT EXISTS seckill_inbox (
    event_id   VARBINARY(255) NOT NULL PRIMARY KEY,
    created_at DATETIME(6)    NOT NULL
) ENGINE = InnoDB;

CREATE TABLE IF NOT EXISTS seckill_audit (
    id           BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    at           DATETIME(6) NOT NULL,
    actor        TEXT        CHARACTER SET utf8mb4 NOT NULL,
    action       TEXT        CHARACTER SET utf8mb4 NOT NULL,
    target       TEXT        CHARACTER SET utf8mb4 NOT NULL,
    state_before LONGTEXT    CHARACTER SET utf8mb4 NOT NULL,
    state_after  LONGTEXT    CHARACTER SET utf8mb4 NOT NULL,
    failure      LONGTEXT    CHARACTER SET utf8mb4 NOT NULL,
    done         BOOLEAN     NOT NULL
) ENGINE = InnoDB;

-- What could not be done, by what it is and whose.
CREATE TABLE IF NOT EXISTS seckill_parked (
    id        BIGINT       NOT NULL AUTO_INCREMENT PRIMARY KEY,
    lane      VARCHAR(16)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    order_id  VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    event_id  VARBINARY(255) NOT NULL,
    event     LONGTEXT     CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    reason    TEXT         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    parked_at DATETIME(6)  NOT NULL,
    UNIQUE KEY seckill_parked_once (order_id, lane, event_id)
) ENGINE = InnoDB;
