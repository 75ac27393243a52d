# both services have their sessions after a reboot
# after a reboot
is "the service" "$(systemctl is-active oic-tokend)" active
is "the user service" "$(jane systemctl --user is-active oic-tokend)" active
test -n "$(as john oic-token get)"
test -n "$(jane oic-token get)"
