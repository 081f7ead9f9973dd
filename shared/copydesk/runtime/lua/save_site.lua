-- What is known of a site is written, unless somebody else has written since it was read; what is removed from its
-- pages with it.
-- ARGV: 1 key of the site, 2 number of the write that was read (8 bytes; empty: none), 3 what is known, beginning with the next number,
--       4 key of what is removed, 5 what is removed (empty: nothing), 6 TTL in seconds (0: none)
-- Returns 1 written, 0 not.
if redis.call('GETRANGE', ARGV[1], 0, 7) ~= ARGV[2] then
  return 0
end
local function write(key, value)
  if ARGV[6] == '0' then
    redis.call('SET', key, value)
  else
    redis.call('SET', key, value, 'EX', ARGV[6])
  end
end
write(ARGV[1], ARGV[3])
if ARGV[5] == '' then
  redis.call('DEL', ARGV[4])
else
  write(ARGV[4], ARGV[5])
end
return 1
