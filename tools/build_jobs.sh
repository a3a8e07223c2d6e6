#!/bin/sh
# How many compilers may run at once where nobody said: build_jobs.sh [MEMINFO]. One a core, and no more than have their 1 GB of
# what memory is available, since one that is killed for want of it says nothing that helps; one at least.
set -eu
cores=$(nproc)
jobs=$(awk '$1 == "MemAvailable:" { print int($2 / 1000000) }' "${1:-/proc/meminfo}")
[ "${jobs:-0}" -lt "$cores" ] || jobs=$cores
[ "${jobs:-0}" -ge 1 ] || jobs=1
echo "$jobs"
