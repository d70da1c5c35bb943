package dev.cleave.gateway.grpc;

import com.google.protobuf.ByteString;
import dev.cleave.v1.BundlePiece;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends a file in pieces, each read when the transport is ready for it. Owns the open file. */
final class BundleDownload {
    private static final Logger LOG = LoggerFactory.getLogger(BundleDownload.class);

    private final ServerCallStreamObserver<BundlePiece> call;
    private final FileChannel file;
    private final long total;
    private final int pieceBytes;
    private long offset;
    private boolean ended;

    private BundleDownload(ServerCallStreamObserver<BundlePiece> call, FileChannel file, long offset, int pieceBytes)
            throws IOException {
        this.call = call;
        this.file = file;
        this.total = file.size();
        this.offset = offset;
        this.pieceBytes = pieceBytes;
    }

    /** @param offset first byte to send, unsigned; at the end of the file one empty piece is sent */
    static void start(ServerCallStreamObserver<BundlePiece> call, Path path, long offset, int pieceBytes) {
        try {
            FileChannel file = FileChannel.open(path, StandardOpenOption.READ);
            BundleDownload download = new BundleDownload(call, file, offset, pieceBytes);
            if (offset < 0 || offset > download.total) {
                download.end();
                call.onError(Status.OUT_OF_RANGE
                        .withDescription(
                                "offset " + Long.toUnsignedString(offset) + "; expected 0 to " + download.total)
                        .asRuntimeException());
                return;
            }
            call.setOnCancelHandler(download::end);
            call.setOnReadyHandler(download::pump);
            download.pump();
        } catch (IOException e) {
            call.onError(unreadable());
        }
    }

    private synchronized void pump() {
        try {
            while (!ended && call.isReady()) {
                BundlePiece piece = read();
                call.onNext(piece);
                if (offset == total) {
                    end();
                    call.onCompleted();
                }
            }
        } catch (IOException e) {
            end();
            call.onError(unreadable());
        }
    }

    private BundlePiece read() throws IOException {
        ByteBuffer data = ByteBuffer.allocate((int) Math.min(pieceBytes, total - offset));
        while (data.hasRemaining()) {
            if (file.read(data, offset + data.position()) < 0) {
                throw new IOException("file was cut short");
            }
        }
        BundlePiece piece = BundlePiece.newBuilder()
                .setOffset(offset)
                .setTotalBytes(total)
                .setData(ByteString.copyFrom(data.flip()))
                .build();
        offset += data.limit();
        return piece;
    }

    private synchronized void end() {
        ended = true;
        try {
            file.close();
        } catch (IOException e) {
            // The file was only read; there is nothing to lose.
            LOG.debug("closing a bundle file: {}", e.toString());
        }
    }

    private static RuntimeException unreadable() {
        return Status.INTERNAL
                .withDescription("the bundle's file cannot be read")
                .asRuntimeException();
    }
}
