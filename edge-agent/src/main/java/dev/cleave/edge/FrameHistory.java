package dev.cleave.edge;

import dev.cleave.bundle.Contract;

/**
 * What the frames of one stream have in common, as far as one version of the model answers them: the state that goes from one to the
 * next, here and at the gateway, and what they are coded against. A new version begins anew.
 *
 * @param video null: every boundary stands alone
 * @param kept of the state or the video
 */
record FrameHistory(
        ModelInUse model, DeviceState state, GatewayState gatewayState, VideoCoding video, KeptAtGateway kept) {
    Contract contract() {
        return model.parts().contract();
    }

    WireCodecs codecs() {
        return model.parts().codecs();
    }

    /** The stream is closed, and its frames have ended: nothing is kept any longer, here or at the gateway. */
    void close() {
        if (video != null) {
            video.close();
        }
        kept.close();
    }
}
