package dev.cleave.bundle.zip;

/** Signatures, sizes and codes of the zip format, as this package uses it. */
final class ZipFormat {
    static final int LOCAL_HEADER = 0x04034b50;
    static final int CENTRAL_HEADER = 0x02014b50;
    static final int END = 0x06054b50;
    static final int ZIP64_END = 0x06064b50;
    static final int ZIP64_LOCATOR = 0x07064b50;

    static final int LOCAL_HEADER_BYTES = 30;
    static final int CENTRAL_HEADER_BYTES = 46;
    static final int END_BYTES = 22;
    static final int ZIP64_END_BYTES = 56;
    static final int ZIP64_LOCATOR_BYTES = 20;
    static final int EXTRA_HEADER_BYTES = 4;

    static final int STORED = 0;
    static final int FLAG_UTF8 = 1 << 11;

    /** Extra field with the 64-bit values of header fields that hold {@link #IN_ZIP64}. */
    static final int EXTRA_ZIP64 = 0x0001;
    /** Extra field that pads up to an alignment, the one that Android's zipalign writes. */
    static final int EXTRA_ALIGNMENT = 0xd935;

    static final long IN_ZIP64 = 0xffffffffL;
    static final int COUNT_IN_ZIP64 = 0xffff;

    static final int VERSION_STORED = 10;
    static final int VERSION_ZIP64 = 45;

    /** 1980-01-01 00:00, the first date that the format knows: bundles do not tell when they were made. */
    static final int DOS_TIME = 0;

    static final int DOS_DATE = 1 << 5 | 1;

    private ZipFormat() {}
}
