import ai.onnxruntime.OrtEnvironment;
import com.yahoo.application.Application;
import com.yahoo.application.Networking;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * Vespa's container for {@code benchmarks/peer.sh}, run from this source with the class path that pom.xml beside it resolves to. Takes the folder of an application, says {@code ready
 * VERSION} with the version of ONNX Runtime when it takes requests, and stays until it is killed.
 */
public final class VespaServer {
    private VespaServer() {}

    public static void main(String[] arguments) throws InterruptedException {
        PrintStream out = System.out;
        System.setOut(System.err);
        try (Application application = Application.fromApplicationPackage(Path.of(arguments[0]), Networking.enable)) {
            out.println("ready " + OrtEnvironment.getEnvironment().getVersion());
            new CountDownLatch(1).await();
        }
    }
}
