package dev.cleave.cli.model;

import dev.cleave.bundle.Bundle;
import dev.cleave.cli.output.Abbreviation;
import dev.cleave.cli.output.Table;
import dev.cleave.cli.output.Terminal;
import dev.cleave.cli.samples.DimOptions;
import dev.cleave.cli.units.ByteSize;
import dev.cleave.cli.units.TimeSpan;
import dev.cleave.cli.verb.Verb;
import dev.cleave.engine.Engine;
import dev.cleave.engine.Engines;
import dev.cleave.partition.ModelSummary;
import dev.cleave.partition.cut.CutFinder;
import dev.cleave.partition.graph.Dataflow;
import dev.cleave.partition.graph.Graph;
import dev.cleave.partition.graph.OnnxModel;
import dev.cleave.partition.shape.ProbedModel;
import dev.cleave.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code cleave inspect}: what a model is made of and where it can be cut, or what a bundle holds. */
@Command(
        name = "inspect",
        description =
                "Shows a model's operators, its legal cuts and what would cross them; or a bundle's points and segments.",
        footer = {"", "Example:", "  cleave inspect model.onnx"})
public final class InspectCommand extends Verb {
    @Parameters(paramLabel = "MODEL|BUNDLE", description = "An ONNX model, or a bundle.")
    private Path model;

    @Mixin
    private DimOptions sizes;

    /** The JSON document. */
    record Document(
            String model,
            String sha256,
            int nodes,
            long opset,
            Map<String, Integer> operators,
            List<String> inputs,
            List<String> outputs,
            Boolean batched,
            String batchReason,
            double wholeMillis,
            List<Point> cuts,
            String noCutReason) {}

    /** @param estimatedHeadMillis the whole model's measured time times the share of work before the cut */
    record Point(
            List<String> tensors,
            List<String> shapes,
            long boundaryBytes,
            int headNodes,
            double headShareOfWork,
            double estimatedHeadMillis) {}

    @Override
    protected void run(Terminal terminal) throws Exception {
        if (BundleFile.isOne(model)) {
            new BundleInspection(Bundle.open(model)).print(terminal);
            return;
        }
        OnnxModel read = OnnxModel.read(model);
        Document document = document(read);
        if (terminal.isJson()) {
            terminal.json().document(document);
        } else {
            print(terminal, document);
        }
    }

    private Document document(OnnxModel read) throws Exception {
        Graph graph = Graph.of(read);
        String impossible = CutFinder.impossibleBecause(new Dataflow(graph));
        if (impossible != null) {
            return uncut(read, graph, impossible);
        }
        try (Engine engine = Engines.create(null)) {
            ModelSummary summary = ModelSummary.of(read, engine, sizes.probing());
            return document(read, summary, WholeTime.medianMillis(read, summary.model(), engine));
        }
    }

    /** Of a model that is not run, as there is nothing to be found out by that. */
    private Document uncut(OnnxModel read, Graph graph, String reason) {
        return new Document(
                model.toString(),
                read.sha256(),
                graph.nodes().size(),
                graph.opset(),
                graph.operators(),
                List.copyOf(graph.inputs().keySet()),
                List.copyOf(graph.outputs().keySet()),
                null,
                null,
                Double.NaN,
                List.of(),
                reason);
    }

    private Document document(OnnxModel read, ModelSummary summary, double wholeMillis) {
        ProbedModel probed = summary.model();
        return new Document(
                model.toString(),
                read.sha256(),
                summary.nodes(),
                probed.graph().opset(),
                summary.operators(),
                probed.inputs().stream().map(TensorSpec::toString).toList(),
                probed.outputs().stream().map(TensorSpec::toString).toList(),
                probed.isBatched(),
                probed.batchReason(),
                wholeMillis,
                summary.points().stream()
                        .map(point -> point(point, wholeMillis))
                        .toList(),
                summary.cuts().noneBecause());
    }

    private static Point point(ModelSummary.Point point, double wholeMillis) {
        return new Point(
                point.cut().boundary(),
                point.boundary().stream()
                        .map(spec -> spec.type().jsonName() + spec.shape())
                        .toList(),
                point.bytes(),
                point.cut().size(),
                point.workBefore(),
                point.workBefore() * wholeMillis);
    }

    private static void print(Terminal terminal, Document document) {
        String batching = document.batched() == null
                ? ""
                : document.batched() ? ", rows can be batched" : ", no batching: " + document.batchReason();
        terminal.print(document.nodes() + " nodes, operator set " + document.opset() + batching);
        document.inputs().forEach(input -> terminal.print("input   " + input));
        document.outputs().forEach(output -> terminal.print("output  " + output));
        Table operators = Table.of("operator", "nodes");
        document.operators().forEach(operators::row);
        terminal.print(operators);
        if (document.noCutReason() != null) {
            terminal.print(document.noCutReason());
            return;
        }
        terminal.print(cuts(document));
        terminal.print(document.cuts().size() + " legal cuts; (+n): n more tensors cross; --json prints all names");
        terminal.print(String.format(
                Locale.ROOT,
                "the whole model takes %.2f ms here; a head's time is estimated as its share of the work",
                document.wholeMillis()));
    }

    private static Table cuts(Document document) {
        Table cuts = Table.of("cut after", "shape", "crossing", "nodes", "work", "head (est.)");
        for (Point point : document.cuts()) {
            cuts.row(
                    Abbreviation.ofLast(point.tensors()),
                    point.shapes().get(point.shapes().size() - 1),
                    new ByteSize(point.boundaryBytes()),
                    point.headNodes(),
                    String.format(Locale.ROOT, "%.0f %%", point.headShareOfWork() * 100),
                    TimeSpan.formatMillis(point.estimatedHeadMillis()));
        }
        return cuts;
    }
}
