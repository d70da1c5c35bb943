package dev.cleave.partition.sample;

import dev.cleave.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/** SHA-256 of a sample as the model takes it: the names, types, shapes and values of its inputs. Its file's name is no part of it. */
public final class SampleDigest {
    private SampleDigest() {}

    /** Lower-case hex. */
    public static String of(Sample sample) {
        MessageDigest digest = start();
        for (Map.Entry<String, Tensor> input : new TreeMap<>(sample.inputs()).entrySet()) {
            Tensor tensor = input.getValue();
            String header = input.getKey() + ' ' + tensor.type() + ' ' + tensor.shape() + '\n';
            digest.update(header.getBytes(StandardCharsets.UTF_8));
            ByteBuffer data = tensor.data();
            data.clear();
            digest.update(data);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest start() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
