-- Delete consumers that hold nothing: this one (ARGV[3]), and those of which nothing was heard for ARGV[2] milliseconds.
for _, info in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local fields = {}
  for n = 1, #info, 2 do
    fields[info[n]] = info[n + 1]
  end
  if fields.pending == 0 and (fields.name == ARGV[3] or fields.idle > tonumber(ARGV[2])) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], fields.name)
  end
end
