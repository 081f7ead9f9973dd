-- A document comes into the copy index and onto its stream, its page is settled: all or nothing.
-- Runs after settle.lua, emit.lua, life.lua. Keys and layouts are described in runtime/index_layout.py.
--
-- ARGV: 1 page id, 2 owner (both empty where no stage is involved), 3 TTL of the page in seconds, 4 outcome,
--       5 period and 6 last number of the look-up, with the life of the server that it was in, 7 TTL of the index's keys in seconds,
--       8 key and 9 field under which the document's id is known, 10 number of its last revision (0: none),
--       11 revision, text hash and time of fetch (packed), 12 record without length and number (empty: unchanged),
--       13 keys, 6 bytes each: bucket and tag, 14 how many of them are entered,
--       15 ids of the clusters that join, with spaces between, 16 what their links say,
--       17 id of its cluster, 18 what its lead's key says (empty: no new lead),
--       19 its id, 20 streams, with spaces between (empty: none), 21 their cap, then fields and values of the entry
-- Returns {1, number} admitted, {2, last number, numbers...} conflict, {3, last number} stale, {0} gone, {4} retracted.

if ARGV[1] ~= '' and not owned('dedup', ARGV[1], ARGV[2]) then
  return {0}
end
if redis.call('HEXISTS', 'copydesk:retracted', ARGV[19]) == 1 then
  return {4}
end

local CYCLE = 4294967296
local ENTRY = 6
local MAX_BUCKET = 24000
local CHUNK = 16
local seen_then, life_then = string.match(ARGV[6], '^(%d+) (%x*)$')
local seen, ttl = tonumber(seen_then), tonumber(ARGV[7])
local last = tonumber(redis.call('GET', 'copydesk:index:number') or '0')

-- The window has moved on since the look-up, or Redis started again and has perhaps lost what it had seen: the numbers up to
-- the last may be other documents' by now.
if redis.call('GET', 'copydesk:index:period') ~= ARGV[5] or last < seen or life() ~= life_then then
  return {3, last}
end

local known = redis.call('HGET', ARGV[8], ARGV[9])
if known and struct.unpack('<I4', known) ~= tonumber(ARGV[10]) % CYCLE then
  return {3, last}
end

local names, tags = {}, {}
for place = 1, #ARGV[13], ENTRY do
  local bucket, tag = struct.unpack('<I4I2', ARGV[13], place)
  names[#names + 1] = string.format('copydesk:bucket:%s:%x', ARGV[5], bucket)
  tags[#tags + 1] = tag
end
-- All at once: a call costs more than what it brings. Two keys may stand in one bucket.
local buckets = {}
for place, bucket in ipairs(#names > 0 and redis.call('MGET', unpack(names)) or {}) do
  buckets[names[place]] = bucket or nil
end

-- Entries stand in the order of their numbers: those that came after the look-up are at the end.
local function newer(bucket, tag, found)
  for place = #bucket - ENTRY + 1, 1, -ENTRY do
    local entry_tag, low = struct.unpack('<I2I4', bucket, place)
    local number = last - (last - low) % CYCLE
    if number <= seen then
      return
    end
    if entry_tag == tag then
      found[number] = true
    end
  end
end

if last > seen then
  local found, answer = {}, {2, last}
  for place, name in ipairs(names) do
    newer(buckets[name] or '', tags[place], found)
  end
  for number in pairs(found) do
    answer[#answer + 1] = number
  end
  if #answer > 2 then
    return answer
  end
end

local number = tonumber(ARGV[10])
if ARGV[12] ~= '' then
  number = redis.call('INCR', 'copydesk:index:number')
  local chunk = 'copydesk:chunk:' .. math.floor(number / CHUNK)
  redis.call('APPEND', chunk, struct.pack('<I2I4', #ARGV[12] + 6, number % CYCLE) .. ARGV[12])
  if number % CHUNK == CHUNK - 1 then
    -- Full: what grew by APPEND has room to spare, up to as much again; a value that is set has none.
    redis.call('SET', chunk, redis.call('GET', chunk))
  end
  redis.call('EXPIRE', chunk, ttl)
  for place = 1, tonumber(ARGV[14]) do
    local name, entry = names[place], struct.pack('<I2I4', tags[place], number % CYCLE)
    -- Set, not appended to, for the same reason.
    local bucket = buckets[name]
    if not bucket then
      buckets[name] = entry
      redis.call('SET', name, entry, 'EX', ttl)
    else
      if #bucket >= MAX_BUCKET then
        bucket = string.sub(bucket, -MAX_BUCKET / 2)
      end
      buckets[name] = bucket .. entry
      redis.call('SET', name, buckets[name], 'KEEPTTL')
    end
  end
  for younger in string.gmatch(ARGV[15], '%x+') do
    redis.call('SET', 'copydesk:link:' .. younger, ARGV[16], 'EX', ttl)
  end
  local lead = 'copydesk:lead:' .. ARGV[17]
  if ARGV[18] ~= '' then
    redis.call('SET', lead, ARGV[18], 'EX', ttl)
  elseif ARGV[4] == 'copy' then
    redis.call('EXPIRE', lead, ttl)
  end
end
redis.call('HSET', ARGV[8], ARGV[9], struct.pack('<I4', number % CYCLE) .. ARGV[11])
redis.call('EXPIRE', ARGV[8], ttl)

for stream in string.gmatch(ARGV[20], '%S+') do
  emit(stream, ARGV[21], {unpack(ARGV, 22)})
end
if ARGV[1] ~= '' then
  settle('dedup', ARGV[1], ARGV[4], ARGV[3])
end
return {1, number}
