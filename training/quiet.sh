#!/bin/sh
# Runs a command at the lowest priority, for which it must lead its session: env.sh says why.
echo 19 > /proc/self/autogroup 2>/dev/null || true # the file is there, but not for everyone
exec chrt --idle 0 nice -n 19 "$@"
