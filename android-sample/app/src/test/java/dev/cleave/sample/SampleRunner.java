package dev.cleave.sample;

import org.junit.runners.model.FrameworkMethod;
import org.junit.runners.model.InitializationError;
import org.robolectric.RobolectricTestRunner;
import org.robolectric.internal.bytecode.InstrumentationConfiguration;

/**
 * Robolectric, with all that does not know Android left to the class loader of the JVM: agent, engines, splitter, gateway. A native
 * library is loaded once, and a gateway in the same process is ordinary code.
 */
public final class SampleRunner extends RobolectricTestRunner {
    private static final String[] PLAIN = {
        "ai.onnxruntime.",
        "com.github.luben.",
        "com.google.protobuf.",
        "dev.cleave.answer.",
        "dev.cleave.bundle.",
        "dev.cleave.codec.",
        "dev.cleave.crypto.",
        "dev.cleave.edge.",
        "dev.cleave.engine.",
        "dev.cleave.gateway.",
        "dev.cleave.onnx.",
        "dev.cleave.partition.",
        "dev.cleave.picture.",
        "dev.cleave.segment.",
        "dev.cleave.tensor.",
        "dev.cleave.tls.",
        "dev.cleave.trust.",
        "dev.cleave.v1.",
        "dev.cleave.wire.",
        "io.grpc.",
        "io.netty.",
        "org.assertj.",
        "org.eclipse.jetty.",
        "org.slf4j."
    };

    public SampleRunner(Class<?> test) throws InitializationError {
        super(test);
    }

    @Override
    protected InstrumentationConfiguration createClassLoaderConfig(FrameworkMethod method) {
        InstrumentationConfiguration.Builder builder =
                new InstrumentationConfiguration.Builder(super.createClassLoaderConfig(method));
        for (String prefix : PLAIN) {
            builder.doNotAcquirePackage(prefix);
        }
        return builder.build();
    }
}
