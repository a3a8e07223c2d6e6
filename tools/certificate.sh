#!/usr/bin/env bash
# Makes a self-signed certificate where the service looks for one: ssl/server.crt and its key ssl/server.pem. It is for localhost
# and for the names and addresses given: certificate.sh products.example 192.0.2.7. Keeps what is there. (With neither,
# `productd serve` makes one of its own in the data folder, for localhost alone.)
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -e ssl/server.crt || -e ssl/server.pem ]]; then
    echo "certificate: ssl/ already holds one; remove ssl/server.crt and ssl/server.pem to make another"
    exit 0
fi
names=DNS:localhost,IP:127.0.0.1,IP:::1
for name in "$@"; do
    # An address is of digits and dots, or has colons; all else is a name of a host, perhaps with a * in front.
    if [[ $name =~ ^[0-9.]+$ || $name =~ ^[0-9a-fA-F:]*:[0-9a-fA-F:.]*$ ]]; then
        names+=",IP:$name"
    elif [[ $name =~ ^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ ]]; then
        names+=",DNS:$name"
    else
        echo "certificate: $name is no name of a host and no address" >&2
        exit 2
    fi
done
mkdir -p ssl
umask 077
if ! said=$(openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 825 -subj /CN=localhost \
    -addext "subjectAltName=$names" -keyout ssl/server.pem -out ssl/server.crt 2>&1); then
    rm -f ssl/server.crt ssl/server.pem
    echo "certificate: $said" >&2
    exit 1
fi
echo "certificate: made ssl/server.crt and ssl/server.pem for ${names//,/, }, valid 825 days"
openssl x509 -in ssl/server.crt -noout -fingerprint -sha256
