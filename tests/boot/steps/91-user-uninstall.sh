# a user signs out, and removes what is theirs
jane oic-token logout --all
jane oic-token service uninstall
is "the user service" "$(jane systemctl --user is-active oic-tokend)" inactive
is "the socket" "$(jane systemctl --user is-active oic-tokend.socket)" inactive
jane sh -c 'rm -r ~/.config/oic-tokend ~/.local/state/oic-tokend'
is "what is left" "$(find /home/jane -name 'oic-tokend*')" ""
