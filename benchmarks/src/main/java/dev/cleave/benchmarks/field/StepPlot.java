package dev.cleave.benchmarks.field;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** A {@link StepTrace} drawn: above how long requests took, below the points that were chosen, both over time. */
final class StepPlot {
    private static final int WIDTH = 1100;
    private static final int HEIGHT = 380;
    private static final Color AGENT = new Color(0x1f6feb);
    private static final Color ORACLE = new Color(0x2da44e);
    private static final float HUES = 9;

    private StepPlot() {}

    static void draw(StepTrace trace, int local, String title, Path file) throws IOException {
        XYChart times = chart(title, "ms");
        times.getStyler().setYAxisLogarithmic(true);
        trace.fixed().forEach((point, requests) -> add(times, "always at " + point, requests, pale(point), true));
        add(times, "oracle", trace.oracle(), ORACLE, true);
        add(times, "agent", trace.agent(), AGENT, true);
        XYChart points = chart(links(trace), "point (0 CLOUD, " + local + " LOCAL)");
        points.getStyler().setYAxisMin(0.0).setYAxisMax((double) local).setYAxisDecimalPattern("0");
        add(points, "oracle", trace.oracle(), ORACLE, false);
        add(points, "agent", trace.agent(), AGENT, false);
        Files.createDirectories(file.toAbsolutePath().getParent());
        BitmapEncoder.saveBitmap(List.of(times, points), 2, 1, file.toString(), BitmapEncoder.BitmapFormat.PNG);
    }

    private static Color pale(int point) {
        return Color.getHSBColor(point / HUES, 0.3f, 0.9f);
    }

    private static String links(StepTrace trace) {
        return String.join(
                "   ",
                trace.phases().stream()
                        .map(phase -> (int) phase.fromSeconds() + " s: " + phase.rate())
                        .toList());
    }

    private static XYChart chart(String title, String y) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle("s")
                .yAxisTitle(y)
                .theme(Styler.ChartTheme.XChart)
                .build();
        chart.getStyler()
                .setXAxisDecimalPattern("0")
                .setLegendPosition(Styler.LegendPosition.OutsideE)
                .setChartBackgroundColor(Color.WHITE);
        return chart;
    }

    private static void add(XYChart chart, String name, List<Request> requests, Color color, boolean millis) {
        double[] x = requests.stream().mapToDouble(Request::startSeconds).toArray();
        double[] y = requests.stream()
                .mapToDouble(request -> millis ? request.millis() : request.chosenPoint())
                .toArray();
        XYSeries series = chart.addSeries(name, x, y);
        series.setMarker(SeriesMarkers.NONE).setLineColor(color).setLineWidth(1.6f);
        if (!millis) {
            series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Step);
        }
    }
}
