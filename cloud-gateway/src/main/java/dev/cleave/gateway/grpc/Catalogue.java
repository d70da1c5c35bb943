package dev.cleave.gateway.grpc;

import dev.cleave.gateway.identity.Device;
import dev.cleave.gateway.model.EdgeViews;
import dev.cleave.gateway.model.ModelState;
import dev.cleave.gateway.model.ModelStatus;
import dev.cleave.gateway.model.ServedModel;
import dev.cleave.gateway.repository.ModelRepository;
import dev.cleave.v1.DescribeRequest;
import dev.cleave.v1.DescribeResponse;
import dev.cleave.v1.ServedBundle;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers {@code Describe}, and finds the file behind {@code FetchBundle}. Thread-safe. */
final class Catalogue {
    private static final Logger LOG = LoggerFactory.getLogger(Catalogue.class);

    private final ModelRepository repository;
    private final EdgeViews edgeViews;

    Catalogue(ModelRepository repository, EdgeViews edgeViews) {
        this.repository = repository;
        this.edgeViews = edgeViews;
    }

    /** @param device who asks: hears of no model that it may not use */
    DescribeResponse describe(DescribeRequest request, Device device) {
        DescribeResponse.Builder response = DescribeResponse.newBuilder().setGatewayVersion(GatewayVersion.text());
        for (ModelStatus status : repository.statuses()) {
            boolean isMeant =
                    request.getModelName().isEmpty() || request.getModelName().equals(status.name());
            if (isMeant && status.state() != ModelState.UNLOADED && device.mayUse(status.name())) {
                response.addBundles(describe(status));
            }
        }
        return response.build();
    }

    private ServedBundle describe(ModelStatus status) {
        ServedBundle.Builder described = ServedBundle.newBuilder()
                .setModelName(status.name())
                .setModelVersion(status.version())
                .setBundleId(status.bundleId())
                .addAllPoints(status.points())
                .setProvider(status.provider())
                .setPrecision(status.precision())
                .setState(status.state().name())
                .setReason(status.reason());
        ServedModel model = repository.byBundleId(status.bundleId());
        if (model != null && model.bundle() != null) {
            describeBundle(described, model);
        }
        return described.build();
    }

    /** Its release, and its edge view if there is one to fetch: agents take the newest that has one. */
    private void describeBundle(ServedBundle.Builder described, ServedModel model) {
        described.setRelease(model.release());
        if (!EdgeViews.isOfferedBy(model.bundle()) || !repository.isOffered(model)) {
            return;
        }
        try {
            EdgeViews.EdgeView view = edgeViews.of(model.bundle());
            described.setEdgeViewBytes(view.bytes()).setEdgeViewSha256(view.sha256());
        } catch (IOException e) {
            LOG.warn("edge view of {} cannot be written: {}", model.name(), e.toString());
        }
    }

    /**
     * The edge view of a bundle.
     *
     * @param device who asks
     * @throws io.grpc.StatusRuntimeException that says why there is none
     */
    Path edgeView(String bundleId, Device device) {
        ServedModel model = repository.byBundleId(bundleId);
        if (model == null || !device.mayUse(model.name())) {
            if (model != null) {
                device.deniedModel();
            }
            throw Status.NOT_FOUND
                    .withDescription(BundleNames.notServed(bundleId, repository, device))
                    .asRuntimeException();
        }
        if (model.bundle() == null) {
            throw Status.FAILED_PRECONDITION
                    .withDescription(BundleNames.plain(model) + "; there is no edge view of it")
                    .asRuntimeException();
        }
        if (!EdgeViews.isOfferedBy(model.bundle())) {
            throw Status.FAILED_PRECONDITION
                    .withDescription("bundle " + bundleId + " is held as the "
                            + (model.bundle().isSealed() ? "sealed " : "")
                            + model.bundle().manifest().view().jsonName()
                            + " view; an edge view can be made from the full one in the clear only")
                    .asRuntimeException();
        }
        try {
            return edgeViews.of(model.bundle()).file();
        } catch (IOException e) {
            LOG.warn("edge view of {} cannot be written: {}", model.name(), e.toString());
            throw Status.INTERNAL
                    .withDescription("edge view of bundle " + bundleId + " cannot be written here")
                    .asRuntimeException();
        }
    }
}
