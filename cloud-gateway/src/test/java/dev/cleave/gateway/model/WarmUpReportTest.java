package dev.cleave.gateway.model;

import static org.assertj.core.api.Assertions.assertThat;

import dev.cleave.gateway.model.WarmUpReport.Run;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WarmUpReportTest {
    /** Runs from point 0 on, of so many rows. */
    private static WarmUpReport report(Set<Integer> succeeded, Set<Integer> failed) {
        WarmUpReport.Writer writer = new WarmUpReport.Writer();
        succeeded.forEach(rows -> writer.succeeded(new Run(0, rows)));
        failed.forEach(rows -> writer.failed(new Run(0, rows), rows + " failed"));
        return writer.report();
    }

    @Test
    void failingWhereTheOthersDidWellIsWorse() {
        assertThat(report(Set.of(1, 2), Set.of(4)).worseThan(report(Set.of(1, 2, 4), Set.of())))
                .isEqualTo("4 failed");
    }

    @Test
    void failingWhereTheOthersFailedIsNot() {
        assertThat(report(Set.of(1), Set.of(2)).worseThan(report(Set.of(1), Set.of(2))))
                .isEmpty();
        assertThat(report(Set.of(2), Set.of(1)).worseThan(report(Set.of(1), Set.of(2))))
                .as("as many, but others")
                .isEqualTo("1 failed");
    }

    @Test
    void failingWhereTheOthersWereNotTriedIsWorseUnlessTheyFailSomewhere() {
        assertThat(report(Set.of(1), Set.of(8)).worseThan(report(Set.of(1), Set.of())))
                .isEqualTo("8 failed");
        assertThat(report(Set.of(), Set.of(1, 8)).worseThan(report(Set.of(), Set.of(1))))
                .isEmpty();
    }

    @Test
    void whatWasLeftOutIsNoFailure() {
        WarmUpReport.Writer writer = new WarmUpReport.Writer();
        writer.succeeded(new Run(0, 1));
        writer.skipped("no warm-up of 8 rows");
        WarmUpReport report = writer.report();
        assertThat(report.notes()).containsExactly("no warm-up of 8 rows");
        assertThat(report.worseThan(report(Set.of(1), Set.of()))).isEmpty();
    }

    @Test
    void whatFailsOnOneOfSeveralDevicesFails() {
        Run run = new Run(1, 2);
        WarmUpReport.Writer writer = new WarmUpReport.Writer();
        writer.succeeded(run);
        writer.failed(run, "device 1 is full");
        writer.succeeded(run);
        writer.failed(run, "device 3 is full");
        WarmUpReport report = writer.report();
        assertThat(report.succeeded()).isEmpty();
        assertThat(report.notes()).containsExactly("device 1 is full", "device 3 is full");
        WarmUpReport.Writer others = new WarmUpReport.Writer();
        others.succeeded(run);
        assertThat(report.worseThan(others.report())).isEqualTo("device 1 is full");
    }
}
