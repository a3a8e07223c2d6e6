#!/usr/bin/env bash
# Makes a self-signed certificate for localhost where the service looks for one: ssl/server.crt and its key
# ssl/server.pem. Keeps what is there. (With neither, `productd serve` makes one of its own in the data folder.)
set -euo pipefail
cd "$(dirname "$0")/.."

if [[ -e ssl/server.crt || -e ssl/server.pem ]]; then
    echo "certificate: ssl/ already holds one; remove ssl/server.crt and ssl/server.pem to make another"
    exit 0
fi
mkdir -p ssl
umask 077
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 825 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1' -keyout ssl/server.pem -out ssl/server.crt 2>/dev/null
echo "certificate: made ssl/server.crt and ssl/server.pem for localhost, valid 825 days"
openssl x509 -in ssl/server.crt -noout -fingerprint -sha256
