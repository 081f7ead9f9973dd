-- The next entry that nobody has worked on for a while, from a cursor on: given to this consumer, and counted as a try.
-- {cursor, id, deliveries, fields}, or {cursor} where there was none among those looked at.
local group, consumer, idle, cursor = unpack(ARGV)
for _ = 1, 100 do
  local page = redis.call('XAUTOCLAIM', KEYS[1], group, consumer, idle, cursor, 'COUNT', 1, 'JUSTID')
  cursor = page[1]
  local id = page[2][1]
  if id then
    local entry = redis.call('XCLAIM', KEYS[1], group, consumer, 0, id)[1]
    if entry then
      return {cursor, id, attempts_of(KEYS[1], group, consumer, id), entry[2]}
    end
    redis.call('XACK', KEYS[1], group, id) -- it was trimmed; a gap marker has told so
  end
  if cursor == '0-0' then
    break
  end
end
return {cursor}
