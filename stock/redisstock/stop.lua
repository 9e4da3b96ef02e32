-- Closes the goods, and ends a load that is on its way.
-- ARGV: fence. Answers: ok.

local fence = tonumber(ARGV[1])
if fence < tonumber(redis.call('HGET', STOCK, 'fence') or 0) then return {'fenced'} end
redis.call('HSET', STOCK, 'state', 'stopped', 'load', '', 'fence', fence)
return {'ok'}
