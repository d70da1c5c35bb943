#!/bin/sh
# Devices that cut cifar_resnet20 at three points, on one gateway: requests that join a run which comes by their point, against batches of each point apart. Segments
# have a declared cost. Exit code 3 if joining gains nothing or an answer is another. A minute and a half.
#
#   benchmarks/mixed-fleet.sh [--clients N] [--run MS] [--row MS] [--seconds N] [--out FILE.md]
#
# The model lies in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.serving.MixedFleet "$@"
