package dev.cleave.partition.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import dev.cleave.partition.PlanFixtures;
import dev.cleave.partition.plan.SplitPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The file without a browser: what is in it, and what must not be. */
class HtmlReportTest {
    private static final Pattern PLAN = Pattern.compile("<script type=\"application/json\" id=\"plan\">(.*?)</script>");
    private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|<!--.*?-->");

    @TempDir
    Path folder;

    @Test
    void refersToNothingOutside() throws IOException {
        String page = COMMENT.matcher(page(PlanFixtures.everyKindOfRow())).replaceAll("");
        assertThat(page).hasSizeGreaterThan(200_000);
        assertThat(page).doesNotContain("http:", "https:", "sourceMappingURL", "@import", "url(");
        assertThat(page).doesNotContainPattern("<(link|iframe|img|object|embed)\\b");
        assertThat(page).doesNotContainPattern("<script[^>]*\\ssrc=");
        assertThat(page).containsOnlyOnce("default-src 'none'");
    }

    @Test
    void keepsTheLibrarysLicence() throws IOException {
        assertThat(page(PlanFixtures.everyKindOfRow()))
                .containsOnlyOnce("Permission is hereby granted, free of charge")
                .containsOnlyOnce("Copyright (c) 2014-2024 Chart.js Contributors")
                .containsPattern("\\* Chart\\.js v\\d+\\.\\d+\\.\\d+\n");
    }

    @ParameterizedTest
    @MethodSource("plans")
    void holdsThePlansDocument(SplitPlan plan) throws IOException {
        assertThat(document(page(plan))).isEqualTo(PlanDocument.of(plan));
    }

    static Stream<SplitPlan> plans() {
        return Stream.of(
                PlanFixtures.everyKindOfRow(),
                PlanFixtures.localWithoutAgreements(),
                PlanFixtures.everyCandidateRefused());
    }

    @Test
    void namesFromFilesStayInsideTheDocument() throws IOException {
        String harmless = page(PlanFixtures.withNames("harmless"));
        String nasty =
                "</script><script>alert(1)</script><!--<img src=x onerror='alert(2)'>&amp;\u2028\"\\{{library}}$1";
        SplitPlan plan = PlanFixtures.withNames(nasty);
        String page = page(plan);
        assertThat(document(page)).isEqualTo(PlanDocument.of(plan));
        for (String token : new String[] {"<script", "</script", "<!--", "-->", "<img", "\u2028", "onerror='"}) {
            assertThat(count(page, token)).as(token).isEqualTo(count(harmless, token));
        }
    }

    @Test
    void replacesTheFileOfThatName() throws IOException {
        Path file = Files.writeString(folder.resolve("report.html"), "old".repeat(1_000_000));
        HtmlReport.write(PlanFixtures.everyKindOfRow(), file);
        assertThat(file).content().startsWith("<!doctype html>").endsWith("</html>\n");
    }

    @Test
    void namesTheFileThatCannotBeWritten() {
        Path file = folder.resolve("absent").resolve("report.html");
        assertThatThrownBy(() -> HtmlReport.write(PlanFixtures.everyKindOfRow(), file))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(file.toString());
    }

    private String page(SplitPlan plan) throws IOException {
        Path file = folder.resolve("page.html");
        HtmlReport.write(plan, file);
        return Files.readString(file);
    }

    private static PlanDocument document(String page) {
        Matcher matcher = PLAN.matcher(page);
        assertThat(matcher.find()).isTrue();
        return new Gson().fromJson(matcher.group(1), PlanDocument.class);
    }

    private static int count(String text, String token) {
        return text.split(Pattern.quote(token), -1).length - 1;
    }
}
