package dev.cleave.gateway.admin;

/** A request that is not met. The message is one line. */
final class AdminRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;

    /** @param status of HTTP */
    AdminRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }

    /** What of a stranger's text may stand in a message. */
    static String printable(String text) {
        return text.substring(0, Math.min(text.length(), 40)).replaceAll("[^ -~]", "?");
    }
}
