-- What the scripts share; it stands in front of each of them.
--
-- One goods has four keys:
--   STOCK     hash  state total left held sold epoch fence load chunk
--   ATTEMPTS  hash  attempt -> h<units>:<user> (held), s<units> (sold), r (released)
--   HOLDS     zset  held attempt by the microsecond of its reservation, and a
--                   name at +inf that is no attempt (see load_begin.lua)
--   USERS     hash  user -> units held and sold; a user of none has no field

local STOCK, ATTEMPTS, HOLDS, USERS = KEYS[1], KEYS[2], KEYS[3], KEYS[4]

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
-- attempt and a user, and HOLDS is never empty.
local function open()
  local v = redis.call('HMGET', STOCK, 'state', 'left', 'held', 'sold', 'fence')
  if v[1] ~= 'open' then return nil end
  local n = {left = tonumber(v[2]), held = tonumber(v[3]), sold = tonumber(v[4]), fence = tonumber(v[5])}
  if n.held + n.sold > 0 and redis.call('EXISTS', ATTEMPTS, HOLDS, USERS) < 3 then return nil end
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
