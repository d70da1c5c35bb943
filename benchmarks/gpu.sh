#!/bin/sh
# A gateway and an agent on a GPU: which provider each graph got and why not a better one, rows a second by batch size on bare ONNX Runtime, and requests a second of
# the gateway. Without a GPU provider it ends with 1 and one line that says why. Exit code 3 if a request was not answered by the gateway. Some two minutes, and the
# time that TensorRT takes to build.
#
#   benchmarks/gpu.sh [--providers tensorrt,cuda] [--device ID] [--model NAME] [--max-batch N] [--seconds S] [--out FILE.md]
#   benchmarks/gpu.sh --providers cpu           the same on the CPU, to see that it works
#
# Wants a build with -Pgpu, or installed libraries: CLEAVE_JAVA_OPTS=-Donnxruntime.native.path=DIR; docs/EXECUTION.md. The models lie in the folder that
# CLEAVE_MATERIAL names, or in shared/material beside the checkout.
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.serving.GpuServing "$@"
