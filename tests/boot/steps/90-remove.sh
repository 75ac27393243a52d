# removing stops both services, and a package that comes back finds the sessions
apt-get remove oic-tokend
is "the service" "$(systemctl is-active oic-tokend)" inactive
is "the socket" "$(systemctl is-active oic-tokend.socket)" inactive
is "the credentials' socket" "$(systemctl is-active oic-tokend-credentials.socket)" inactive
is "the user service" "$(jane systemctl --user is-active oic-tokend)" inactive
apt-get install /boot-test/next.deb
systemctl start oic-tokend-egress@127.0.0.1:8080.socket oic-tokend.socket
jane systemctl --user start oic-tokend.socket
test -n "$(as john oic-token get)"
test -n "$(jane oic-token get)"
