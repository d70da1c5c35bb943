#!/bin/sh
# Splits a picture classifier at four points, calibrates on one half of the pictures, and prints bytes, agreement and labelled
# accuracy of every point and quality level on the other half, with 95 % intervals, and which JPEG does as well.
#
#   benchmarks/accuracy.sh MODEL.onnx PICTURES-DIR LABELS.tsv [PREPROCESSING]      default preprocessing: imagenet
set -eu
[ $# -ge 3 ] || { sed -n '2,6s/^# \{0,1\}//p' "$0" >&2; exit 2; }
root=$(cd "$(dirname "$0")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/calibration" "$work/report"
n=0
for picture in "$2"/*; do
    n=$((n + 1))
    [ $((n % 2)) -eq 0 ] && half=calibration || half=report
    cp "$picture" "$work/$half/"
done
uname -sm
grep -m 1 'model name' /proc/cpuinfo || true
"$root/cleave" split "$1" -o "$work/model.cleave" --ladder 4 --inputs "$work/calibration" --preprocess "${4:-imagenet}"
"$root/cleave" verify "$work/model.cleave" --against "$1" --inputs "$work/report" --labels "$3" --jpeg
