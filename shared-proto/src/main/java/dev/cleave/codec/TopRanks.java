package dev.cleave.codec;

/**
 * Finds the largest values of a row in the order of their ranks: falling values, equal ones by rising index, so that the
 * first is what an argmax finds. A heap of as many indices as are wanted; one thread.
 */
final class TopRanks {
    /** The root ranks last. */
    private final int[] heap;

    private float[] row;

    TopRanks(int count) {
        this.heap = new int[count];
    }

    /**
     * The best indices, best first.
     *
     * @param row without NaN, as many values as are wanted or more
     * @return overwritten by the next call
     */
    int[] of(float[] row) {
        this.row = row;
        for (int i = 0; i < heap.length; i++) {
            heap[i] = i;
        }
        for (int i = heap.length / 2 - 1; i >= 0; i--) {
            sink(i, heap.length);
        }
        for (int i = heap.length; i < row.length; i++) {
            if (row[i] > row[heap[0]]) {
                heap[0] = i;
                sink(0, heap.length);
            }
        }
        for (int left = heap.length - 1; left > 0; left--) {
            int last = heap[0];
            heap[0] = heap[left];
            heap[left] = last;
            sink(0, left);
        }
        return heap;
    }

    private void sink(int from, int size) {
        int index = heap[from];
        int at = from;
        for (int child; (child = 2 * at + 1) < size; at = child) {
            if (child + 1 < size && ranksAfter(heap[child + 1], heap[child])) {
                child++;
            }
            if (!ranksAfter(heap[child], index)) {
                break;
            }
            heap[at] = heap[child];
        }
        heap[at] = index;
    }

    private boolean ranksAfter(int a, int b) {
        return row[a] < row[b] || row[a] == row[b] && a > b;
    }
}
