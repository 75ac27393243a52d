# an upgrade restarts both services, which keep their sessions
system login memory --no-browser
asked=$(requests)
memory=$(system get memory)
system=$(pid oic-tokend) user=$(pid oic-tokend --user)
apt-get install /boot-test/next.deb
is "the package" "$(dpkg-query -f '${Version}' -W oic-tokend)" \
    "$(dpkg-deb -f /boot-test/next.deb Version)"
[ "$(pid oic-tokend)" != "$system" ]
[ "$(pid oic-tokend --user)" != "$user" ]
test -n "$(as john oic-token get)"
test -n "$(jane oic-token get)"
is "the token in memory only" "$(system get memory)" "$memory"
is "the requests that an upgrade costs" "$(requests)" "$asked"
