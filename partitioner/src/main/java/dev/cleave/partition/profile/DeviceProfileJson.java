package dev.cleave.partition.profile;

import dev.cleave.bundle.BundleException;
import dev.cleave.bundle.StrictJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * Reads and writes {@code device.json}, the file form of a {@link DeviceProfile}; docs/FORMATS.md has its fields.
 *
 * <p>The file comes from another machine and is treated as hostile. Keys come in any order, and those of later releases
 * are skipped; another format version is refused.
 */
public final class DeviceProfileJson {
    /** The format that this release reads and writes. */
    static final int FORMAT = 1;

    private static final long LARGEST_FILE = 256L << 20;

    private DeviceProfileJson() {}

    /** @throws ProfileException naming the file, the key, the value and the expectation */
    public static DeviceProfile read(Path file) throws ProfileException {
        try {
            if (Files.isRegularFile(file) && Files.size(file) > LARGEST_FILE) {
                throw new ProfileException(
                        file + " is " + Files.size(file) + " bytes; expected a profile of at most " + LARGEST_FILE);
            }
            return read(file.toString(), Files.readAllBytes(file));
        } catch (ProfileException alreadyNamed) {
            throw alreadyNamed;
        } catch (NoSuchFileException absent) {
            throw new ProfileException(file + ": no such file; expected what cleave profile wrote", absent);
        } catch (IOException unreadable) {
            throw new ProfileException(file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    /**
     * Reads a profile.
     *
     * @param name what messages call the document
     * @throws ProfileException naming the document, the key, the value and the expectation
     */
    public static DeviceProfile read(String name, byte[] utf8) throws ProfileException {
        try {
            // Before anything else, so that a file of another version is called that and not broken.
            StrictJson.read(name, utf8, DeviceProfileReading::format);
            return StrictJson.read(name, utf8, json -> new DeviceProfileReading(json).profile());
        } catch (BundleException refused) {
            throw new ProfileException(refused.getMessage(), refused);
        }
    }

    /** The document's bytes: always the same for equal profiles. */
    public static byte[] write(DeviceProfile profile) {
        return DeviceProfileWriting.text(profile).getBytes(StandardCharsets.UTF_8);
    }
}
