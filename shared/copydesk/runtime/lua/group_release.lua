-- What this consumer was given and does not hold (ARGV[6...]) may be claimed at once; ARGV[4] tries are taken back.
-- Looks at some entries from ARGV[5] on; where to go on, or nothing.
local group, consumer, idle, back, from = unpack(ARGV, 1, 5)
local held = {}
for n = 6, #ARGV do
  held[ARGV[n]] = true
end
local page = redis.call('XPENDING', KEYS[1], group, from, '+', 1000, consumer)
for _, entry in ipairs(page) do
  if not held[entry[1]] then
    local tries = math.max(0, entry[4] - back)
    redis.call('XCLAIM', KEYS[1], group, consumer, 0, entry[1], 'IDLE', idle, 'RETRYCOUNT', tries, 'JUSTID')
  end
end
return page[1000] and '(' .. page[1000][1]
