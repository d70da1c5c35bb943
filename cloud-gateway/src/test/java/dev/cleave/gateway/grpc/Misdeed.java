package dev.cleave.gateway.grpc;

import com.google.protobuf.ByteString;
import dev.cleave.gateway.model.TestModel;
import dev.cleave.v1.Cancel;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Error;
import dev.cleave.v1.Forget;
import dev.cleave.v1.Frame;
import dev.cleave.v1.Ping;
import dev.cleave.v1.PointReport;
import dev.cleave.v1.Report;
import dev.cleave.v1.Stage;
import dev.cleave.v1.StatePlace;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.Random;
import java.util.Set;

/** Everything that an agent can do wrong on a stream, and what it is told for it. */
enum Misdeed {
    FRAME_BEFORE_OPEN(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void open(ByteAgent agent, String bundle) {}

        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random));
        }
    },
    UNKNOWN_BUNDLE(Error.Code.BUNDLE_NOT_SERVED) {
        @Override
        void open(ByteAgent agent, String bundle) {
            agent.open("no such bundle\n\u0000" + "x".repeat(1000));
        }

        @Override
        void commit(ByteAgent agent, Random random) {}
    },
    SECOND_OPEN(Status.Code.FAILED_PRECONDITION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.open("another");
        }
    },
    UNKNOWN_POINT(Error.Code.POINT_NOT_SERVED) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setSplitPoint(3 + random.nextInt(Integer.MAX_VALUE)));
            agent.send(whole(2, random).setSplitPoint(-1));
        }
    },
    UNKNOWN_LEVEL(Error.Code.MALFORMED_FRAME) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setQuality(random.nextBoolean() ? -1 : 2));
        }
    },
    NO_ROWS_OR_TWO_BILLION(Error.Code.LIMIT_EXCEEDED) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setRows(0));
            agent.send(whole(2, random).setRows(1 << 31));
            agent.send(whole(3, random).setRows(Integer.MAX_VALUE));
        }
    },
    OTHER_ROWS_THAN_IT_HAS(Error.Code.MALFORMED_FRAME) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setRows(2 + random.nextInt(7)));
        }
    },
    NOTHING_IN_IT(Error.Code.MALFORMED_FRAME) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setPayload(ByteString.EMPTY).setFrameBytes(0));
        }
    },
    ID_ZERO(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(0, random));
        }
    },
    HUGE_IDS {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(-1, random));
            agent.send(whole(Long.MIN_VALUE, random));
        }
    },
    IDS_TWICE(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 2, 3000).setFrameBytes(6000));
            agent.send(chunk(1, 0, 2, 3000).setFrameBytes(6000));
        }
    },
    CHUNKS_OUT_OF_ORDER(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 4, 3000).setFrameBytes(12_000));
            agent.send(chunk(1, 2 + random.nextInt(2), 4, 3000));
            agent.send(chunk(1, 1, 4, 3000));
            agent.send(chunk(2, 1 + random.nextInt(1000), 2000, 3000));
        }
    },
    CHUNKS_THAT_CHANGE_THEIR_NUMBER(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 4, 3000).setFrameBytes(12_000));
            agent.send(chunk(1, 1, 3, 3000));
        }
    },
    CHUNKS_TOO_LONG(Error.Code.LIMIT_EXCEEDED) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 1, CHUNK_BYTES + 1).setFrameBytes(CHUNK_BYTES + 1));
        }
    },
    CHUNKS_TOO_SHORT(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 10_000, 1).setFrameBytes(10_000));
            agent.send(chunk(2, 0, -1, 1).setFrameBytes(10_000));
            agent.send(chunk(3, 0, 0, 1).setFrameBytes(1));
        }
    },
    SIZES_THAT_LIE(Error.Code.PROTOCOL_VIOLATION) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random).setFrameBytes(random.nextInt(16)));
            agent.send(chunk(2, 0, 2, 3000).setFrameBytes(4000));
            agent.send(chunk(2, 1, 2, 3000));
        }
    },
    A_GIGABYTE_CLAIMED(Error.Code.LIMIT_EXCEEDED) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(chunk(1, 0, 1 << 10, 3000).setFrameBytes(1L << 30));
            agent.send(chunk(2, 0, 1 << 10, 3000).setFrameBytes(Long.MAX_VALUE));
            agent.send(chunk(3, 0, 1 << 10, 3000).setFrameBytes(-1));
        }
    },
    BITS_FLIPPED {
        @Override
        void commit(ByteAgent agent, Random random) {
            for (int id = 1; id <= 4; id++) {
                Frame.Builder frame = whole(id, random);
                byte[] payload = frame.getPayload().toByteArray();
                for (int flips = 1 + random.nextInt(8); flips > 0; flips--) {
                    payload[random.nextInt(payload.length)] ^= (byte) (1 << random.nextInt(8));
                }
                agent.send(frame.setPayload(ByteString.copyFrom(payload)));
            }
        }
    },
    CREDIT_IGNORED(Error.Code.LIMIT_EXCEEDED) {
        @Override
        void commit(ByteAgent agent, Random random) {
            for (int id = 1; id <= 3 * CREDIT_FRAMES; id++) { // None of them whole, so none is answered.
                agent.send(chunk(id, 0, 2, 2500).setFrameBytes(5000));
            }
        }
    },
    REPORTS_OF_NONSENSE {
        @Override
        void commit(ByteAgent agent, Random random) {
            Report.Builder report = Report.newBuilder().setNetworkClass("\n\u0000".repeat(500));
            for (int i = 0; i < 100; i++) {
                report.addPoints(PointReport.newBuilder()
                        .setSplitPoint(random.nextInt())
                        .setRequests(random.nextLong())
                        .setFailed(random.nextLong())
                        .setHedged(random.nextLong())
                        .addStages(Stage.newBuilder().setName("head").setP99Micros(random.nextLong())));
            }
            agent.send(ClientMessage.newBuilder().setReport(report));
        }
    },
    NOTHING_CANCELLED_AND_FORGOTTEN {
        @Override
        void commit(ByteAgent agent, Random random) {
            for (int i = 0; i < 50; i++) {
                agent.send(
                        ClientMessage.newBuilder().setCancel(Cancel.newBuilder().setRequestId(random.nextLong())));
                agent.send(
                        ClientMessage.newBuilder().setForget(Forget.newBuilder().setStreamId(random.nextLong())));
                agent.send(ClientMessage.newBuilder());
            }
        }
    },
    PING_TOO_LARGE(Status.Code.INVALID_ARGUMENT) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(ClientMessage.newBuilder()
                    .setPing(Ping.newBuilder().setPadding(ByteString.copyFrom(new byte[(64 << 10) + 1]))));
        }
    },
    VIDEO_OF_NOTHING(Error.Code.REFERENCE_LOST) {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random)
                    .setStreamId(7)
                    .setStreamSequence(2)
                    .setReferenceId(1 + random.nextInt(1000))
                    .setHold(true));
        }
    },
    STATE_WHERE_NONE_IS {
        @Override
        void commit(ByteAgent agent, Random random) {
            agent.send(whole(1, random)
                    .setState(StatePlace.newBuilder()
                            .setStreamId(random.nextLong())
                            .setEpoch(random.nextLong())
                            .setFrame(random.nextLong())));
        }
    },
    NO_PROTOCOL_AT_ALL(Status.Code.INVALID_ARGUMENT) {
        @Override
        void commit(ByteAgent agent, Random random) {
            byte[] noise = new byte[1 + random.nextInt(5000)];
            random.nextBytes(noise);
            noise[0] = (byte) 0xff;
            noise[noise.length - 1] = (byte) 0xff;
            agent.send(noise);
        }
    },
    PROTOCOL_WITH_BITS_FLIPPED {
        @Override
        void commit(ByteAgent agent, Random random) {
            byte[] message = ClientMessage.newBuilder()
                    .setFrame(whole(1, random))
                    .build()
                    .toByteArray();
            message[random.nextInt(message.length)] ^= (byte) (1 << random.nextInt(8));
            agent.send(message);
        }
    };

    static final int CHUNK_BYTES = 8 << 10;
    static final int CREDIT_FRAMES = 4;
    static final TestModel MODEL = TestModel.named("affine");

    private final Set<Error.Code> told = EnumSet.noneOf(Error.Code.class);
    private final Status.Code ending;

    /** Something that may pass. */
    Misdeed() {
        this.ending = null;
    }

    /** A request that is refused. */
    Misdeed(Error.Code told) {
        this.told.add(told);
        this.ending = null;
    }

    /** A stream that is ended. */
    Misdeed(Status.Code ending) {
        this.ending = ending;
    }

    void open(ByteAgent agent, String bundle) {
        agent.open(bundle);
    }

    abstract void commit(ByteAgent agent, Random random);

    /** Codes of errors of which each must be told. */
    Set<Error.Code> told() {
        return told;
    }

    /** What the stream must have ended with by itself; null if it goes on, or may. */
    Status.Code ending() {
        return ending;
    }

    /** A frame of one row that would be answered. */
    static Frame.Builder whole(long id, Random random) {
        ByteBuffer payload = MODEL.payload(1, random.nextInt(100));
        return Frame.newBuilder()
                .setRequestId(id)
                .setSplitPoint(1)
                .setRows(1)
                .setQuality(TestModel.RAW)
                .setChunkCount(1)
                .setFrameBytes(payload.remaining())
                .setPayload(ByteString.copyFrom(payload));
    }

    static Frame.Builder chunk(long id, int index, int count, int bytes) {
        return Frame.newBuilder()
                .setRequestId(id)
                .setSplitPoint(1)
                .setRows(1)
                .setQuality(TestModel.RAW)
                .setChunkIndex(index)
                .setChunkCount(count)
                .setPayload(ByteString.copyFrom(new byte[bytes]));
    }
}
