-- Closes the goods, and ends a load that is on its way.
-- ARGV: fence. Answers: ok.

local fence = tonumber(ARGV[1])
if fence < tonumber(redis.call('HGET', SALE, 'fence') or 0) then return {'fenced'} end
redis.call('HSET', SALE, 'state', 'stopped', 'load', '', 'fence', fence)
return {'ok'}
