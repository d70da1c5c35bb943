package dev.cleave.gateway.trial;

import dev.cleave.gateway.folder.UseOrder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports of models that were tried before, so that a restart does not try them again. Only of those that may be served:
 * what failed may have failed because the machine was busy. A file each, {@code DIGEST.json}; one that is not as it was
 * written is as good as none. One thread at a time.
 */
final class KeptReports {
    private static final Logger LOG = LoggerFactory.getLogger(KeptReports.class);
    private static final String SUFFIX = ".json";
    private static final int MOST = 256;

    private final Path folder;

    /** @param folder made when the first report is kept */
    KeptReports(Path folder) {
        this.folder = folder;
    }

    /**
     * @param digest of all that the report depends on, hex
     * @param job that it is a report of
     * @return null if there is none
     */
    <R> R find(String digest, TrialJob<R> job) {
        Path file = folder.resolve(digest + SUFFIX);
        try (InputStream in = Files.newInputStream(file)) {
            return AnswerJson.read(in.readNBytes(AnswerJson.MAX_BYTES), job);
        } catch (NoSuchFileException none) {
            return null;
        } catch (IOException | TrialException spoilt) {
            LOG.warn("{} is not a report as it was written ({}); the model is tried again", file, spoilt.getMessage());
            return null;
        }
    }

    /** A report that cannot be kept is made again at the next start, which is no reason not to serve. */
    <R> void keep(String digest, TrialJob<R> job, R report) {
        try {
            Files.createDirectories(folder);
            Path beside = folder.resolve("." + digest);
            Files.writeString(beside, job.write(report), StandardCharsets.UTF_8);
            Files.move(
                    beside,
                    folder.resolve(digest + SUFFIX),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            UseOrder.markLast(folder.resolve(digest + SUFFIX), written());
            forgetOldest();
        } catch (IOException e) {
            LOG.warn("a report of a trial was not kept: {}", e.toString());
        }
    }

    private List<Path> written() throws IOException {
        List<Path> written = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + SUFFIX)) {
            files.forEach(written::add);
        }
        return written;
    }

    private void forgetOldest() throws IOException {
        Map<Path, FileTime> written = new HashMap<>();
        for (Path file : written()) {
            written.put(file, Files.getLastModifiedTime(file));
        }
        List<Path> oldestFirst = new ArrayList<>(written.keySet());
        oldestFirst.sort(Comparator.comparing(written::get));
        for (Path file : oldestFirst.subList(0, Math.max(0, oldestFirst.size() - MOST))) {
            Files.deleteIfExists(file);
        }
    }
}
