#!/bin/sh
# Quantises models to 8 bits; prints accuracy, agreement, bytes, kernels and one-thread times beside those of the float models.
#
#   benchmarks/int8.sh [MODEL..] [--runs N] [--max-disagreement P] [--save FOLDER] [--out FILE.md]
#
# Models: mobilenetv2 squeezenet cifar_resnet20 resnet8 vww mobilenetv1 ultraface resnet50 vgg19 (the last two with seeded weights). They
# lie in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.quantize.Int8 "$@"
