package dev.cleave.architecture;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.AccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;

/** Whatever tells what time it is on the wall: called, constructed, handed on as a reference, or read from a field. */
final class TimeOfDay extends DescribedPredicate<JavaAccess<?>> {
    private static final String CONSTRUCTED = "<init>";

    TimeOfDay() {
        super("asks for the time of day");
    }

    @Override
    public boolean test(JavaAccess<?> access) {
        AccessTarget target = access.getTarget();
        String owner = access.getTargetOwner().getName();
        String name = target.getName();
        boolean bare = target.getFullName().endsWith("()");
        return switch (owner) {
            case "java.lang.System" -> name.equals("currentTimeMillis");
            case "java.util.Date", "java.util.GregorianCalendar" -> name.equals(CONSTRUCTED) && bare;
            case "java.util.Calendar" -> name.equals("getInstance");
            case "java.time.Clock", "java.time.InstantSource" -> name.startsWith("system") || name.startsWith("tick");
            case "io.micrometer.core.instrument.Clock" -> name.equals("SYSTEM");
            default ->
                owner.startsWith("java.time.") && name.equals("now")
                        || name.equals("checkValidity") && bare; // Of a certificate, as of now.
        };
    }
}
