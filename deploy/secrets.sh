#!/bin/sh
# Makes the passwords of the stack: secrets.sh FOLDER. Each is drawn at random once and stays; nobody else has it. There is a
# folder for each reader, so that nobody sees what is another's: mongodb, redis, productd, grafana. As root it gives each to
# its reader's user in the images; deploy/compose.yaml runs it so before anything else. It needs nothing but a POSIX system.
set -eu
folder=$1
umask 077

if [ -e "$folder/productd/complete" ]; then
    echo "secrets: they are there already"
    exit 0
fi

# 48 hexadecimal digits, which no configuration has to quote.
draw() { head -c 24 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }

mkdir -p "$folder/mongodb" "$folder/redis" "$folder/productd" "$folder/grafana"
mongodb=$(draw)
redis=$(draw)
printf '%s' "$(draw)" >"$folder/mongodb/admin-password"
printf '%s' "$(draw)$(draw)" >"$folder/mongodb/members.key"
printf '%s' "$mongodb" >"$folder/mongodb/productd-password"
printf '%s' "$mongodb" >"$folder/productd/mongodb-password"
printf '%s' "$redis" >"$folder/productd/redis-password"
printf '%s' "$(draw)" >"$folder/grafana/admin-password"
# What the service does with Redis, and no more; and somebody who may ask whether it lives.
hashed=$(printf '%s' "$redis" | sha256sum | cut -d ' ' -f 1)
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
