-- Ids are ASCII and differ by case. Times are UTC.

CREATE TABLE IF NOT EXISTS seckill_stock (
    goods_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    total      INT         NOT NULL,
    sold       INT         NOT NULL,
    fence      BIGINT      NOT NULL,
    epoch      BIGINT      NOT NULL,
    updated_at DATETIME(6) NOT NULL,
    CONSTRAINT seckill_stock_not_oversold CHECK (sold >= 0 AND sold <= total)
) ENGINE = InnoDB;

-- owed_since: when the order was cancelled, until its units are back in the gate.
CREATE TABLE IF NOT EXISTS seckill_orders (
    id         VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL PRIMARY KEY,
    attempt_id VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    goods_id   VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    user_id    VARCHAR(64)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    quantity   INT          NOT NULL,
    amount     BIGINT       NOT NULL,
    currency   VARCHAR(8)   CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    state      VARCHAR(16)  CHARACTER SET ascii   COLLATE ascii_bin   NOT NULL,
    version    INT          NOT NULL,
    reason     TEXT         CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    payment_id VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_at DATETIME(6)  NOT NULL,
    updated_at DATETIME(6)  NOT NULL,
    pay_by     DATETIME(6)  NOT NULL,
    owed_since DATETIME(6)  NULL,
    UNIQUE KEY seckill_orders_attempt (attempt_id),
    KEY seckill_orders_user (user_id, goods_id),
    KEY seckill_orders_goods (goods_id, id),
    KEY seckill_orders_overdue (state, pay_by),
    KEY seckill_orders_owed (owed_since),
    CONSTRAINT seckill_orders_quantity CHECK (quantity > 0)
) ENGINE = InnoDB;

-- Only ever added to. sell: one row for a group, named by its first order.
-- release: one for a cancelled order. bury: one for a buried attempt, of 0 units.
CREATE TABLE IF NOT EXISTS seckill_ledger (
    id         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    goods_id   VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    kind       VARCHAR(8)  CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    reference  VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    units      INT         NOT NULL,
    created_at DATETIME(6) NOT NULL,
    UNIQUE KEY seckill_ledger_once (kind, reference),
    KEY seckill_ledger_goods (goods_id, units)
) ENGINE = InnoDB;

-- payload: the events of one transaction, as a JSON array.
CREATE TABLE IF NOT EXISTS seckill_outbox (
    id         BIGINT      NOT NULL AUTO_INCREMENT PRIMARY KEY,
    payload    LONGTEXT    CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    created_at DATETIME(6) NOT NULL,
    sent_at    DATETIME(6) NULL,
    KEY seckill_outbox_unsent (sent_at, id)
) ENGINE = InnoDB;

-- Events that were put in the outbox by Enqueue.
CREATE TABLE IF NOT EXISTS seckill_enqueued (
    event_id   VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    created_at DATETIME(6)  NOT NULL
) ENGINE = InnoDB;

-- Events whose change was applied.
CREATE TABLE IF NOT EXISTS seckill_inbox (
    event_id   VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL PRIMARY KEY,
    created_at DATETIME(6)  NOT NULL
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
