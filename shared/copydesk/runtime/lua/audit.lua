-- What is there, counted in one step: pages by where they are, and the streams; and what the counters say of them.
-- ARGV: first host (by rank) whose pages are counted, last host
-- Answers: counters (names and numbers), leases, stage extract, stage dedup, hosts, pages that wait at those hosts, and per
-- stream its entries and those that were ever added (-1: this server does not know).
local waiting = 0
for _, host in ipairs(redis.call('ZRANGE', 'copydesk:frontier:hosts', ARGV[1], ARGV[2])) do
  waiting = waiting + redis.call('ZCARD', 'copydesk:frontier:host:' .. host)
end
local streams = {}
for _, stream in ipairs({'documents', 'copies', 'rejected'}) do
  local key, added = 'copydesk:' .. stream, -1
  if redis.call('EXISTS', key) == 0 then
    added = 0
  else
    local info = redis.call('XINFO', 'STREAM', key)
    for n = 1, #info, 2 do
      if info[n] == 'entries-added' then
        added = info[n + 1]
      end
    end
  end
  streams[#streams + 1] = redis.call('XLEN', key)
  streams[#streams + 1] = added
end
return {
  redis.call('HGETALL', 'copydesk:counts'),
  redis.call('ZCARD', 'copydesk:frontier:leases'),
  redis.call('ZCARD', 'copydesk:stage:extract'),
  redis.call('ZCARD', 'copydesk:stage:dedup'),
  redis.call('ZCARD', 'copydesk:frontier:hosts'),
  waiting,
  streams,
}
