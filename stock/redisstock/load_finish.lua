-- Opens the goods when every chunk has come.
-- ARGV: fence, load, chunks. Answers: ok, total, left, held, sold, epoch, fence.

local v = redis.call('HMGET', SALE, 'fence', 'load', 'chunk')
if v[2] ~= ARGV[2] then
  return {tonumber(v[1] or 0) > tonumber(ARGV[1]) and 'fenced' or 'interrupted'}
end
if v[3] ~= ARGV[3] then return {'interrupted'} end
redis.call('HSET', SALE, 'state', 'open')
if not open() then return {'interrupted'} end
return counts()
