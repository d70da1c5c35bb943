#!/bin/sh
# Plans models for shaped links, runs the best split and CLOUD of every plan through real processes (gateway, link, agent), and
# compares the totals, stage by stage. Devices run 8-bit integers where that is faster. Exit code 3 if the median error is above
# 10 %. Takes about a quarter of an hour.
#
#   benchmarks/plan-predicted.sh [MODEL..] [--inputs N] [--warm-up SECONDS] [--links 3G,LTE,..]
#                                [--int8=auto|always|never] [--out FILE.md]
#
# Models as for plan-oracle.sh; default: squeezenet mobilenetv2 cifar_resnet20.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.plan.PlanPredicted "$@"
