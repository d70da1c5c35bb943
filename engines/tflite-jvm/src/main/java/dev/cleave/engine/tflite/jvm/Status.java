package dev.cleave.engine.tflite.jvm;

import org.bytedeco.tensorflowlite.global.tensorflowlite;

/** What a call of TensorFlow Lite returns, in words. */
final class Status {
    private Status() {}

    static String text(int status) {
        switch (status) {
            case tensorflowlite.kTfLiteOk:
                return "ok";
            case tensorflowlite.kTfLiteError:
                return "error; its reason is on standard error";
            case tensorflowlite.kTfLiteDelegateError:
                return "error of a delegate; its reason is on standard error";
            case tensorflowlite.kTfLiteUnresolvedOps:
                return "unknown operators; their names are on standard error";
            case tensorflowlite.kTfLiteCancelled:
                return "cancelled";
            default:
                return "status " + status;
        }
    }
}
