#!/bin/sh
# Gives agents 30 frames of 1 MiB a second over a link that carries one, with netty and with okhttp, for each way of dealing with what
# is too much. Tells what memory they took and how old answers were. Exit code 3 if it was too much. Some ten minutes.
#
#   benchmarks/back-pressure.sh [--seconds N] [--rate N] [--side N] [--modes local,wait,reject,latest] [--transports netty,okhttp]
#                               [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.field.BackPressure "$@"
