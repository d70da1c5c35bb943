package dev.cleave.architecture;

import io.micrometer.core.instrument.Clock;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Calendar;
import java.util.Date;
import java.util.GregorianCalendar;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/** Ways to ask for the time of day, one to a class, for {@link TimeOfDay} to find; this class itself asks for none. */
final class TimeOfDayTellers {
    final long elapsed = System.nanoTime();
    final LongSupplier steady = System::nanoTime;
    final Date given = new Date(0);

    static final class Call {
        final long millis = System.currentTimeMillis();
    }

    static final class Reference {
        final LongSupplier millis = System::currentTimeMillis;
    }

    static final class NowReference {
        final Supplier<Instant> now = Instant::now;
    }

    static final class Now {
        final LocalDate today = LocalDate.now();
    }

    static final class SystemClock {
        final java.time.Clock clock = java.time.Clock.systemUTC();
    }

    static final class TickingClock {
        final java.time.Clock clock = java.time.Clock.tickSeconds(java.time.ZoneOffset.UTC);
    }

    static final class MetersClock {
        final Clock clock = Clock.SYSTEM;
    }

    static final class NewDate {
        final Date now = new Date();
    }

    static final class NewDateReference {
        final Supplier<Date> now = Date::new;
    }

    static final class NewCalendar {
        final Calendar now = new GregorianCalendar();
    }

    static final class AnyCalendar {
        final Calendar now = Calendar.getInstance();
    }

    static final class Certificate {
        void check(X509Certificate certificate) throws CertificateException {
            certificate.checkValidity();
        }
    }
}
