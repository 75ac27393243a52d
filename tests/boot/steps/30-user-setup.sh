# 'oic-token setup' switches the packaged user service on, and a user signs in
jane oic-token setup sim --domain $SIM --client-id $CLIENT --scope "$SCOPE" --yes --no-login
is "the unit" "$(jane systemctl --user show --property FragmentPath --value oic-tokend)" \
    /usr/lib/systemd/user/oic-tokend.service
is "the service" "$(jane systemctl --user is-enabled oic-tokend)" enabled
fails 3 jane oic-token get
sign_in jane oic-token login
test -n "$(jane oic-token get)"
