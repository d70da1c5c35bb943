package dev.cleave.gateway.video;

import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.CodecException;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.exec.Refusal;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import dev.cleave.wire.ReferenceReceiver;
import dev.cleave.wire.ReferenceSender;
import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The videos of one agent's stream. Frames of a video are read as far as their symbols before they are in line, one after another in the
 * order of the stream ({@link FrameLine}); what goes on stands alone, so that nothing behind it knows of videos. Owns what is held of
 * them, until {@link #end}. Thread-safe; no lock is held while a frame is read.
 *
 * <p>Bounded are the number of videos, of which the one that was quiet for longest gives way; the frames of each ({@link
 * dev.cleave.wire.ReferenceRing}); their memory, that of a stream and of all together ({@link MemoryShares}), where videos that
 * are quiet make room for others; and the size of a boundary that is read here. What is not held, or no longer, costs the agent a
 * key frame.
 */
public final class VideoFrames {
    /** Videos of one stream. */
    static final int MOST_VIDEOS = 16;
    /** Decoded bytes of a boundary that is read here: no more than tens of milliseconds, for which others may have to wait. */
    static final long MOST_DECODED_BYTES = 16 << 20;
    /** After so long a video is let go of where memory is short. */
    static final long QUIET_NANOS = 10_000_000_000L;

    private final MemoryShares memory;
    /** Least recently used first. */
    private final LinkedHashMap<Long, Video> videos = new LinkedHashMap<>(16, 0.75f, true);

    /** Of all videos. */
    private long bytes;

    private boolean ended;

    /** Shares {@code memory} with the other streams. */
    public VideoFrames(MemoryShares memory) {
        this.memory = memory;
    }

    /** What is held of one video, and how much memory that has taken. */
    private static final class Video {
        final ReferenceReceiver<BoundaryReference> frames = new ReferenceReceiver<>();
        long bytes;
        long lastNanos;
    }

    /**
     * A frame that was read, or why it is refused.
     *
     * @param payload stands alone; null if the frame is refused
     * @param held what to acknowledge: the frame's number if it is held, else 0
     * @param refusal null if the frame goes on
     */
    public record Received(ByteBuffer payload, long held, Refusal refusal) {}

    /**
     * Whether {@link #receive} takes a while for a frame: it has to be read, since it is coded against one that is held, or is to be held itself. To be asked when all frames before it were received.
     *
     * @param codec of its point
     * @param header whose point, rows and quality level are known to be served
     */
    public boolean takesAWhile(PointCodec codec, Frame header, ByteBuffer payload) {
        return header.getStreamId() != 0
                && (header.getReferenceId() == ReferenceSender.NONE ? header.getHold() : holdsReferenceOf(header))
                && isReadHere(codec, header, payload);
    }

    private synchronized boolean holdsReferenceOf(Frame header) {
        Video video = videos.get(header.getStreamId());
        return video != null && video.frames.find(header.getReferenceId()) != null;
    }

    /** Whatever is wrong with other frames is found where all frames are checked. */
    private static boolean isReadHere(PointCodec codec, Frame header, ByteBuffer payload) {
        try {
            return codec.decodedBytes(codec.shapes(header.getQuality(), header.getRows(), payload))
                    <= MOST_DECODED_BYTES;
        } catch (CodecException malformed) {
            return false;
        }
    }

    /**
     * Takes a frame, after the one before it in its stream and not beside it.
     *
     * @param codec of its point
     * @param header whose point, rows and quality level are known to be served
     * @param payload left as it is
     */
    public Received receive(PointCodec codec, Frame header, ByteBuffer payload, long nowNanos) {
        if (header.getStreamId() == 0 || !isReadHere(codec, header, payload)) {
            return new Received(payload, ReferenceSender.NONE, null);
        }
        if (header.getStreamSequence() == ReferenceSender.NONE) {
            return refused(Error.Code.PROTOCOL_VIOLATION, "frame of a video without a number; expected another than 0");
        }
        long reference = header.getReferenceId();
        Video video;
        BoundaryReference against;
        synchronized (this) {
            video = begin(header, nowNanos);
            against = reference == ReferenceSender.NONE ? null : video.frames.find(reference);
        }
        if (reference != ReferenceSender.NONE && against == null) {
            return refused(
                    Error.Code.REFERENCE_LOST,
                    "frame " + Long.toUnsignedString(header.getStreamSequence()) + " of a video is coded against frame "
                            + Long.toUnsignedString(reference) + ", which is not held; expected a key frame");
        }
        if (against == null && !header.getHold()) {
            return new Received(payload, ReferenceSender.NONE, null);
        }
        try {
            StreamedBoundary settled = codec.settle(header.getQuality(), payload, against);
            long held = header.getHold() ? hold(header, video, settled.reference()) : ReferenceSender.NONE;
            return new Received(settled.payload(), held, null);
        } catch (CodecException e) {
            return refused(Error.Code.MALFORMED_FRAME, e.getMessage());
        }
    }

    private Video begin(Frame header, long nowNanos) {
        Video video = video(header.getStreamId());
        video.lastNanos = nowNanos;
        video.frames.begin(header.getSplitPoint(), header.getQuality());
        account(video);
        return video;
    }

    /** Holds a frame that was read, unless its video was let go of meanwhile. */
    private synchronized long hold(Frame header, Video video, BoundaryReference frame) {
        long number = header.getStreamSequence();
        long more = frame.bytes();
        if (ended
                || videos.get(header.getStreamId()) != video
                || frame.isEmpty()
                || video.frames.find(number) != null
                || !memory.take(more, bytes)) {
            return ReferenceSender.NONE;
        }
        video.bytes += more;
        bytes += more;
        long held = video.frames.hold(number, frame);
        account(video);
        return held;
    }

    /** Gives back what has made room. */
    private void account(Video video) {
        long held = 0;
        for (BoundaryReference frame : video.frames.frames()) {
            held += frame.bytes();
        }
        giveBack(video.bytes - held);
        video.bytes = held;
    }

    private void giveBack(long less) {
        bytes -= less;
        memory.giveBack(less);
    }

    private Video video(long id) {
        Video video = videos.computeIfAbsent(id, any -> new Video());
        if (videos.size() > MOST_VIDEOS) {
            Iterator<Map.Entry<Long, Video>> quietest = videos.entrySet().iterator();
            giveBack(quietest.next().getValue().bytes);
            quietest.remove();
        }
        return video;
    }

    /** Nothing more comes of a video. */
    public synchronized void forget(long id) {
        Video video = videos.remove(id);
        if (video != null) {
            giveBack(video.bytes);
        }
    }

    /** Where memory is short, lets go of videos of which nothing has come for a while; to be called by a timer. */
    public void sweep(long nowNanos) {
        if (memory.isShort()) {
            letGoOfQuiet(nowNanos);
        }
    }

    private synchronized void letGoOfQuiet(long nowNanos) {
        videos.values().removeIf(video -> {
            boolean isQuiet = nowNanos - video.lastNanos > QUIET_NANOS;
            giveBack(isQuiet ? video.bytes : 0);
            return isQuiet;
        });
    }

    private static Received refused(Error.Code code, String message) {
        return new Received(null, ReferenceSender.NONE, new Refusal(code, message));
    }

    /** The stream is over: nothing is held any more. */
    public synchronized void end() {
        ended = true;
        videos.clear();
        giveBack(bytes);
    }
}
