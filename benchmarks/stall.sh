#!/bin/sh
# Lets a gateway stall under requests that come at even intervals: one run that takes seconds, then the whole process stopped by a
# signal. Tells whether every deadline was met, and whether the gateway ran what the agent had cancelled. Exit code 3 if not so.
# Some two minutes.
#
#   benchmarks/stall.sh [--model MODEL] [--slowdown X] [--requests N] [--interval MS] [--deadline MS] [--stall SECONDS]
#                       [--out FILE.md]
#
# Models: those of plan-oracle.sh; default squeezenet.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.field.Stall "$@"
