-- Lists holds, oldest first.
-- ARGV: least age in microseconds, limit.
-- Answers: ok, then per hold: attempt, user, units, age in microseconds.

if not open() then return {'not loaded'} end
local at = now()
local found = redis.call('ZRANGEBYSCORE', HOLDS, '-inf', at - tonumber(ARGV[1]), 'WITHSCORES', 'LIMIT', 0, ARGV[2])

local attempts, since = {}, {}
for i = 1, #found, 2 do
  attempts[#attempts + 1], since[#since + 1] = found[i], tonumber(found[i + 1])
end
local marks = get(ATTEMPTS, attempts)

local reply = {'ok'}
for i = 1, #attempts do
  local units, user = string.match(marks[i], '^h(%d+):(.*)$')
  local r = #reply
  reply[r + 1], reply[r + 2], reply[r + 3], reply[r + 4] = attempts[i], user, units, math.max(at - since[i], 0)
end
return reply
