#!/bin/sh
# Breaks a link twice under requests that come at even intervals: connections reset, then a black hole. Tells how soon that was
# noticed, what answers took meanwhile, and how soon the gateway was used again. Exit code 3 if any of it is not as promised. Some
# three minutes.
#
#   benchmarks/outage.sh [--model MODEL] [--slowdown X] [--requests N] [--interval MS] [--deadline MS] [--out FILE.md]
#
# Models: those of plan-oracle.sh; default squeezenet.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.field.Outage "$@"
