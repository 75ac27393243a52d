# the first 'get' starts the system service by its socket
systemctl stop oic-tokend.service
asked=$(refreshes)
test -n "$(as john oic-token get)"
is "the service" "$(systemctl is-active oic-tokend)" active
is "the refreshes that a start costs" "$(refreshes)" "$asked"
