# the first 'get' starts the user service by its socket
jane systemctl --user stop oic-tokend.service
is "the socket" "$(jane systemctl --user is-active oic-tokend.socket)" active
asked=$(refreshes)
test -n "$(jane oic-token get)"
is "the service" "$(jane systemctl --user is-active oic-tokend)" active
is "the refreshes that a start costs" "$(refreshes)" "$asked"
# That would have been seen.
jane oic-token get --force >/dev/null
is "the refreshes by force" "$(refreshes)" "$((asked + 1))"
