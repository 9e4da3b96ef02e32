-- buried: how many attempts of the goods are buried. While none is, a group need not look.
ALTER TABLE seckill_stock ADD COLUMN buried INTEGER NOT NULL DEFAULT 0;

UPDATE seckill_stock SET buried = (SELECT COUNT(*) FROM seckill_ledger l WHERE l.goods_id = seckill_stock.goods_id AND l.kind = 'bury');
