-- Lists holds, oldest first.
-- ARGV: least age in microseconds, limit.
-- Answers: ok, then per hold: attempt, user, units, age in microseconds.

if not open() then return {'not loaded'} end
local at, limit = now(), tonumber(ARGV[2])
local found = redis.call('ZRANGEBYSCORE', HOLDS, '-inf', string.format('%.0f', at - tonumber(ARGV[1])), 'WITHSCORES', 'LIMIT', 0, limit)

local reply = {'ok'}

-- list adds the members that their group holds still.
local function list(group, age)
  local attempts, users, all = {}, {}, {}
  local _, members = held(group)
  local from = 1
  while from <= #members do
    local _, last, attempt, user, units = string.find(members, '^(%d+) (%d+) (%d+) ', from)
    local k = #attempts + 1
    attempts[k] = string.sub(members, last + 1, last + attempt)
    users[k] = string.sub(members, last + attempt + 1, last + attempt + user)
    all[k] = units
    from = last + attempt + user + 1
  end
  local marks = get(ATTEMPTS, attempts)
  for i = 1, #attempts do
    if #reply > 4 * limit then return end
    if marks[i] == 'g' .. all[i] .. ':' .. group then
      local r = #reply
      reply[r + 1], reply[r + 2], reply[r + 3], reply[r + 4] = attempts[i], users[i], all[i], age
    end
  end
end

for i = 1, #found, 2 do
  if #reply > 4 * limit then break end
  list(found[i], math.max(at - tonumber(found[i + 1]), 0))
end
return reply
