-- Entries that are done. Those of a group's own stream (ARGV[2] is 1) are nobody else's: they are deleted.
local group = ARGV[1]
for n = 3, #ARGV do
  redis.call('XACK', KEYS[1], group, ARGV[n])
  redis.call('HDEL', KEYS[2], KEYS[1] .. '/' .. ARGV[n])
  if ARGV[2] == '1' then
    redis.call('XDEL', KEYS[1], ARGV[n])
  end
end
