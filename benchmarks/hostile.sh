#!/bin/sh
# Does to a gateway what docs/HOSTILE.md has, while an agent asks it one thing after another: streams that break the protocol, callers who keep it waiting, claimed gigabytes,
# kill -9. Exit code 3 if a misdeed was neither named nor ended, if a request of the agent's failed or did without the gateway but for the kill, or if the gateway grew by more than
# it may. Some five minutes.
#
#   benchmarks/hostile.sh [--streams N] [--connections N] [--most-mib N] [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.hostile.Hostile "$@"
