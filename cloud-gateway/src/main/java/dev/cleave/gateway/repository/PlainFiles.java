package dev.cleave.gateway.repository;

import dev.cleave.crypto.Hex;
import dev.cleave.gateway.model.PlainModel;
import dev.cleave.gateway.trial.ModelFiles;
import dev.cleave.gateway.trial.ModelTrials;
import dev.cleave.gateway.trial.TrialException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A plain model's private copies on their way to a model that can be loaded: their digests, then its trial.
 *
 * @param digest of the contents, SHA-256, hex
 * @param id the same with name and version: one file may lie here under several names
 */
record PlainFiles(FoundFile found, ModelFiles files, String digest, String id) {
    private static final int PIECE = 1 << 16;

    /** @param copy of the model itself; those of its weights lie beside it */
    static PlainFiles of(FoundFile found, Path copy) throws IOException {
        Map<String, Path> weights = new LinkedHashMap<>();
        found.beside().keySet().forEach(name -> weights.put(name, copy.resolveSibling(name)));
        MessageDigest contents = sha256();
        add(contents, "", copy);
        for (Map.Entry<String, Path> file : weights.entrySet()) {
            add(contents, file.getKey(), file.getValue());
        }
        String digest = Hex.of(contents.digest());
        String named = digest + "\n" + found.plainModel() + "\n" + found.plainVersion();
        String id = Hex.of(sha256().digest(named.getBytes(StandardCharsets.UTF_8)));
        return new PlainFiles(found, new ModelFiles(found.path(), copy, weights), digest, id);
    }

    private static void add(MessageDigest contents, String name, Path file) throws IOException {
        contents.update((name + "\n" + Files.size(file) + "\n").getBytes(StandardCharsets.UTF_8));
        byte[] piece = new byte[PIECE];
        try (InputStream in = Files.newInputStream(file)) {
            for (int read = in.read(piece); read >= 0; read = in.read(piece)) {
                contents.update(piece, 0, read);
            }
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }

    /** @throws TrialException if it is not to be loaded */
    PlainModel tried(ModelTrials trials) throws TrialException, IOException {
        return PlainModel.of(
                files, found.plainModel(), found.plainVersion(), id, files.bytes(), trials.report(files, digest));
    }
}
