#!/bin/sh
# Processor time that a gateway takes for a request, and how much later an answer comes, against bare ONNX Runtime on the same segments: MobileNetV2's tail and
# the whole of cifar_resnet20, 1 and 8 requests in flight. Pins the gateway to one core and the rest to the other. Exit code 3 if it costs too much. Some five minutes.
#
#   benchmarks/gateway-cost.sh [--blocks N] [--warm-up-seconds S] [--block-seconds S] [--out FILE.md]
#
# The models lie in the folder that CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.serving.GatewayCost "$@"
