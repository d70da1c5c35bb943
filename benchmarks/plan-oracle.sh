#!/bin/sh
# Plans models for five links and three devices, then measures every legal cut of them in a separate run, and tells how far
# the plans were from the best. Devices run 8-bit integers where that is faster. Exit code 3 if the plans were too far. All of it
# takes some hours on a quiet machine; with --runs 5 --pictures 8 one small model takes a minute.
#
#   benchmarks/plan-oracle.sh [MODEL..] [--int8=auto|always|never] [--runs N] [--pictures N] [--links NB,3G,..]
#                             [--slowdowns 1,4,..] [--out FILE.md]
#
# Models: mobilenetv2 squeezenet cifar_resnet20 yolox_nano resnet50 vgg19 alexnet. They lie in the folder that CLEAVE_MATERIAL
# names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.plan.PlanOracle "$@"
