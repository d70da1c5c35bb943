#!/bin/sh
# 10,000 idle streams on 1,000 connections to one gateway, and 500 more that send 500 frames a second: whether all stay, what memory they are, and how long answers
# take. Exit code 3 if a stream ends or a frame is not answered. Two minutes. Wants `ulimit -n` of 4096 or more.
#
#   benchmarks/many-streams.sh [--connections N] [--idle N] [--active N] [--rate N] [--seconds N] [--out FILE.md]
exec "$(dirname "$0")/run.sh" dev.cleave.benchmarks.serving.ManyStreams "$@"
