-- Polls are over. Whoever lost its lease meanwhile writes nothing.
-- ARGV per poll: id, host, token, unix time of the next poll, unix time from which the host may be asked again, status,
--                state as JSON (empty: nothing came of it, all stays as it was)
-- Answers 1 per poll that was still its token's, else 0.
local out = {}
for n = 1, #ARGV, 7 do
  local id, host, state = ARGV[n], ARGV[n + 1], ARGV[n + 6]
  local is_ours = polls(id, ARGV[n + 2])
  out[#out + 1] = is_ours and 1 or 0
  if is_ours then
    redis.call('HDEL', 'copydesk:sources:leases', id)
    -- One that was paused meanwhile is no longer in its host's queue.
    redis.call('ZADD', 'copydesk:sources:due:' .. host, 'XX', ARGV[n + 3], id)
    if state ~= '' then
      redis.call('SET', 'copydesk:source:' .. id, state)
      if redis.call('HGET', 'copydesk:sources:status', id) ~= 'paused' then
        set_status(id, ARGV[n + 5])
      end
    end
    place_host(host, tonumber(ARGV[n + 4]))
  end
end
return out
