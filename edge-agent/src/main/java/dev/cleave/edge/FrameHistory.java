package dev.cleave.edge;

/**
 * What the frames of one stream have in common, as far as one version of the model answers them: the state that goes from one to the
 * next, and what they are coded against. A new version begins anew.
 *
 * @param video null: every boundary stands alone
 */
record FrameHistory(ModelInUse model, DeviceState state, VideoCoding video) {
    WireCodecs codecs() {
        return model.parts().codecs();
    }
}
