package dev.cleave.gateway.oip;

import dev.cleave.bundle.Contract;
import dev.cleave.bundle.VersionOrder;
import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.ModelRepository;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** The models of a repository by the names that the protocol has for them; see docs/OIP.md, "Names". Thread-safe. */
public final class OipModels {
    private static final int NAMES_IN_A_MESSAGE = 16;

    private static final Comparator<ServedModel> OLDEST_FIRST = Comparator.<ServedModel, Boolean>comparing(
                    model -> !model.isDraining())
            .thenComparingLong(ServedModel::release)
            .thenComparing(model -> model.contract().modelVersion(), (a, b) -> VersionOrder.compare(a, 0, b, 0));

    private final ModelRepository repository;

    public OipModels(ModelRepository repository) {
        this.repository = repository;
    }

    /**
     * The model of a name.
     *
     * @param version a version or a label; empty: what the label {@code stable} points to, else the newest
     * @param device who asks; for it, there is no model that it may not use
     * @throws OipException if there is none, or it cannot be asked by this protocol
     */
    public OipModel find(String name, String version, Device device) throws OipException {
        List<ServedModel> candidates = candidates(name, device);
        if (candidates.isEmpty()) {
            if (!candidates(name, Device.ANYBODY).isEmpty()) {
                device.deniedModel();
            }
            throw absent(name, device);
        }
        int point = OipModel.pointOf(candidates.get(0).name(), name);
        List<String> versions = candidates.stream()
                .map(model -> model.contract().modelVersion())
                .toList();
        ServedModel meant = repository.find(candidates.get(0).name(), version);
        if (meant == null && !version.isEmpty()) {
            throw new OipException(
                    Fault.NOT_FOUND,
                    "version " + Quoted.of(version) + " of model " + Quoted.of(name) + " is not served; expected "
                            + String.join(", ", versions));
        }
        boolean isChosen = meant != null && (!version.isEmpty() || meant.codec(point) != null);
        ServedModel newest = isChosen
                ? meant
                : candidates.stream()
                        .filter(model -> model.codec(point) != null)
                        .max(OLDEST_FIRST)
                        .orElse(candidates.get(candidates.size() - 1));
        requireServed(newest, point);
        return new OipModel(newest, point, versions.stream().distinct().toList());
    }

    /**
     * Whether a model takes requests.
     *
     * @throws OipException as {@link #find}, but not for one that is known and does not
     */
    public boolean isReady(String name, String version, Device device) throws OipException {
        try {
            return find(name, version, device).isReady();
        } catch (OipException refused) {
            if (refused.fault() == Fault.UNAVAILABLE) {
                return false;
            }
            throw refused;
        }
    }

    /** Those of exactly this name first: a model may be called like the tail of another one. */
    private List<ServedModel> candidates(String name, Device device) {
        List<ServedModel> whole = new ArrayList<>();
        List<ServedModel> tails = new ArrayList<>();
        for (ServedModel model : repository.models()) {
            int point = device.mayUse(model.name()) ? OipModel.pointOf(model.name(), name) : -1;
            if (point == 0) {
                whole.add(model);
            } else if (point > 0) {
                tails.add(model);
            }
        }
        return whole.isEmpty() ? tails : whole;
    }

    private static void requireServed(ServedModel model, int point) throws OipException {
        Contract contract = model.contract();
        String named = "model " + Quoted.of(OipModel.nameOf(model.name(), point));
        if (point < contract.privacyFloor()) {
            throw new OipException(
                    Fault.NOT_FOUND,
                    named + " is not served: the privacy floor of " + model.name() + " is point "
                            + contract.privacyFloor() + "; expected " + String.join(", ", names(model)));
        }
        if (model.codec(point) == null) {
            throw new OipException(
                    Fault.NOT_FOUND,
                    named + " is not served: " + lacking(model) + " of point " + point + " here; expected "
                            + String.join(", ", names(model)));
        }
        if (!contract.stateAfter(point).isEmpty()) {
            throw new OipException(
                    Fault.UNSUPPORTED,
                    named + " keeps state from request to request, which this protocol has no word for; expected"
                            + " an agent");
        }
    }

    private static String lacking(ServedModel model) {
        return model.bundle() == null ? "a plain ONNX model has no tail" : "the bundle has no tail";
    }

    /** Of a name that no loaded model has: it may be of one that is loading or could not be loaded. */
    private OipException absent(String name, Device device) {
        for (ModelStatus status : repository.statuses()) {
            boolean meant = !status.name().isEmpty()
                    && device.mayUse(status.name())
                    && OipModel.pointOf(status.name(), name) >= 0;
            if (meant && status.state() != ModelState.READY) {
                return new OipException(
                        Fault.UNAVAILABLE,
                        "model " + Quoted.of(name) + " is " + status.state()
                                + (status.reason().isEmpty() ? "" : ": " + status.reason()));
            }
        }
        List<String> names = new ArrayList<>();
        repository.models().stream()
                .filter(model -> device.mayUse(model.name()))
                .forEach(model -> names.addAll(names(model)));
        boolean all = names.size() <= NAMES_IN_A_MESSAGE;
        List<String> some = names.subList(0, Math.min(names.size(), NAMES_IN_A_MESSAGE));
        return new OipException(
                Fault.NOT_FOUND,
                "model " + Quoted.of(name) + " is not served here"
                        + (names.isEmpty() ? ", and no other is" : "; expected " + String.join(", ", some))
                        + (all ? "" : ", .."));
    }

    private static List<String> names(ServedModel model) {
        return model.points().stream()
                .map(point -> OipModel.nameOf(model.name(), point))
                .toList();
    }
}
