-- Whoever polls lives: what it polls stays its own.
-- ARGV: unix time of the end of the leases, then per poll: id, host, token
for n = 2, #ARGV, 3 do
  if polls(ARGV[n], ARGV[n + 2]) then
    redis.call('ZADD', 'copydesk:sources:due:' .. ARGV[n + 1], 'XX', ARGV[1], ARGV[n])
    redis.call('ZADD', 'copydesk:sources:hosts', 'XX', ARGV[1], ARGV[n + 1])
  end
end
return 1
