-- A dead letter of a consumer group is delivered to it once more, in its own stream.
-- ARGV: key of the dead letters, id, key of the group's own stream, most entries of that
local entry = redis.call('XRANGE', ARGV[1], ARGV[2], ARGV[2])[1]
if not entry then
  return 'gone'
elseif redis.call('XLEN', ARGV[3]) >= tonumber(ARGV[4]) then
  return 'full'
end
local fields = {}
for n = 1, #entry[2], 2 do
  if string.sub(entry[2][n], 1, 5) ~= 'dead_' then
    fields[#fields + 1] = entry[2][n]
    fields[#fields + 1] = entry[2][n + 1]
  end
end
redis.call('XADD', ARGV[3], '*', unpack(fields))
redis.call('XDEL', ARGV[1], ARGV[2])
return 'retried'
