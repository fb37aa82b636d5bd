-- SPDX-License-Identifier: Apache-2.0
-- For wrk: sends the requests of the file $REQUESTS, one a line, "target[TAB header: value[TAB
-- body]]", with a body as POST, round and round, written out before the first is sent. Prints the result as JSON.
local texts, at, count = {}, 0, 0

function init()
    for line in io.lines(os.getenv("REQUESTS")) do
        local target, name, value, body = line:match("^([^\t]+)\t([^:]+): ([^\t]*)\t?(.*)$")
        local is_post = body and body ~= ""
        count = count + 1
        texts[count] = wrk.format(is_post and "POST" or "GET", target or line,
                                  name and { [name] = value } or nil, is_post and body or nil)
    end
    at = tonumber(os.getenv("FIRST") or "0") % count
end

function request()
    at = at % count + 1
    return texts[at]
end

function done(summary, latency)
    local e = summary.errors
    io.write(string.format(
        '{"requests": %d, "microseconds": %d, "bytes": %d, "refused": %d, "broken": %d, "p50": %d, "p99": %d}\n',
        summary.requests, summary.duration, summary.bytes, e.status,
        e.connect + e.read + e.write + e.timeout, latency:percentile(50), latency:percentile(99)))
end
