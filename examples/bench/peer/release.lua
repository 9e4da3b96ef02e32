-- Gives the unit of an attempt back, once.
-- KEYS: left, attempts, users. ARGV: attempt, user.

if redis.call('HDEL', KEYS[2], ARGV[1]) == 0 then return 0 end
redis.call('INCR', KEYS[1])
if redis.call('HINCRBY', KEYS[3], ARGV[2], -1) < 1 then redis.call('HDEL', KEYS[3], ARGV[2]) end
return 1
