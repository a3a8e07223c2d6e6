#!/usr/bin/env bash
# Installs the packages of the groups given (tools/packages.txt) that are missing, for `build` Swagger UI, and for
# `stack` a mongod, a Playwright, a Jaeger, tools of Go and schemas. Says nothing when nothing is.
set -euo pipefail
cd "$(dirname "$0")"

# The releases of Debian that have all of it, in the order in which packages.txt has the names of a package.
releases=(12 13)
. "${SETUP_OS_RELEASE:-/etc/os-release}" 2>/dev/null || true
own=
for at in "${!releases[@]}"; do
    [[ ${ID:-} != debian || ${VERSION_ID:-} != "${releases[at]}" ]] || own=$at
done

groups=" ${*:-build test} "
wanted=()
while read -r group package _; do
    [[ -n $group && $group != \#* && $groups == *" $group "* ]] && wanted+=("$package")
done <packages.txt

# A package that was never seen is an error line of dpkg-query, not a failure of ours.
read -ra names <<<"${wanted[*]//|/ }"
installed=$(dpkg-query --show --showformat='${db:Status-Status} ${Package}\n' "${names[@]}" 2>/dev/null || true)
# Whether one of these names is installed: whoever has its like on another system may build there.
has_one() {
    local name
    for name in "$@"; do
        [[ $'\n'$installed$'\n' != *$'\n'"installed $name"$'\n'* ]] || return 0
    done
    return 1
}
missing=()
for package in "${wanted[@]}"; do
    IFS='|' read -ra names <<<"$package"
    # A package that has one name has it in every release; of another system nobody knows, and the newest is the best guess.
    has_one "${names[@]}" || missing+=("${names[${#names[@]} == 1 ? 0 : ${own:--1}]}")
done
# What Debian has no package for.
finish() {
    [[ $groups != *" build "* ]] || ./fetch_swagger.py
    [[ $groups == *" stack "* ]] || exit 0
    ./fetch_mongod.py
    ./fetch_playwright.py
    ./fetch_jaeger.py
    ./fetch_go_tools.py
    ./fetch_schemas.py
    exit 0
}
[[ ${#missing[@]} -eq 0 ]] && finish

refuse() {
    printf 'setup: %s\nsetup: missing: %s\n' "$1" "${missing[*]}" >&2
    exit 1
}

[[ -n $own ]] ||
    refuse "this is neither Debian 12 nor Debian 13 (it says ${PRETTY_NAME:-nothing}), so the packages below cannot be installed; build in a container of one of them, or install their like yourself."

as_root=()
if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null || refuse "packages are missing and there is no sudo; run tools/setup.sh once as root."
    as_root=(sudo)
fi

echo "setup: installing ${#missing[@]} packages: ${missing[*]}"
said=$(mktemp)
policy=/usr/sbin/policy-rc.d
own_policy=
# Of what Debian starts and would start at each boot: we run our own, on loopback, and stop them.
services=(prometheus prometheus-node-exporter nginx)
package_of() { [[ $1 == nginx ]] && echo nginx-light || echo "$1"; }

clean_up() {
    rm -f "$said"
    [[ -z $own_policy ]] || "${as_root[@]}" rm -f "$policy"
}
trap clean_up EXIT
# https://people.debian.org/~hmh/invokerc.d-policyrc.d-specification.txt: 101 is no.
keep_services_down() {
    [[ -e $policy ]] && return
    own_policy=yes
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
}
# Only of what we installed: a Prometheus that was here before is its owner's.
disable_services() {
    local service
    for service in "${services[@]}"; do
        [[ " ${missing[*]} " != *" $(package_of "$service") "* ]] || "${as_root[@]}" update-rc.d "$service" disable >"$said" 2>&1 ||
            { cat "$said" >&2; refuse "$service is installed and could not be disabled; what it says is above."; }
    done
}
run() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$said" 2>&1 && return
    cat "$said" >&2
    refuse "apt-get $1 failed; what it says is above."
}
run update
# Without the recommended packages: they add 400 MB that nothing here uses.
keep_services_down
run install -y --no-install-recommends "${missing[@]}"
disable_services
echo "setup: done"
finish
