package dev.cleave.gateway.video;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.bundle.LadderPoint;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.BoundaryReference;
import dev.cleave.codec.BoundaryTuning;
import dev.cleave.codec.Entropy;
import dev.cleave.codec.StreamedBoundary;
import dev.cleave.gateway.exec.PointCodec;
import dev.cleave.gateway.memory.MemoryShares;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.gateway.video.VideoFrames.Received;
import dev.cleave.tensor.ElementType;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.v1.Error;
import dev.cleave.v1.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class VideoFramesTest {
    private static final int WIDTH = 512;
    private static final TestModel MODEL = TestModel.named("m").withWidth(WIDTH).withQuantised();
    private static final PointCodec CODEC = new PointCodec(MODEL.contract(), 1, null);
    private static final LadderPoint POINT = MODEL.contract().points().get(1);

    private final ActivationCodec sender =
            new ActivationCodec(POINT.specs(), POINT.levels().get(0).codecs(), Entropy.NONE, null, null);
    private final BoundaryTuning tuning = sender.tuning(0);
    private long now;

    private static Tensor scene(int time) {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH));
        for (int i = 0; i < WIDTH; i++) {
            tensor.data().putFloat(4 * i, i % 100 == time ? 99 : i % 30);
        }
        return tensor;
    }

    private StreamedBoundary encode(int time, BoundaryReference against) {
        return sender.encode(Map.of("a", scene(time)), Map.of(), against, tuning);
    }

    private static Frame frame(long video, long number, long reference, boolean hold) {
        return Frame.newBuilder()
                .setSplitPoint(1)
                .setRows(1)
                .setStreamId(video)
                .setStreamSequence(number)
                .setReferenceId(reference)
                .setHold(hold)
                .build();
    }

    private Received receive(VideoFrames videos, Frame header, ByteBuffer payload) {
        return videos.receive(CODEC, header, payload, now);
    }

    private static Tensor decoded(ByteBuffer payload) throws Exception {
        Tensor tensor = Tensor.allocate(ElementType.FLOAT32, Shape.of(1, WIDTH));
        CODEC.decode(0, payload, Map.of("a", tensor));
        return tensor;
    }

    @Test
    void whatHasChangedBecomesAFrameThatStandsAlone() throws Exception {
        MemoryShares memory = new MemoryShares(1 << 20);
        VideoFrames videos = new VideoFrames(memory);
        StreamedBoundary sent = encode(0, null);
        Received key = receive(videos, frame(7, 1, 0, true), sent.payload());
        assertThat(key.held()).isEqualTo(1);
        assertThat(memory.held()).isEqualTo(WIDTH);
        for (int time = 1; time < 10; time++) {
            StreamedBoundary next = encode(time, sent.reference());
            assertThat(next.payload().remaining()).isLessThan(sent.payload().remaining());
            Received received = receive(videos, frame(7, time + 1, time, true), next.payload());
            assertThat(received.refusal()).isNull();
            assertThat(received.held()).isEqualTo(time + 1);
            assertThat(decoded(received.payload()).data()).isEqualTo(scene(time).data());
            sent = new StreamedBoundary(sent.payload(), next.reference());
        }
        assertThat(memory.held()).isEqualTo(4 * 2 * WIDTH);
        videos.end();
        assertThat(memory.held()).isZero();
    }

    @Test
    void framesOutsideOfVideosGoOnAsTheyAre() {
        VideoFrames videos = new VideoFrames(new MemoryShares(1 << 20));
        ByteBuffer payload = encode(0, null).payload();
        Received received = receive(videos, frame(0, 0, 0, false), payload);
        assertThat(received.payload()).isSameAs(payload);
        assertThat(received.held()).isZero();
    }

    @Test
    void aFrameThatIsNotAskedForIsNotHeld() {
        MemoryShares memory = new MemoryShares(1 << 20);
        VideoFrames videos = new VideoFrames(memory);
        StreamedBoundary key = encode(0, null);
        assertThat(receive(videos, frame(7, 1, 0, false), key.payload()).held()).isZero();
        assertThat(memory.held()).isZero();
        Received change =
                receive(videos, frame(7, 2, 1, true), encode(1, key.reference()).payload());
        assertThat(change.refusal().code()).isEqualTo(Error.Code.REFERENCE_LOST);
        assertThat(change.refusal().message())
                .isEqualTo("frame 2 of a video is coded against frame 1, which is not held; expected a key frame");
    }

    @Test
    void takesAWhileForThoseFramesAloneThatHaveToBeRead() {
        VideoFrames videos = new VideoFrames(new MemoryShares(1 << 20));
        StreamedBoundary key = encode(0, null);
        ByteBuffer change = encode(1, key.reference()).payload();
        assertThat(videos.takesAWhile(CODEC, frame(0, 0, 0, true), key.payload()))
                .as("of no video")
                .isFalse();
        assertThat(videos.takesAWhile(CODEC, frame(7, 1, 0, false), key.payload()))
                .as("a key frame that is not to be held")
                .isFalse();
        assertThat(videos.takesAWhile(CODEC, frame(7, 2, 1, true), change))
                .as("against one that is not held")
                .isFalse();
        assertThat(videos.takesAWhile(CODEC, frame(7, 1, 0, true), ByteBuffer.allocate(3)))
                .as("no boundary")
                .isFalse();
        assertThat(videos.takesAWhile(CODEC, frame(7, 1, 0, true), key.payload()))
                .isTrue();
        receive(videos, frame(7, 1, 0, true), key.payload());
        assertThat(videos.takesAWhile(CODEC, frame(7, 2, 1, false), change)).isTrue();
    }

    @Test
    void aVideoThatIsOverHoldsNothing() {
        MemoryShares memory = new MemoryShares(1 << 20);
        VideoFrames videos = new VideoFrames(memory);
        StreamedBoundary key = encode(0, null);
        receive(videos, frame(7, 1, 0, true), key.payload());
        receive(videos, frame(8, 1, 0, true), key.payload());
        videos.forget(7);
        videos.forget(7);
        assertThat(memory.held()).isEqualTo(WIDTH);
        StreamedBoundary next = encode(1, key.reference());
        assertThat(receive(videos, frame(7, 2, 1, true), next.payload())
                        .refusal()
                        .code())
                .isEqualTo(Error.Code.REFERENCE_LOST);
        assertThat(receive(videos, frame(8, 2, 1, true), next.payload()).held()).isEqualTo(2);
    }

    @Test
    void anotherPointOrLevelBeginsAnew() {
        VideoFrames videos = new VideoFrames(new MemoryShares(1 << 20));
        StreamedBoundary key = encode(0, null);
        receive(videos, frame(7, 1, 0, true), key.payload());
        ByteBuffer raw = MODEL.payload(1, 1);
        receive(videos, frame(7, 2, 0, true).toBuilder().setQuality(1).build(), raw);
        Received change =
                receive(videos, frame(7, 3, 1, true), encode(1, key.reference()).payload());
        assertThat(change.refusal().code()).isEqualTo(Error.Code.REFERENCE_LOST);
    }

    @Test
    void noStreamHoldsMoreThanAQuarter() {
        MemoryShares memory = new MemoryShares(8 * WIDTH + 100);
        VideoFrames first = new VideoFrames(memory);
        ByteBuffer payload = encode(0, null).payload();
        assertThat(receive(first, frame(1, 1, 0, true), payload).held()).isEqualTo(1);
        assertThat(receive(first, frame(2, 1, 0, true), payload).held()).isEqualTo(1);
        assertThat(receive(first, frame(1, 2, 0, true), payload).held()).isZero();
        assertThat(receive(first, frame(3, 1, 0, true), payload).held()).isZero();
        VideoFrames second = new VideoFrames(memory);
        assertThat(receive(second, frame(1, 1, 0, true), payload).held()).isEqualTo(1);
        assertThat(memory.held()).isEqualTo(3 * WIDTH);
    }

    @Test
    void allStreamsHoldNoMoreThanThereIs() {
        MemoryShares memory = new MemoryShares(8 * WIDTH + 100);
        List<VideoFrames> streams = new ArrayList<>();
        ByteBuffer payload = encode(0, null).payload();
        for (int i = 0; i < 4; i++) {
            VideoFrames videos = new VideoFrames(memory);
            streams.add(videos);
            assertThat(receive(videos, frame(1, 1, 0, true), payload).held()).isEqualTo(1);
            assertThat(receive(videos, frame(1, 2, 0, true), payload).held()).isEqualTo(2);
        }
        VideoFrames last = new VideoFrames(memory);
        assertThat(receive(last, frame(1, 1, 0, true), payload).held()).isZero();
        streams.get(0).end();
        assertThat(receive(last, frame(1, 2, 0, true), payload).held()).isEqualTo(2);
        assertThat(receive(streams.get(0), frame(1, 3, 0, true), payload).held())
                .as("after its stream's end")
                .isZero();
        streams.forEach(VideoFrames::end);
        last.end();
        last.end();
        assertThat(memory.held()).isZero();
    }

    @Test
    void quietVideosMakeRoomWhereMemoryIsShort() {
        MemoryShares memory = new MemoryShares(8 * WIDTH);
        ByteBuffer payload = encode(0, null).payload();
        List<VideoFrames> streams = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            streams.add(new VideoFrames(memory));
            receive(streams.get(i), frame(1, 1, 0, true), payload);
            receive(streams.get(i), frame(2, 1, 0, true), payload);
        }
        long later = now + VideoFrames.QUIET_NANOS + 1;
        streams.forEach(videos -> videos.sweep(later));
        assertThat(memory.held()).as("a quarter is left").isEqualTo(6 * WIDTH);
        VideoFrames busy = new VideoFrames(memory);
        now = later;
        receive(busy, frame(1, 1, 0, true), payload);
        streams.forEach(videos -> videos.sweep(later));
        busy.sweep(later);
        assertThat(memory.held()).isEqualTo(5 * WIDTH);
        streams.forEach(VideoFrames::end);
        assertThat(memory.held()).isEqualTo(WIDTH);
    }

    @Test
    void memoryIsGivenBackExactlyWhateverEndsWhen() throws Exception {
        MemoryShares memory = new MemoryShares(40 * WIDTH);
        ByteBuffer payload = encode(0, null).payload();
        List<Thread> threads = new ArrayList<>();
        Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
        for (int i = 0; i < 4; i++) {
            int seed = i;
            for (int round = 0; round < 20; round++) {
                VideoFrames videos = new VideoFrames(memory);
                Thread agent = new Thread(() -> {
                    Random random = new Random(seed);
                    for (long number = 1; number < 60; number++) {
                        videos.receive(CODEC, frame(1 + random.nextInt(20), number, 0, true), payload, number);
                    }
                });
                Thread timer = new Thread(() -> {
                    videos.sweep(2 * VideoFrames.QUIET_NANOS);
                    videos.end();
                });
                threads.add(agent);
                threads.add(timer);
            }
        }
        threads.forEach(thread -> thread.setUncaughtExceptionHandler((any, failure) -> failures.add(failure)));
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(failures).isEmpty();
        assertThat(memory.held()).isZero();
    }

    @Test
    void theVideoThatWasQuietForLongestGivesWay() {
        MemoryShares memory = new MemoryShares(1 << 20);
        VideoFrames videos = new VideoFrames(memory);
        StreamedBoundary key = encode(0, null);
        for (long video = 1; video <= VideoFrames.MOST_VIDEOS; video++) {
            receive(videos, frame(video, 1, 0, true), key.payload());
        }
        ByteBuffer change = encode(1, key.reference()).payload();
        assertThat(receive(videos, frame(1, 2, 1, false), change).refusal()).isNull();
        receive(videos, frame(99, 1, 0, true), key.payload());
        assertThat(memory.held()).isEqualTo((long) VideoFrames.MOST_VIDEOS * WIDTH);
        assertThat(receive(videos, frame(1, 3, 1, false), change).refusal()).isNull();
        assertThat(receive(videos, frame(2, 2, 1, false), change).refusal().code())
                .isEqualTo(Error.Code.REFERENCE_LOST);
    }

    @Test
    void refusesWhatIsBrokenByName() {
        VideoFrames videos = new VideoFrames(new MemoryShares(1 << 20));
        StreamedBoundary key = encode(0, null);
        receive(videos, frame(7, 1, 0, true), key.payload());
        ByteBuffer change = encode(1, key.reference()).payload();
        ByteBuffer damaged = ByteBuffer.allocate(change.remaining()).put(change.duplicate());
        damaged.flip();
        damaged.put(damaged.limit() - 1, (byte) (damaged.get(damaged.limit() - 1) ^ 0x55));
        assertThat(receive(videos, frame(7, 2, 1, true), damaged).refusal().code())
                .isEqualTo(Error.Code.MALFORMED_FRAME);
        assertThat(receive(videos, frame(7, 3, 0, true), change).refusal().message())
                .contains("coded against another, of which nothing is held");
        assertThat(receive(videos, frame(7, 0, 1, true), change).refusal().code())
                .isEqualTo(Error.Code.PROTOCOL_VIOLATION);
        assertThat(receive(videos, frame(7, 4, 1, true), change).refusal()).isNull();
    }
}
