#!/bin/sh
# Makes the passwords of the stack: secrets.sh FOLDER. Each is drawn at random once and stays; nobody else has it. There is a
# folder for each reader, so that nobody sees what is another's: mongodb, redis, productd, grafana. As root it gives each to
# its reader's user in the images; deploy/compose.yaml runs it so before anything else. It needs a POSIX shell and tools,
# /dev/urandom, and sha256sum or, as on macOS, shasum. It ends with 0 when all are there; else nothing was used of what is.
set -eu
folder=$1
umask 077

if [ -e "$folder/productd/complete" ]; then
    echo "secrets: they are there already"
    exit 0
fi

refuse() {
    echo "secrets: $1" >&2
    exit 1
}

# A pipeline ends as its last part does, so whether the others did their work is seen by what came of it.
check() {
    [ "${#1}" -eq "$2" ] || refuse "$3"
    case $1 in *[!0-9a-f]*) refuse "$3" ;; esac
}

# 48 hexadecimal digits, which no configuration has to quote.
draw() {
    drawn=$(od -An -v -tx1 -N24 /dev/urandom | tr -d ' \n')
    check "$drawn" 48 "od gave no 24 bytes of /dev/urandom; nothing was made"
    printf '%s' "$drawn"
}

digest() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# All of them before the first is written; a draw that fails ends the script here.
admin=$(draw)
first=$(draw)
second=$(draw)
mongodb=$(draw)
redis=$(draw)
grafana=$(draw)
hashed=$(printf '%s' "$redis" | digest)
check "$hashed" 64 "neither sha256sum nor shasum gave a hash; install one of them; nothing was made"

mkdir -p "$folder/mongodb" "$folder/redis" "$folder/productd" "$folder/grafana"
printf '%s' "$admin" >"$folder/mongodb/admin-password"
printf '%s' "$first$second" >"$folder/mongodb/members.key"
printf '%s' "$mongodb" >"$folder/mongodb/productd-password"
printf '%s' "$mongodb" >"$folder/productd/mongodb-password"
printf '%s' "$redis" >"$folder/productd/redis-password"
printf '%s' "$grafana" >"$folder/grafana/admin-password"
# What the service does with Redis, and no more; and somebody who may ask whether it lives.
commands='+get +set +unlink +scan +eval +ping +hello +select +client|tracking +client|setname +client|info +client|kill +subscribe +publish'
cat >"$folder/redis/users.acl" <<USERS
user default off
user health on nopass -@all +ping
user productd on #$hashed ~products:* &productd:outcomes:* -@all $commands
USERS

if [ "$(id -u)" = 0 ]; then
    chown -R 999:999 "$folder/mongodb" "$folder/redis"
    chown -R 10001:10001 "$folder/productd"
    chown -R 472:0 "$folder/grafana"
fi
# Last: what was broken off before is made again, and nobody has used it.
touch "$folder/productd/complete"
echo "secrets: made in $folder"
