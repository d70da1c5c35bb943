#!/bin/sh
# Plans models for five links and three devices, then measures every legal cut of them in a separate run, and tells how far
# the plans were from the best. Exit code 3 if they were too far. All of it takes more than an hour on a quiet machine;
# with --runs 5 --pictures 8 one small model takes a minute.
#
#   benchmarks/plan-oracle.sh [MODEL..] [--runs N] [--pictures N] [--links NB,3G,..] [--slowdowns 1,4,..] [--out FILE.md]
#
# Models: mobilenetv2 squeezenet cifar_resnet20 yolox_nano resnet50 vgg19 alexnet. They lie in the folder that CLEAVE_MATERIAL
# names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.plan.PlanOracle "$@"
