#!/bin/sh
# Changes a link's rate in steps under an agent that chooses its point, and under agents that keep to one point each; compares the
# first with an oracle made of the others, and draws both. Exit code 3 if it does not keep up. Some ten minutes.
#
#   benchmarks/link-steps.sh [--model MODEL] [--slowdown X] [--rates RATE,RATE,..] [--rtt MS] [--seconds N] [--interval MS]
#                            [--ladder N] [--int8 auto|always|never] [--out FILE.md] [--plot FILE.png]
#
# Models: those of plan-oracle.sh; default squeezenet.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.field.LinkSteps "$@"
