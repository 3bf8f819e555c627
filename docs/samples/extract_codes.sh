#!/bin/sh
# Counts the error codes in logs: sh extract_codes.sh bot.log, or from standard input. codes.regex lies beside it.
set -u
export LC_ALL=C # a log may hold bytes that are no UTF-8, and NUL bytes after a crash
[ $# -gt 0 ] || set -- -
for log; do cat -- "$log" && echo; done | tr -d '\000' | grep -oE -f "$(dirname "$0")/codes.regex" |
    grep -oE '[0-9]{4,5}' | sort | uniq -c | sort -rn
