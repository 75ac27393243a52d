# the package installs, and switches nothing on
apt-get install /boot-test/this.deb
for unit in oic-tokend.service oic-tokend.socket; do
    is "$unit" "$(systemctl is-enabled $unit)" disabled
    is "the user's $unit" "$(jane systemctl --user is-enabled $unit)" disabled
done
is "the folder of the socket" "$(stat -c '%U %a' /run/oic-tokend)" "oic-tokend 711"
is "the link for git" "$(readlink /usr/bin/git-credential-oic)" oic-token
# Twice does no harm.
apt-get install /boot-test/this.deb
