package dev.cleave.benchmarks.codec;

import dev.cleave.benchmarks.plan.MaterialFolder;
import dev.cleave.partition.sample.SampleException;
import dev.cleave.partition.sample.Samples;
import dev.cleave.picture.Picture;
import dev.cleave.picture.PictureCodecs;
import dev.cleave.picture.PictureFormat;
import dev.cleave.picture.Preprocessing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** Videos at the size of a picture model: of a road, filmed by a camera that stands still, and made from photographs. */
final class VideoMaterial {
    /** Pictures of the road, of which the first is there twice. */
    private static final String ROAD = "data/video/frames/car-detection";

    private static final Preprocessing GEOMETRY = Preprocessing.parse("{\"resize\":256,\"crop\":224}");
    private static final long MOST_PIXELS = 1 << 26;
    /** Of a view, in parts of the road's width. */
    private static final double VIEW_WIDTH = 252.0 / 384;

    private static final int STILL_FRAMES = 40;
    private static final int PATCH_SIDE = 32;
    private static final int PATCH_STEP = 3;

    private VideoMaterial() {}

    /**
     * What a camera beside a road sees: its left, its middle and its right, each as it is and mirrored.
     *
     * @param views 1..6
     */
    static List<List<Picture>> road(int views) throws IOException {
        List<Picture> whole = new ArrayList<>();
        try (Stream<Path> files = Files.list(MaterialFolder.find().require(ROAD))) {
            for (Path file : files.sorted().skip(1).toList()) {
                ByteBuffer jpeg = ByteBuffer.wrap(Files.readAllBytes(file));
                whole.add(PictureCodecs.find().decode(PictureFormat.JPEG, jpeg, MOST_PIXELS));
            }
        }
        List<List<Picture>> videos = new ArrayList<>();
        for (int view = 0; view < views; view++) {
            List<Picture> video = new ArrayList<>();
            for (Picture picture : whole) {
                video.add(GEOMETRY.geometry(view(picture, view % 3, view >= 3)));
            }
            videos.add(video);
        }
        return videos;
    }

    private static Picture view(Picture from, int third, boolean mirrored) {
        int width = (int) (from.width() * VIEW_WIDTH);
        int left = (from.width() - width) * third / 2;
        byte[] rgb = new byte[width * from.height() * 3];
        for (int y = 0; y < from.height(); y++) {
            for (int x = 0; x < width; x++) {
                int to = mirrored ? width - 1 - x : x;
                System.arraycopy(from.rgb(), (y * from.width() + left + x) * 3, rgb, (y * width + to) * 3, 3);
            }
        }
        return new Picture(width, from.height(), rgb);
    }

    /**
     * Photographs over each of which a piece of another one moves: {@value #PATCH_SIDE} pixels wide and high, {@value #PATCH_STEP} to
     * the right and one down with every frame.
     *
     * @param noise standard deviation of a sensor's noise, in grey levels, anew in every frame
     */
    static List<List<Picture>> still(Samples photographs, int count, double noise) throws SampleException {
        List<List<Picture>> videos = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Picture scene = photographs.get(i * photographs.size() / count).picture();
            Picture other = photographs
                    .get((i * photographs.size() / count + 1) % photographs.size())
                    .picture();
            Random random = new Random(i);
            List<Picture> video = new ArrayList<>();
            for (int time = 0; time < STILL_FRAMES; time++) {
                byte[] rgb = scene.rgb().clone();
                put(other, rgb, scene.width(), 40 + PATCH_STEP * time, 60 + time);
                addNoise(rgb, noise, random);
                video.add(new Picture(scene.width(), scene.height(), rgb));
            }
            videos.add(video);
        }
        return videos;
    }

    /** The middle of a picture. */
    private static void put(Picture from, byte[] rgb, int width, int left, int top) {
        int x0 = (from.width() - PATCH_SIDE) / 2;
        int y0 = (from.height() - PATCH_SIDE) / 2;
        for (int y = 0; y < PATCH_SIDE; y++) {
            int at = ((y0 + y) * from.width() + x0) * 3;
            System.arraycopy(from.rgb(), at, rgb, ((top + y) * width + left) * 3, PATCH_SIDE * 3);
        }
    }

    private static void addNoise(byte[] rgb, double noise, Random random) {
        for (int i = 0; noise > 0 && i < rgb.length; i++) {
            long value = (rgb[i] & 0xff) + Math.round(noise * random.nextGaussian());
            rgb[i] = (byte) Math.max(0, Math.min(255, value));
        }
    }
}
