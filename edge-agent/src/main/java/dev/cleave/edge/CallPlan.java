package dev.cleave.edge;

/**
 * One request as it was decided: where it is cut, how it is coded, and by when it has to end.
 *
 * @param id unique within the agent
 * @param point 0 CLOUD, 1..k SPLIT, k+1 LOCAL
 * @param level of the point; 0 at LOCAL
 * @param rows batch rows in it, at least 1
 * @param deadlineNanos by the scheduler's clock
 */
record CallPlan(long id, int point, int level, int rows, long deadlineNanos) {}
