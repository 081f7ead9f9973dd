-- Looks at pages one by one: what is wrong with each, all of it at this moment.
-- ARGV: ids ...
-- Answers id and fault, one after the other.
local out = {}
local function tell(id, fault)
  out[#out + 1] = id
  out[#out + 1] = fault
end
for _, id in ipairs(ARGV) do
  local page = 'copydesk:page:' .. id
  local ttl = redis.call('TTL', page)
  local has_body = redis.call('EXISTS', 'copydesk:body:' .. id) == 1
  local has_extraction = redis.call('EXISTS', 'copydesk:extraction:' .. id) == 1
  local leased = redis.call('ZSCORE', 'copydesk:frontier:leases', id)
  local extract = redis.call('ZSCORE', 'copydesk:stage:extract', id)
  local dedup = redis.call('ZSCORE', 'copydesk:stage:dedup', id)
  local host = redis.call('HGET', page, 'host')
  local waits = host and redis.call('ZSCORE', 'copydesk:frontier:host:' .. host, id)
  local places = (leased and 1 or 0) + (extract and 1 or 0) + (dedup and 1 or 0) + (waits and 1 or 0)
  if ttl == -2 then
    if places > 0 then
      tell(id, 'no_page')
    elseif has_extraction or has_body and redis.call('TTL', 'copydesk:body:' .. id) == -1 then
      tell(id, 'left')
    end
  else
    if ttl == -1 and places == 0 then
      tell(id, 'lost')
    elseif places > 1 then
      tell(id, 'twice')
    elseif ttl >= 0 and places > 0 then
      tell(id, 'ended')
    end
    if extract and (not has_body or redis.call('HEXISTS', page, 'ref') == 0) then
      tell(id, 'no_body')
    elseif dedup and not has_extraction then
      tell(id, 'no_extraction')
    elseif has_extraction and not dedup then
      tell(id, 'left')
    end
  end
end
return out
