package dev.cleave.edge;

import dev.cleave.bundle.Bundle;
import dev.cleave.bundle.Contract;
import dev.cleave.bundle.LadderPoint;
import dev.cleave.bundle.ReplyCodec;
import dev.cleave.codec.ActivationCodec;
import dev.cleave.codec.Entropy;
import dev.cleave.engine.FakeEngine;
import dev.cleave.engine.SessionOptions;
import dev.cleave.segment.SegmentChain;
import dev.cleave.tensor.Shape;
import dev.cleave.tensor.Tensor;
import dev.cleave.tensor.TensorSpec;
import dev.cleave.v1.Ack;
import dev.cleave.v1.BundlePiece;
import dev.cleave.v1.ClientMessage;
import dev.cleave.v1.Credit;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.Drain;
import dev.cleave.v1.Error;
import dev.cleave.v1.FetchBundleRequest;
import dev.cleave.v1.Frame;
import dev.cleave.v1.GatewayTiming;
import dev.cleave.v1.Limits;
import dev.cleave.v1.Open;
import dev.cleave.v1.Opened;
import dev.cleave.v1.Ping;
import dev.cleave.v1.Pong;
import dev.cleave.v1.Reply;
import dev.cleave.v1.Report;
import dev.cleave.v1.ServedBundle;
import dev.cleave.v1.ServerMessage;
import dev.cleave.v1.SplitInferenceGrpc;
import dev.cleave.wire.Arrival;
import dev.cleave.wire.Chunks;
import dev.cleave.wire.Reassembly;
import dev.cleave.wire.ReassemblyLimits;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.IntConsumer;

/**
 * A gateway in this process that does as the test says. It runs real tails, on {@link FakeEngine}, and keeps what it
 * was sent. Everything happens on the thread that caused it, unless another {@link Transport} is asked for.
 */
final class FakeGateway implements AutoCloseable {
    /** What becomes of a frame that has arrived whole. */
    enum Script {
        /** Ack, run, reply. */
        ANSWER,
        /** Ack, then nothing until {@link Request#answer} or {@link Request#fail}. */
        HOLD,
        /** Nothing, not even an ack, as if the frame had never come. */
        SWALLOW,
        /** The stream breaks. */
        BREAK
    }

    /** A whole frame, still unanswered. */
    final class Request {
        final Frame header;
        private final ByteBuffer payload;
        private final Session session;

        Request(Frame header, ByteBuffer payload, Session session) {
            this.header = header;
            this.payload = payload;
            this.session = session;
        }

        /** False if the frame is coded against one that is not held. */
        boolean hasPayload() {
            return payload != null;
        }

        void answer() {
            run();
        }

        private void run() {
            try {
                Contract contract = session.model.bundle().contract();
                LadderPoint point = contract.points().get(header.getSplitPoint());
                ActivationCodec codec = new ActivationCodec(
                        point.specs(),
                        point.levels().get(header.getQuality()).codecs(),
                        Entropy.NONE,
                        contract.preprocessing(),
                        null);
                Map<String, Tensor> boundary = allocate(point.specs(), codec.shapes(payload));
                codec.decode(payload, boundary);
                long after = session.states.give(contract, header, boundary);
                Map<String, Tensor> outputs = session.model.chain().run(point.index(), contract.local(), boundary, 0);
                session.states.advance(contract, header, outputs);
                session.reply(
                        header.getRequestId(),
                        after,
                        new ReplyCodec(contract, point.index(), Entropy.NONE).encode(header.getQuality(), outputs));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        /** With the answer to another request. */
        void answerAs(Map<String, Tensor> inputs) throws Exception {
            Contract contract = session.model.bundle().contract();
            Map<String, Tensor> outputs = session.model.chain().run(0, contract.local(), inputs, 0);
            int point = header.getSplitPoint();
            answerWith(new ReplyCodec(contract, point, Entropy.NONE).encode(header.getQuality(), outputs));
        }

        void fail(Error.Code code, String message) {
            session.send(ServerMessage.newBuilder()
                    .setReply(Reply.newBuilder()
                            .setRequestId(header.getRequestId())
                            .setError(Error.newBuilder().setCode(code).setMessage(message)))
                    .build());
            session.credit(1, 0);
        }

        void answerWith(ByteBuffer outputs) {
            session.reply(header.getRequestId(), outputs);
        }
    }

    final List<Open> opens = new CopyOnWriteArrayList<>();
    final List<Frame> chunks = new CopyOnWriteArrayList<>();
    final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    final BlockingQueue<Report> reports = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> cancels = new LinkedBlockingQueue<>();
    /** Streams of frames that are over, each time that this was said. */
    final BlockingQueue<Long> forgotten = new LinkedBlockingQueue<>();
    /** What went over the credit that was given. */
    final List<String> violations = new CopyOnWriteArrayList<>();

    final List<String> authorizations = new CopyOnWriteArrayList<>();
    final List<Session> sessions = new CopyOnWriteArrayList<>();
    volatile Script script = Script.ANSWER;
    volatile boolean silentAtOpen;
    /** So many more streams are drained as soon as they are open. */
    volatile int drainsAtOpen;

    volatile boolean answersPings = true;
    /** Told of the payload of every frame and ping before it is seen: time may pass meanwhile. */
    volatile IntConsumer wire = bytes -> {};
    /** Of the gateway's replies. */
    volatile GatewayTiming timing = GatewayTiming.newBuilder().setBatchRows(5).build();

    final List<Ping> pings = new CopyOnWriteArrayList<>();
    volatile Error refusal;
    volatile Credit credit = Credit.newBuilder().setFrames(16).setBytes(1 << 20).build();
    volatile int maxChunkBytes = 1 << 20;
    volatile List<Integer> points;
    volatile int chunkReplies = 1 << 20;

    private final String name = "gateway-" + UUID.randomUUID();
    /** What {@code Describe} says. */
    final List<ServedBundle> offers = new CopyOnWriteArrayList<>();

    final BlockingQueue<FetchBundleRequest> fetches = new LinkedBlockingQueue<>();
    /** Answers {@code FetchBundle}. */
    volatile BiConsumer<FetchBundleRequest, StreamObserver<BundlePiece>> download = (request, pieces) ->
            pieces.onError(Status.NOT_FOUND.withDescription("nothing to fetch").asRuntimeException());

    /** A bundle with its tails. */
    private record Model(Bundle bundle, SegmentChain chain) {}

    private final Bundle bundle;
    private final Map<String, Model> models = new ConcurrentHashMap<>();
    private final Transport transport;
    private Server server;
    private Server socketServer;

    /** How {@link #channel} reaches it. */
    enum Transport {
        /** On the thread of the caller. */
        DIRECT,
        /** In this process, on gRPC's own threads. */
        THREADED,
        /** Over a socket, with the transport that gRPC finds on the class path. */
        SOCKET
    }

    FakeGateway(Bundle bundle) throws Exception {
        this(bundle, Transport.DIRECT);
    }

    FakeGateway(Bundle bundle, Transport transport) throws Exception {
        Contract contract = bundle.contract();
        this.bundle = bundle;
        this.transport = transport;
        serve(bundle);
        List<Integer> all = new ArrayList<>();
        contract.points().forEach(point -> all.add(point.index()));
        points = all;
        start();
    }

    /** Serves this bundle, too. */
    void serve(Bundle more) throws Exception {
        int local = more.contract().local();
        SegmentChain chain = SegmentChain.load(more, new FakeEngine(), SessionOptions.defaults(), "fp32", 0, local);
        models.put(more.id(), new Model(more, chain));
    }

    /** Serves this bundle no more; streams that are open stay so. */
    void stopServing(Bundle former) {
        models.remove(former.id()).chain().close();
    }

    void start() throws IOException {
        InProcessServerBuilder builder = InProcessServerBuilder.forName(name).addService(new Service());
        server = (transport == Transport.DIRECT ? builder.directExecutor() : builder)
                .build()
                .start();
        if (transport == Transport.SOCKET) {
            listen();
        }
    }

    /** Listens on a free port of this machine as well. */
    void listen() throws IOException {
        listen(InsecureServerCredentials.create());
    }

    void listen(ServerCredentials credentials) throws IOException {
        socketServer = Grpc.newServerBuilderForPort(0, credentials)
                .addService(ServerInterceptors.intercept(new Service(), new Authorizations()))
                .build()
                .start();
    }

    int port() {
        return socketServer.getPort();
    }

    private final class Authorizations implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
            authorizations.add(headers.get(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER)));
            return next.startCall(call, headers);
        }
    }

    /** As a killed process: every stream breaks, nobody answers the address. */
    void kill() {
        server.shutdownNow();
    }

    ManagedChannel channel() {
        if (transport == Transport.SOCKET) {
            return Grpc.newChannelBuilder("localhost:" + port(), InsecureChannelCredentials.create())
                    .build();
        }
        InProcessChannelBuilder builder = InProcessChannelBuilder.forName(name);
        return (transport == Transport.DIRECT ? builder.directExecutor() : builder).build();
    }

    Request awaitRequest() throws InterruptedException {
        Request request = requests.poll(60, TimeUnit.SECONDS);
        if (request == null) {
            throw new AssertionError("no frame arrived");
        }
        return request;
    }

    Session session() {
        return sessions.get(sessions.size() - 1);
    }

    @Override
    public void close() {
        server.shutdownNow();
        if (socketServer != null) {
            socketServer.shutdownNow();
        }
        models.values().forEach(model -> model.chain().close());
    }

    private static Map<String, Tensor> allocate(List<TensorSpec> specs, List<Shape> shapes) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (int i = 0; i < specs.size(); i++) {
            tensors.put(specs.get(i).name(), Tensor.allocate(specs.get(i).type(), shapes.get(i)));
        }
        return tensors;
    }

    private final class Service extends SplitInferenceGrpc.SplitInferenceImplBase {
        @Override
        public StreamObserver<ClientMessage> stream(StreamObserver<ServerMessage> outbound) {
            return new Session(outbound);
        }

        @Override
        public void describe(DescribeRequest request, StreamObserver<DescribeResponse> answer) {
            answer.onNext(DescribeResponse.newBuilder().addAllBundles(offers).build());
            answer.onCompleted();
        }

        @Override
        public void fetchBundle(FetchBundleRequest request, StreamObserver<BundlePiece> pieces) {
            fetches.add(request);
            download.accept(request, pieces);
        }
    }

    /** One agent's stream. */
    final class Session implements StreamObserver<ClientMessage> {
        private final StreamObserver<ServerMessage> outbound;
        private final Reassembly<Frame> frames =
                Reassembly.ofFrames(new ReassemblyLimits(64 << 20, 4 << 20, 256 << 20, 64, Long.MAX_VALUE));
        final FakeVideos videos = new FakeVideos(bundle.contract());
        final FakeStates states = new FakeStates();
        private long frameCredit;
        private long byteCredit;
        private int inFlight;
        volatile boolean ended;
        private volatile Model model;

        Session(StreamObserver<ServerMessage> outbound) {
            this.outbound = outbound;
            // With a handler, what is sent after the agent has cancelled is dropped rather than thrown back.
            ((ServerCallStreamObserver<ServerMessage>) outbound).setOnCancelHandler(() -> ended = true);
        }

        @Override
        public void onNext(ClientMessage message) {
            switch (message.getMessageCase()) {
                case OPEN -> open(message.getOpen());
                case FRAME -> frame(message.getFrame());
                case CANCEL -> cancels.add(message.getCancel().getRequestId());
                case PING -> ping(message.getPing());
                case REPORT -> reports.add(message.getReport());
                case FORGET -> forget(message.getForget().getStreamId());
                default -> throw new AssertionError(message.getMessageCase());
            }
        }

        private void forget(long streamId) {
            states.forget(streamId);
            videos.forget(streamId);
            forgotten.add(streamId);
        }

        private void open(Open open) {
            opens.add(open);
            sessions.add(this);
            Error refused = refusal != null ? refusal : wrongBundle(open);
            if (silentAtOpen) {
                return;
            }
            if (refused != null) {
                send(ServerMessage.newBuilder()
                        .setOpened(Opened.newBuilder().setError(refused))
                        .build());
                complete();
                return;
            }
            opened();
            if (drainsAtOpen > 0) {
                drainsAtOpen--;
                drain();
            }
        }

        /** Says so, to a stream that is not open yet. */
        void opened() {
            account(credit.getFrames(), credit.getBytes());
            Opened.Builder opened = Opened.newBuilder()
                    .setEntropy("none")
                    .setCredit(credit)
                    .setLimits(Limits.newBuilder()
                            .setMaxFrameBytes(16 << 20)
                            .setMaxChunkBytes(maxChunkBytes)
                            .setMaxRows(64))
                    .addAllPoints(points)
                    .setGatewayVersion("fake");
            send(ServerMessage.newBuilder().setOpened(opened).build());
        }

        private Error wrongBundle(Open open) {
            model = models.get(open.getBundleId());
            return model != null
                    ? null
                    : Error.newBuilder()
                            .setCode(Error.Code.BUNDLE_NOT_SERVED)
                            .setMessage("bundle " + open.getBundleId() + " is not served; expected " + bundle.id())
                            .build();
        }

        private void ping(Ping ping) {
            pings.add(ping);
            wire.accept(ping.getPadding().size());
            if (answersPings) {
                send(ServerMessage.newBuilder()
                        .setPong(Pong.newBuilder().setNonce(ping.getNonce()))
                        .build());
            }
        }

        private void frame(Frame chunk) {
            chunks.add(chunk);
            spend(chunk);
            wire.accept(chunk.getPayload().size());
            Arrival<Frame> arrival = frames.offer(chunk, 0);
            if (!(arrival instanceof Arrival.Whole<Frame> whole)) {
                return;
            }
            if (script == Script.BREAK) {
                fail(Status.UNAVAILABLE.withDescription("scripted"));
                return;
            }
            FakeVideos.Received received = videos.receive(whole.header(), whole.payload());
            Request request = new Request(whole.header(), received.payload(), this);
            if (script == Script.SWALLOW) {
                requests.add(request);
                return;
            }
            acknowledge(chunk.getRequestId(), received.held());
            credit(0, whole.header().getFrameBytes());
            if (received.payload() == null) {
                request.fail(Error.Code.REFERENCE_LOST, "scripted");
            } else if (!states.receive(whole.header())) {
                request.fail(Error.Code.STATE_LOST, "scripted");
            } else if (script == Script.HOLD) {
                requests.add(request);
            } else {
                request.answer();
            }
        }

        void acknowledge(long requestId, long held) {
            send(ServerMessage.newBuilder()
                    .setAck(Ack.newBuilder().setRequestId(requestId).setHeldReference(held))
                    .build());
        }

        void reply(long requestId, ByteBuffer payload) {
            reply(requestId, 0, payload);
        }

        private void reply(long requestId, long stateAfter, ByteBuffer payload) {
            Reply header = Reply.newBuilder()
                    .setRequestId(requestId)
                    .setTiming(timing)
                    .setStateAfter(stateAfter)
                    .build();
            for (Reply chunk : Chunks.split(header, payload, chunkReplies)) {
                send(ServerMessage.newBuilder().setReply(chunk).build());
            }
            credit(1, 0);
        }

        private synchronized void account(int frames, long bytes) {
            frameCredit += frames;
            byteCredit += bytes;
            inFlight -= inFlight > 0 ? frames : 0;
        }

        private synchronized void spend(Frame chunk) {
            if (chunk.getChunkIndex() > 0) {
                return;
            }
            frameCredit--;
            byteCredit -= chunk.getFrameBytes();
            if (frameCredit < 0 || byteCredit < 0 && inFlight > 0) {
                violations.add("frame " + chunk.getRequestId() + ": " + frameCredit + ", " + byteCredit);
            }
            inFlight++;
        }

        void credit(int moreFrames, long moreBytes) {
            account(moreFrames, moreBytes);
            send(ServerMessage.newBuilder()
                    .setCredit(Credit.newBuilder().setFrames(moreFrames).setBytes(moreBytes))
                    .build());
        }

        void drain() {
            send(ServerMessage.newBuilder().setDrain(Drain.newBuilder()).build());
        }

        /** Breaks the stream if it has not ended. */
        synchronized void fail(Status status) {
            if (!ended) {
                ended = true;
                outbound.onError(status.asRuntimeException());
            }
        }

        synchronized void send(ServerMessage message) {
            if (!ended) {
                outbound.onNext(message);
            }
        }

        @Override
        public void onError(Throwable error) {
            ended = true;
        }

        @Override
        public void onCompleted() {
            complete();
        }

        private synchronized void complete() {
            if (!ended) {
                ended = true;
                outbound.onCompleted();
            }
        }
    }
}
