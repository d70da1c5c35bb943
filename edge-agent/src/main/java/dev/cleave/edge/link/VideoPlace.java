package dev.cleave.edge.link;

/**
 * Where a frame stands in its video, and what it is coded against.
 *
 * @param video chosen by the agent; 0: the frame belongs to none
 * @param number of the frame, rising, 0 for none
 * @param reference number of the frame that it is coded against; 0: it stands alone
 * @param hold whether the gateway is asked to hold it
 */
public record VideoPlace(long video, long number, long reference, boolean hold) {
    /** Of a frame that belongs to no video. */
    public static final VideoPlace NONE = new VideoPlace(0, 0, 0, false);
}
