package dev.cleave.partition.cut;

/** Why a point is not offered: the tensors that would cross (the first few), joined by {@code +}, and one line of reason. */
public record Refusal(String point, String reason) {}
