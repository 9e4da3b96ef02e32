-- Applies the ledger's word to each attempt in turn.
-- ARGV: per settlement: attempt, user, units, verdict (confirm, release, restore), the
-- fences at which the order was booked and released, 0 for none.
-- Answers: ok.

local n = open()
if not n then return {'not loaded'} end

local attempts, users = {}, {}
for i = 1, #ARGV, 6 do
  local r = #users + 1
  attempts[r], users[r] = ARGV[i], ARGV[i + 1]
end
local known, had = get(ATTEMPTS, attempts, 1, #attempts), get(USERS, users, 1, #users)

-- What this call did so far: the mark by attempt, false for a forgotten one, the
-- units by user, and the units that each group holds still. Each is written once,
-- as it is in the end.
local mark, has, groups = {}, {}, {}

-- holding returns the units of an attempt's mark, and the group if that holds them.
local function holding(now)
  local units, group = place(now)
  if not group then return units, nil end
  if groups[group] == nil then groups[group] = held(group) or false end
  return units, groups[group] and group
end

-- before reports whether a fence is known and older than the load's.
local function before(fence) return fence > 0 and fence < n.loaded end

for r = 1, #attempts do
  local attempt, user, verdict = attempts[r], users[r], ARGV[6 * r - 2]
  local counted = before(tonumber(ARGV[6 * r - 1]))
  local now = mark[attempt]
  if now == nil then now = known[r] end
  local sum = tonumber(has[user] or had[r] or 0)
  local units, group = holding(now or '')
  if group and (verdict == 'release' or counted) then
    -- No order, or one that the load knew: then the hold is one too many.
    groups[group] = groups[group] - units
    n.held, n.left, has[user] = n.held - units, n.left + units, sum - units
    mark[attempt] = false
    now, units, group = false, nil, nil
  end
  if now == 'r' or verdict == 'release' then
    -- for good; or nothing more
  elseif group then
    groups[group] = groups[group] - units
    n.held = n.held - units
    if verdict == 'confirm' then
      n.sold = n.sold + units
      mark[attempt] = 's' .. units
    else
      n.left, has[user] = n.left + units, sum - units
      mark[attempt] = 'r'
    end
  elseif units then
    if verdict == 'restore' then
      n.sold, n.left, has[user] = n.sold - units, n.left + units, sum - units
      mark[attempt] = 'r'
    end
  elseif verdict == 'restore' then
    if counted and not before(tonumber(ARGV[6 * r])) then
      local came = ARGV[6 * r - 3]
      n.sold, n.counted, n.left = n.sold - came, n.counted - came, n.left + came
    end
    mark[attempt] = 'r'
  elseif counted then
    mark[attempt] = 'c'
  elseif not now then
    local took = ARGV[6 * r - 3]
    n.left, n.sold, has[user] = n.left - took, n.sold + took, sum + took
    mark[attempt] = 's' .. took
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

local ended, smaller = {}, {}
for group, holds in pairs(groups) do
  if holds == 0 then
    ended[#ended + 1] = group
  elseif holds then
    smaller[#smaller + 1], smaller[#smaller + 2] = group, holds
  end
end

-- A full memory refuses a script at its first write that takes room, so what
-- frees room comes first: holds can be settled even then.
for _, group in ipairs(ended) do forget(group) end
put('HDEL', ATTEMPTS, forgotten)
put('HDEL', USERS, gone)
put('HSET', ATTEMPTS, marks)
put('HSET', USERS, sums)
put('HSET', SALE, smaller)
redis.call('HSET', SALE, 'left', n.left, 'held', n.held, 'sold', n.sold, 'counted', n.counted)
return {'ok'}
