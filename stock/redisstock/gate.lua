-- What the scripts share; it stands in front of each of them.
--
-- One goods has five keys:
--   STOCK     hash  state total left held sold epoch fence load chunk
--   ATTEMPTS  hash  attempt -> g<units>:<group> (held while there is such a group,
--                   else sold), s<units> (sold), r (released)
--   USERS     hash  user -> units held and sold; a user of none has no field
--   GROUPS    hash  group -> <units held>;<members>, while it holds any: what one
--                   reservation took
--   HOLDS     zset  group by the microsecond of its reservation
-- GROUPS and HOLDS have a member of no name that is no group, so that they are
-- never empty.

local STOCK, ATTEMPTS, HOLDS, USERS, GROUPS = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

-- Lua's stack has room for a few thousand values, so long lists go in steps. An
-- even step keeps pairs together.
local STEP = 1000

-- get reads the fields of a hash, in their order; a missing one is false.
local function get(key, fields)
  local values = {}
  for from = 1, #fields, STEP do
    local part = redis.call('HMGET', key, unpack(fields, from, math.min(from + STEP - 1, #fields)))
    if #fields <= STEP then return part end
    for i = 1, #part do values[from + i - 1] = part[i] end
  end
  return values
end

-- put gives a list of arguments to a command of one key.
local function put(command, key, arguments)
  for from = 1, #arguments, STEP do
    redis.call(command, key, unpack(arguments, from, math.min(from + STEP - 1, #arguments)))
  end
end

-- join makes one string of many.
local function join(list)
  local text = ''
  for from = 1, #list, STEP do
    text = text .. table.concat(list, '', from, math.min(from + STEP - 1, #list))
  end
  return text
end

-- open reads the numbers of a goods that is on sale, or answers nil. A FLUSHALL
-- takes all keys, an eviction takes one: units that are held or sold have an
-- attempt and a user, and GROUPS and HOLDS are never empty.
local function open()
  local v = redis.call('HMGET', STOCK, 'state', 'left', 'held', 'sold', 'fence')
  if v[1] ~= 'open' then return nil end
  local n = {left = tonumber(v[2]), held = tonumber(v[3]), sold = tonumber(v[4]), fence = tonumber(v[5])}
  if n.held + n.sold > 0 and redis.call('EXISTS', ATTEMPTS, HOLDS, USERS, GROUPS) < 4 then return nil end
  return n
end

local function counts()
  local v = redis.call('HMGET', STOCK, 'total', 'left', 'held', 'sold', 'epoch', 'fence')
  return {'ok', v[1], v[2], v[3], v[4], v[5], v[6]}
end

-- now is the server's clock in microseconds, exact in a Lua number.
local function now()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end

-- held returns how many units a group holds, nil if none, and its members.
local function held(group)
  local value = redis.call('HGET', GROUPS, group)
  if not value then return nil end
  local split = string.find(value, ';', 1, true)
  if not split then return nil end -- the one of no name
  return tonumber(string.sub(value, 1, split - 1)), string.sub(value, split + 1)
end

-- place reads a mark of ATTEMPTS: the units, and the group that may hold them.
local function place(mark)
  local units, group = string.match(mark, '^g(%d+):(.*)$')
  if units then return tonumber(units), group end
  return tonumber(string.match(mark, '^s(%d+)$')), nil
end
