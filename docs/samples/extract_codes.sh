#!/bin/sh
# Counts the error codes in logs: sh extract_codes.sh bot.log, or from standard input. codes.regex lies beside it.
set -eu
grep -ohE -f "$(dirname "$0")/codes.regex" "$@" | grep -oE '[0-9]{4,5}' | sort | uniq -c | sort -rn
