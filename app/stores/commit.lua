-- One commit: compare, write, append; or do nothing. All keys share one hash tag, so that a cluster can run it.
-- KEYS: records (hash), due (sorted set), log (stream), callers (sorted set)
-- ARGV: deadline in microseconds, number of expectations, writes and events, then
--       name and value for each expectation ('' for absent); name, value ('' deletes) and due ('' for never) for each
--       write; event and caller ('' for none) for each event.
-- Returns 1 when done, 0 when an expectation did not hold, -1 when it is too late: a server that was stopped must not
-- carry out later what its client has long given up.
local time = redis.call('TIME')
if time[1] * 1000000 + time[2] > tonumber(ARGV[1]) then return -1 end

-- Redis takes nothing back when a command fails midway: whatever could fail is looked at first.
for i, wanted in ipairs({'hash', 'zset', 'stream', 'zset'}) do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= wanted and found ~= 'none' then return redis.error_reply('WRONGTYPE ' .. KEYS[i] .. ' is a ' .. found) end
end
local MOST = 2 ^ 53 -- beyond it Lua can't count by ones
local seq = tonumber(redis.call('HGET', KEYS[1], 'seq') or '')
if not seq or not (seq >= 0 and seq < MOST) then -- a new door, or a hash that was lost while its log was not
  local last = redis.call('XREVRANGE', KEYS[3], '+', '-', 'COUNT', 1)[1]
  seq = last and tonumber(string.match(last[1], '^%d+')) or 0
end

-- Where somebody else wrote to the stream its numbers are ahead of ours: they go on behind it, so that the door works.
local function append(event)
  seq = seq + 1
  local added = redis.pcall('XADD', KEYS[3], string.format('%.0f-0', seq), 'event', event)
  if type(added) ~= 'table' or not added.err then return end
  local info, number, part = redis.call('XINFO', 'STREAM', KEYS[3]), nil, nil
  for i = 1, #info, 2 do
    if info[i] == 'last-generated-id' then number, part = string.match(info[i + 1], '^(%d+)-(%d+)$') end
  end
  seq = tonumber(number)
  if seq + 1 < MOST then
    seq, number, part = seq + 1, string.format('%.0f', seq + 1), -1
  end
  redis.call('XADD', KEYS[3], number .. string.format('-%.0f', part + 1), 'event', event)
end

local at = 5
for _ = 1, ARGV[2] do
  if (redis.call('HGET', KEYS[1], ARGV[at]) or '') ~= ARGV[at + 1] then return 0 end
  at = at + 2
end
for _ = 1, ARGV[3] do
  local name, value, due = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if value == '' then redis.call('HDEL', KEYS[1], name) else redis.call('HSET', KEYS[1], name, value) end
  if due == '' then redis.call('ZREM', KEYS[2], name) else redis.call('ZADD', KEYS[2], due, name) end
  at = at + 3
end
for _ = 1, ARGV[4] do
  append(ARGV[at])
  if ARGV[at + 1] ~= '' then
    redis.call('ZADD', KEYS[4], seq, string.format('%.0f ', seq) .. ARGV[at + 1])
  end
  at = at + 2
end
if tonumber(ARGV[4]) > 0 then redis.call('HSET', KEYS[1], 'seq', seq) end
return 1
