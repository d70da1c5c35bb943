package dev.cleave.wire;

/**
 * What an agent may still send before the gateway gives credit back: frames and payload bytes. Pure: no threads, no
 * clock; one owner, not thread-safe.
 *
 * <p>A frame takes one frame and its bytes. Bytes come back when they leave the gateway's reassembly buffer, the frame
 * when its reply is sent; both as deltas, and the first of them, in {@code Opened}, is the window's size.
 *
 * <p>A frame larger than the window would wait for ever. So it may go when nothing else is in flight, that is, when the
 * credit of every frame sent before is back; the bytes are then in debt until their own credit comes.
 */
public final class InflightWindow {
    private int frames;
    private long bytes;
    private int inFlight;

    /** An empty window: nothing may be sent before {@link #credit}. */
    public InflightWindow() {}

    /**
     * Takes the credit for one frame if it may be sent now.
     *
     * @param frameBytes payload of all its chunks together
     */
    public boolean tryAcquire(long frameBytes) {
        if (frameBytes < 0) {
            throw new IllegalArgumentException("a frame of " + frameBytes + " bytes");
        }
        if (frames < 1 || frameBytes > bytes && inFlight > 0) {
            return false;
        }
        frames--;
        bytes = saturatingAdd(bytes, -frameBytes);
        inFlight++;
        return true;
    }

    /**
     * Adds what the gateway gave, or what was acquired for a frame that was never sent. A peer that gives absurd amounts
     * gets a window that is merely large; negative amounts shrink it.
     */
    public void credit(int moreFrames, long moreBytes) {
        frames = (int) Math.max(Integer.MIN_VALUE, Math.min(Integer.MAX_VALUE, (long) frames + moreFrames));
        bytes = saturatingAdd(bytes, moreBytes);
        inFlight = (int) Math.max(0, (long) inFlight - Math.max(0, moreFrames));
    }

    /** Frames that may be sent now; below 1: none. */
    public int frames() {
        return frames;
    }

    /** Bytes that may be sent now; negative after a frame larger than the window. */
    public long bytes() {
        return bytes;
    }

    /** Frames sent whose credit is not back. */
    public int inFlight() {
        return inFlight;
    }

    private static long saturatingAdd(long a, long b) {
        long sum = a + b;
        if (((a ^ sum) & (b ^ sum)) < 0) {
            return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
        return sum;
    }
}
