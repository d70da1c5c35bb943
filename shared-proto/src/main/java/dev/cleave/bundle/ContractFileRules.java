package dev.cleave.bundle;

import dev.cleave.engine.GraphFormat;
import java.util.HashMap;
import java.util.Map;

/** What the files and weight prefixes of a contract must fulfil. */
final class ContractFileRules {
    /** Largest weights file in bytes. */
    static final long MAX_WEIGHTS_BYTES = 1L << 40;

    private static final int MAX_FILES = ContractRules.MAX_LIST;

    private final Contract contract;
    private final Map<String, FileDigest> files = new HashMap<>();

    private ContractFileRules(Contract contract) {
        this.contract = contract;
    }

    static void check(Contract contract) throws BundleException {
        ContractFileRules rules = new ContractFileRules(contract);
        rules.checkFiles();
        rules.checkGraphs();
        rules.checkForms();
        rules.checkPrefixes();
    }

    private void checkFiles() throws BundleException {
        if (contract.files().size() > MAX_FILES) {
            throw ContractRules.wrong("number of files", contract.files().size(), "at most " + MAX_FILES);
        }
        for (FileDigest file : contract.files()) {
            BundlePath path = BundlePath.parse(file.path());
            String thing = "file " + BundleException.quote(file.path());
            if (path == null || !path.fits(contract.splitPoints())) {
                throw ContractRules.wrong(
                        thing,
                        "in the contract",
                        "weights/<precision>.bin, graphs/<precision>/{segment-i,head-i,tail-i,whole}.onnx or"
                                + " graphs/<precision>/segment-i.tflite, i within "
                                + contract.splitPoints() + " split points");
            }
            long limit = path.kind() == BundlePath.Kind.WEIGHTS ? MAX_WEIGHTS_BYTES : Contract.MAX_GRAPH_BYTES;
            if (file.size() < 0 || file.size() > limit) {
                throw ContractRules.wrong("size of " + thing, file.size(), "0 to " + limit);
            }
            ContractRules.checkDigest("sha256 of " + thing, file.sha256());
            if (files.put(file.path(), file) != null) {
                throw ContractRules.wrong(thing, "listed twice", "once");
            }
        }
    }

    /** The precision that defines the answers has every segment and the whole model, and so has the devices'. */
    private void checkGraphs() throws BundleException {
        checkGraphs(contract.precision());
        checkGraphs(contract.edgePrecision());
    }

    private void checkGraphs(String precision) throws BundleException {
        for (int i = 0; i <= contract.splitPoints(); i++) {
            requireGraph(precision, "segment-" + i);
        }
        requireGraph(precision, "whole");
    }

    private void requireGraph(String precision, String graph) throws BundleException {
        requireGraph(precision, graph, GraphFormat.ONNX);
    }

    private void requireGraph(String precision, String graph, GraphFormat format) throws BundleException {
        String path = BundlePath.graph(precision, graph, format);
        if (!files.containsKey(path)) {
            throw ContractRules.wrong("file " + path, "not in the contract", "there, with its digest");
        }
    }

    /** Further forms are of what devices run, from the first segment on: a head is a run of segments of one form. */
    private void checkForms() throws BundleException {
        for (FileDigest file : contract.files()) {
            BundlePath path = BundlePath.parse(file.path());
            if (path.kind() == BundlePath.Kind.WEIGHTS || path.format() == GraphFormat.ONNX) {
                continue;
            }
            String thing = "file " + file.path();
            if (!path.precision().equals(contract.edgePrecision())) {
                throw ContractRules.wrong(
                        thing,
                        "in the contract",
                        "that form of " + contract.edgePrecision() + " alone, which devices run");
            }
            if (path.index() > 0) {
                requireGraph(path.precision(), "segment-" + (path.index() - 1), path.format());
            }
        }
    }

    /** Each weights file has one prefix for each point 1..k; prefixes grow with the point, up to the file. */
    private void checkPrefixes() throws BundleException {
        int points = contract.splitPoints();
        Map<String, WeightPrefix[]> byFile = new HashMap<>();
        for (FileDigest file : contract.files()) {
            if (file.path().startsWith("weights/")) {
                byFile.put(file.path(), new WeightPrefix[points + 1]);
            }
        }
        for (WeightPrefix prefix : contract.weightPrefixes()) {
            String thing = "weight prefix of " + BundleException.quote(prefix.path());
            WeightPrefix[] known = byFile.get(prefix.path());
            if (known == null || prefix.point() < 1 || prefix.point() > points || known[prefix.point()] != null) {
                throw ContractRules.wrong(
                        thing, "for point " + prefix.point(), "one for each weights file and point 1 to " + points);
            }
            ContractRules.checkDigest("sha256 of " + thing, prefix.sha256());
            known[prefix.point()] = prefix;
        }
        for (Map.Entry<String, WeightPrefix[]> entry : byFile.entrySet()) {
            checkGrowth(files.get(entry.getKey()), entry.getValue());
        }
    }

    private static void checkGrowth(FileDigest file, WeightPrefix[] prefixes) throws BundleException {
        long size = 0;
        for (int point = 1; point < prefixes.length; point++) {
            WeightPrefix prefix = prefixes[point];
            String thing = "weight prefix of " + file.path() + " for point " + point;
            if (prefix == null) {
                throw ContractRules.wrong(thing, "missing", "one for every split point");
            }
            if (prefix.size() < size || prefix.size() > file.size()) {
                throw ContractRules.wrong(thing, prefix.size() + " bytes", size + " to " + file.size());
            }
            if (prefix.size() == file.size() && !prefix.sha256().equals(file.sha256())) {
                throw ContractRules.wrong(thing, "of digest " + prefix.sha256(), file.sha256() + ", the whole file's");
            }
            size = prefix.size();
        }
    }
}
