-- What pages and later looks at them say, where it names one of these hosts.
-- ARGV: number of hosts, hosts ..., keys ...
-- Answers keys and what they hold, one after the other.
local hosts, out = tonumber(ARGV[1]), {}
for n = 2 + hosts, #ARGV do
  local is_page = string.sub(ARGV[n], 1, 14) == 'copydesk:page:'
  local said = is_page and redis.call('HGET', ARGV[n], 'ref') or not is_page and redis.call('GET', ARGV[n])
  for h = 2, said and 1 + hosts or 0 do
    if string.find(said, ARGV[h], 1, true) then
      out[#out + 1] = ARGV[n]
      out[#out + 1] = said
      break
    end
  end
end
return out
