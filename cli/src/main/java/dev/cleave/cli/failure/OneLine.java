package dev.cleave.cli.failure;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/** Turns any exception into the one line that a user reads. */
public final class OneLine {
    private static final int MAX_LENGTH = 600;
    private static final String OWN_CODE = "dev.cleave.";

    private OneLine() {}

    public static String of(Throwable failure) {
        return flatten(describe(unwrap(failure)));
    }

    /** The exception that says what happened, without the wrappers that carried it between threads. */
    static Throwable unwrap(Throwable failure) {
        Throwable inner = failure;
        while (inner.getCause() != null
                && (inner instanceof CompletionException
                        || inner instanceof ExecutionException
                        || inner instanceof UncheckedIOException)) {
            inner = inner.getCause();
        }
        return inner;
    }

    private static String describe(Throwable failure) {
        if (failure instanceof FileSystemException) {
            return fileProblem((FileSystemException) failure);
        }
        if (failure instanceof UnknownHostException) {
            return "host \"" + failure.getMessage() + "\" is not known";
        }
        if (failure instanceof OutOfMemoryError) {
            return "out of memory (" + failure.getMessage() + "); give it more, such as CLEAVE_JAVA_OPTS=-Xmx4g";
        }
        if (failure instanceof EOFException && failure.getMessage() == null) {
            return "the data ends too early";
        }
        if (isForPeople(failure) && failure.getMessage() != null) {
            return failure.getMessage();
        }
        return "internal error: " + failure + "; --stacktrace shows where";
    }

    /** Input/output and Cleave's own exceptions carry messages for people; any other one is a bug. */
    private static boolean isForPeople(Throwable failure) {
        String type = failure.getClass().getName();
        return failure instanceof IOException || type.startsWith(OWN_CODE) || type.startsWith("io.grpc.Status");
    }

    private static String fileProblem(FileSystemException failure) {
        String file = failure.getFile() == null ? "file" : failure.getFile();
        if (failure instanceof NoSuchFileException) {
            return file + ": no such file or folder";
        }
        if (failure instanceof AccessDeniedException) {
            return file + ": permission denied";
        }
        if (failure instanceof FileAlreadyExistsException) {
            return file + ": exists already";
        }
        if (failure instanceof NotDirectoryException) {
            return file + ": is a file; expected a folder";
        }
        if (failure instanceof DirectoryNotEmptyException) {
            return file + ": the folder is not empty";
        }
        return file + ": " + (failure.getReason() == null ? "cannot be read or written" : failure.getReason());
    }

    private static String flatten(String message) {
        String line = message.strip().replaceAll("\\s*\\R\\s*", "; ").replaceAll("\\p{Cntrl}", "?");
        return line.length() <= MAX_LENGTH ? line : line.substring(0, MAX_LENGTH) + " ...";
    }
}
