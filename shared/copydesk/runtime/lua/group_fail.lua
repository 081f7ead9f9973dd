-- A try has failed: after the last one the entry becomes a dead letter, else it may be claimed when it has been idle ARGV[5].
-- 1: dead letter; 0: another try; -1: this consumer no longer held it.
local stream, failures, dead = unpack(KEYS)
local group, consumer, id, tries, idle, most, days, own = unpack(ARGV, 1, 8)
local error_text = ARGV[9]
local attempts = attempts_of(stream, group, consumer, id)
local field = stream .. '/' .. id
if not attempts then
  return -1
end
if attempts < tonumber(tries) then
  if redis.call('HLEN', failures) >= tonumber(most) then
    redis.call('DEL', failures) -- of entries that were trimmed since: they are nobody's any more
  end
  redis.call('HSET', failures, field, error_text)
  redis.call('EXPIRE', failures, days * 86400)
  redis.call('XCLAIM', stream, group, consumer, 0, id, 'IDLE', idle, 'JUSTID')
  return 0
end
redis.call('XADD', dead, 'MAXLEN', most, '*', 'dead_stream', stream, 'dead_id', id, 'dead_attempts', tries,
  'dead_error', error_text, unpack(ARGV, 10))
redis.call('XACK', stream, group, id)
redis.call('HDEL', failures, field)
if own == '1' then
  redis.call('XDEL', stream, id)
end
return 1
