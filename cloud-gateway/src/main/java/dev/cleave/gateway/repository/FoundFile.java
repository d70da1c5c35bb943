package dev.cleave.gateway.repository;

/**
 * A bundle's file in the models directory.
 *
 * @param path in the directory, with {@code /}
 * @param model as its folder says; empty for a file that lies in the directory itself
 * @param number of the version as its folder says; 0 for such a file
 * @param fault why it cannot be one, whatever it holds; else empty
 */
record FoundFile(String path, String model, long number, FileStamp stamp, String fault) {
    boolean isFlat() {
        return number == 0;
    }

    /** The version's name where the folder says it; else empty. */
    String version() {
        return isFlat() ? "" : Long.toString(number);
    }

    /** Name of the file without its ending; what it is asked for by while its contract was not read. */
    String stem() {
        String name = path.substring(path.lastIndexOf('/') + 1);
        return name.endsWith(ModelFolder.SUFFIX)
                ? name.substring(0, name.length() - ModelFolder.SUFFIX.length())
                : name;
    }
}
