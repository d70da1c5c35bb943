package dev.cleave.bundle;

import dev.cleave.engine.GraphFormat;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which of a contract's files each {@link View} holds; weights of an edge view are a prefix. */
final class ViewFiles {
    private ViewFiles() {}

    /**
     * The files of a view by path, in the order in which they are written.
     *
     * @throws BundleException if {@code edgeThrough} is not one that the view can have
     */
    static SortedMap<String, FileDigest> of(Contract contract, View view, int edgeThrough) throws BundleException {
        checkThrough(contract, view, edgeThrough);
        SortedMap<String, FileDigest> held = new TreeMap<>();
        for (FileDigest file : contract.files()) {
            BundlePath path = BundlePath.parse(file.path());
            if (holds(contract, view, edgeThrough, path)) {
                boolean cut = path.kind() == BundlePath.Kind.WEIGHTS && view == View.EDGE;
                held.put(file.path(), cut ? prefix(contract, file, edgeThrough) : file);
            }
        }
        return held;
    }

    /** The {@link Manifest#edgeThrough()} that a view must have; an edge view's is free within limits. */
    static int through(Contract contract, View view, int wanted) {
        return view == View.EDGE ? wanted : view == View.FULL ? contract.local() : 0;
    }

    private static void checkThrough(Contract contract, View view, int through) throws BundleException {
        int low = view == View.EDGE ? Math.max(1, contract.privacyFloor()) : through(contract, view, through);
        int high = view == View.EDGE ? contract.local() : low;
        if (through < low || through > high) {
            throw new BundleException("edgeThrough of the " + view.jsonName() + " view is " + through + "; expected "
                    + (low == high ? "" : low + " to ") + high);
        }
    }

    private static boolean holds(Contract contract, View view, int through, BundlePath path) {
        return isOf(contract, view, path.precision()) && holdsPart(contract, view, through, path);
    }

    /** A device has the graphs that devices run and no others; a gateway has all but those, unless they are its own. */
    private static boolean isOf(Contract contract, View view, String precision) {
        boolean edge = precision.equals(contract.edgePrecision());
        return view == View.FULL || (view == View.EDGE ? edge : !edge || precision.equals(contract.precision()));
    }

    private static boolean holdsPart(Contract contract, View view, int through, BundlePath path) {
        int floor = contract.privacyFloor();
        switch (path.kind()) {
            case SEGMENT:
                return view == View.FULL || (view == View.EDGE ? path.index() < through : isTailOf(path, floor));
            case HEAD:
                return view == View.FULL || view == View.EDGE && path.index() <= through;
            case TAIL:
                return view == View.FULL || view == View.CLOUD && path.index() >= floor;
            case WHOLE:
                return view == View.FULL || (view == View.EDGE ? through == contract.local() : floor == 0);
            default:
                return true;
        }
    }

    /** Gateways run ONNX graphs. */
    private static boolean isTailOf(BundlePath segment, int floor) {
        return segment.index() >= floor && segment.format() == GraphFormat.ONNX;
    }

    private static FileDigest prefix(Contract contract, FileDigest file, int through) {
        if (through == contract.local()) {
            return file;
        }
        for (WeightPrefix prefix : contract.weightPrefixes()) {
            if (prefix.point() == through && prefix.path().equals(file.path())) {
                return new FileDigest(file.path(), prefix.size(), prefix.sha256());
            }
        }
        throw new IllegalStateException("a checked contract has a prefix of " + file.path() + " for every point");
    }
}
