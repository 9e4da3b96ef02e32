-- Applies the ledger's word to each attempt in turn.
-- ARGV: per settlement: attempt, user, units, verdict (confirm, release, restore).
-- Answers: ok.

local n = open()
if not n then return {'not loaded'} end

local attempts, users = {}, {}
for i = 1, #ARGV, 4 do
  local r = #users + 1
  attempts[r], users[r] = ARGV[i], ARGV[i + 1]
end
local known = get(ATTEMPTS, attempts)

-- A hold that is confirmed, as nearly all are, leaves its user's units as they are.
local had = {}
for r = 1, #attempts do
  if ARGV[4 * r] ~= 'confirm' or not known[r] then
    had = get(USERS, users)
    break
  end
end

-- What this call did so far: the mark by attempt, false for a forgotten one, and
-- the units by user. Each is written once, as it is in the end.
local mark, has, ended = {}, {}, {}

for r = 1, #attempts do
  local attempt, user, units, verdict = attempts[r], users[r], ARGV[4 * r - 1], ARGV[4 * r]
  local now = mark[attempt]
  if now == nil then now = known[r] end
  local sum = tonumber(has[user] or had[r] or 0)
  local state = now and string.sub(now, 1, 1)
  if state == 'h' then
    units = string.match(now, '^h(%d+):')
    ended[#ended + 1] = attempt
    n.held = n.held - units
    if verdict == 'confirm' then
      n.sold = n.sold + units
      mark[attempt] = 's' .. units
    else
      n.left, has[user] = n.left + units, sum - units
      mark[attempt] = verdict == 'restore' and 'r'
    end
  elseif state == 's' and verdict == 'restore' then
    units = string.sub(now, 2)
    n.sold, n.left, has[user] = n.sold - units, n.left + units, sum - units
    mark[attempt] = 'r'
  elseif not state and verdict == 'confirm' then
    n.left, n.sold, has[user] = n.left - units, n.sold + units, sum + units
    mark[attempt] = 's' .. units
  elseif not state and verdict == 'restore' then
    mark[attempt] = 'r'
  end
end
if next(mark) == nil then return {'ok'} end

local marks, forgotten, sums, gone = {}, {}, {}, {}
for attempt, now in pairs(mark) do
  if now then
    marks[#marks + 1], marks[#marks + 2] = attempt, now
  else
    forgotten[#forgotten + 1] = attempt
  end
end
for user, sum in pairs(has) do
  if sum > 0 then
    sums[#sums + 1], sums[#sums + 2] = user, sum
  else
    gone[#gone + 1] = user
  end
end

-- A full memory refuses a script at its first write that takes room, so what
-- frees room comes first: holds can be settled even then.
put('ZREM', HOLDS, ended)
put('HDEL', ATTEMPTS, forgotten)
put('HDEL', USERS, gone)
put('HSET', ATTEMPTS, marks)
put('HSET', USERS, sums)
redis.call('HSET', STOCK, 'left', n.left, 'held', n.held, 'sold', n.sold)
return {'ok'}
