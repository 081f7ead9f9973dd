-- A time slice of the copy index begins: how many buckets it has is decided once, for all processes.
--
-- ARGV: 1 period, 2 the oldest period that is still looked up, 3 TTL in seconds
-- Keys are described in runtime/index_layout.py.

local FIRST_BITS, FEWEST_BITS, MOST_BITS = 16, 14, 22
local DOCUMENTS_A_BUCKET = 4 -- some sixteen entries each

local period, oldest = tonumber(ARGV[1]), tonumber(ARGV[2])
local slices_key = 'copydesk:index:slices'
local number = tonumber(redis.call('GET', 'copydesk:index:number') or '0')

local starts = {}
local slices = redis.call('HGETALL', slices_key)
for place = 1, #slices, 2 do
  local part = tonumber(slices[place])
  if part >= period then
    return
  end
  starts[#starts + 1] = {part, tonumber(string.match(slices[place + 1], ' (%d+)'))}
end
table.sort(starts, function(left, right) return left[1] < right[1] end)

local fullest = 0
for place, start in ipairs(starts) do
  local following = starts[place + 1] and starts[place + 1][2] or number
  fullest = math.max(fullest, following - start[2])
  if start[1] < oldest then
    redis.call('HDEL', slices_key, start[1])
  end
end

local bits = FIRST_BITS
if #starts > 0 then
  bits = FEWEST_BITS
  while bits < MOST_BITS and 2 ^ bits * DOCUMENTS_A_BUCKET < fullest do
    bits = bits + 1
  end
end
redis.call('HSET', slices_key, period, bits .. ' ' .. number)
redis.call('EXPIRE', slices_key, ARGV[3])
redis.call('SET', 'copydesk:index:period', period)
