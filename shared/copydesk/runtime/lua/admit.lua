-- A document comes into the copy index and onto its stream, its page is settled: all or nothing.
-- Runs after settle.lua. Keys and layouts are described in runtime/redis_index.py.
--
-- ARGV: 1 page id, 2 owner (both empty where no stage is involved), 3 TTL of the page in seconds, 4 outcome,
--       5 period and 6 last number of the look-up, 7 TTL of the index's keys in seconds,
--       8 document id, 9 number of its last revision (0: none), 10 revision and text hash (packed),
--       11 record without length and number (empty: unchanged), 12 keys (32 bits each), 13 how many of them are entered,
--       14 ids of the clusters that join, with spaces between, 15 what their links say,
--       16 stream (empty: none), 17 its bound (0: none), then fields and values of the entry
-- Returns {1, number} admitted, {2, last number, numbers...} conflict, {3, last number} stale, {0} gone.

if ARGV[1] ~= '' and not owned('dedup', ARGV[1], ARGV[2]) then
  return {0}
end

local CYCLE = 4294967296
local ENTRY = 6
local MAX_BUCKET = 24000
local period, seen, ttl = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local last = tonumber(redis.call('GET', 'copydesk:index:number') or '0')

-- The window has moved on since the look-up, or Redis lost what it had seen.
if tonumber(redis.call('GET', 'copydesk:index:period') or '0') > period or last < seen then
  return {3, last}
end

local known_key = 'copydesk:known:' .. period .. ':' .. string.sub(ARGV[8], 1, 4)
local known_field = string.sub(ARGV[8], 5)
local known = redis.call('HGET', known_key, known_field)
if known and struct.unpack('<I4', known) ~= tonumber(ARGV[9]) % CYCLE then
  return {3, last}
end

local function bucket_key(key)
  return string.format('copydesk:bucket:%d:%04x', period, math.floor(key / 65536))
end

-- Entries stand in the order of their numbers: those that came after the look-up are at the end.
local function newer(key, found)
  local name, tag, size = bucket_key(key), key % 65536, 8 * ENTRY
  while true do
    local tail = redis.call('GETRANGE', name, -size, -1)
    for place = #tail - ENTRY + 1, 1, -ENTRY do
      local entry_tag, low = struct.unpack('<I2I4', tail, place)
      local number = last - (last - low) % CYCLE
      if number <= seen then
        return
      end
      if entry_tag == tag then
        found[number] = true
      end
    end
    if #tail < size then
      return
    end
    size = size * 16
  end
end

local keys = {}
for place = 1, #ARGV[12], 4 do
  keys[#keys + 1] = struct.unpack('<I4', ARGV[12], place)
end

if last > seen then
  local found, answer = {}, {2, last}
  for _, key in ipairs(keys) do
    newer(key, found)
  end
  for number in pairs(found) do
    answer[#answer + 1] = number
  end
  if #answer > 2 then
    return answer
  end
end

redis.call('SET', 'copydesk:index:period', period)
local number = tonumber(ARGV[9])
if ARGV[11] ~= '' then
  number = redis.call('INCR', 'copydesk:index:number')
  local chunk = 'copydesk:chunk:' .. math.floor(number / 8)
  redis.call('APPEND', chunk, struct.pack('<I2I4', #ARGV[11] + 6, number % CYCLE) .. ARGV[11])
  if number % 8 == 7 then
    -- Full: what grew by APPEND has room to spare, up to as much again; a value that is set has none.
    redis.call('SET', chunk, redis.call('GET', chunk))
  end
  redis.call('EXPIRE', chunk, ttl)
  for place = 1, tonumber(ARGV[13]) do
    local key = keys[place]
    local name = bucket_key(key)
    local size = redis.call('APPEND', name, struct.pack('<I2I4', key % 65536, number % CYCLE))
    if size == ENTRY then
      redis.call('EXPIRE', name, ttl)
    elseif size > MAX_BUCKET then
      redis.call('SET', name, redis.call('GETRANGE', name, -MAX_BUCKET / 2, -1), 'KEEPTTL')
    end
  end
  for younger in string.gmatch(ARGV[14], '%x+') do
    redis.call('SET', 'copydesk:link:' .. younger, ARGV[15], 'EX', ttl)
  end
end
redis.call('HSET', known_key, known_field, struct.pack('<I4', number % CYCLE) .. ARGV[10])
redis.call('EXPIRE', known_key, ttl)

if ARGV[16] ~= '' then
  if ARGV[17] ~= '0' then
    redis.call('XADD', ARGV[16], 'MAXLEN', '~', ARGV[17], '*', unpack(ARGV, 18))
  else
    redis.call('XADD', ARGV[16], '*', unpack(ARGV, 18))
  end
end
if ARGV[1] ~= '' then
  settle('dedup', ARGV[1], ARGV[4], ARGV[3])
end
return {1, number}
