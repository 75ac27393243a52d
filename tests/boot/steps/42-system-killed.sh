# a system service that is killed comes back with its session
before=$(pid oic-tokend)
kill -KILL "$before"
test -n "$(as john oic-token get)"
[ "$(pid oic-tokend)" != "$before" ]
