-- Lists holds, oldest first.
-- ARGV: least age in microseconds, limit.
-- Answers: ok, then per hold: attempt, user, units, age in microseconds.

if not open() then return {'not loaded'} end
local at, least, limit = tonumber(now()), tonumber(ARGV[1]), tonumber(ARGV[2])

local groups, since = {}, {}
for _, field in ipairs(redis.call('HKEYS', SALE)) do
  local group, time = string.match(field, '^of:((%d+)-.*)$')
  if group and at - tonumber(time) >= least then
    groups[#groups + 1], since[group] = group, tonumber(time)
  end
end
table.sort(groups, function(a, b) return since[a] < since[b] end)

local reply = {'ok'}

-- list adds the members that their group took and holds still.
local function list(group, age)
  local text = redis.call('HGET', SALE, 'of:' .. group)
  local split = string.find(text, ':', 1, true)
  local attempts, users = {}, {}
  local from, r = split + 1, 0
  while from <= #text do
    local attempt, user = string.byte(text, from, from + 1)
    local middle = from + 2 + attempt
    r = r + 1
    if split == 1 or string.sub(text, r, r) == '1' then
      attempts[#attempts + 1] = string.sub(text, from + 2, middle - 1)
      users[#users + 1] = string.sub(text, middle, middle + user - 1)
    end
    from = middle + user
  end
  local marks = get(ATTEMPTS, attempts, 1, #attempts)
  for i = 1, #attempts do
    if #reply > 4 * limit then return end
    local units, of = place(marks[i] or '')
    if of == group then
      local k = #reply
      reply[k + 1], reply[k + 2], reply[k + 3], reply[k + 4] = attempts[i], users[i], units, age
    end
  end
end

for _, group in ipairs(groups) do
  if #reply > 4 * limit then break end
  list(group, math.max(at - since[group], 0))
end
return reply
