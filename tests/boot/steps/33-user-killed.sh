# a user service that is killed comes back with its session
before=$(pid oic-tokend --user)
kill -KILL "$before"
test -n "$(jane oic-token get)"
[ "$(pid oic-tokend --user)" != "$before" ]
