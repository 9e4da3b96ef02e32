DROP TABLE IF EXISTS seckill_outbox;
