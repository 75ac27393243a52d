# a user signs out, and removes what is theirs
jane oic-token logout --all
jane systemctl --user disable --now oic-tokend.socket oic-tokend.service
jane sh -c 'rm -r ~/.config/oic-tokend ~/.local/state/oic-tokend'
is "what is left" "$(find /home/jane -name 'oic-tokend*')" ""
