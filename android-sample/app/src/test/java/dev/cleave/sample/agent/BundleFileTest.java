package dev.cleave.sample.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.robolectric.Shadows.shadowOf;

import android.content.Context;
import android.content.pm.PackageInfo;
import dev.cleave.sample.SampleRunner;
import dev.cleave.sample.TestPhotos;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.robolectric.RuntimeEnvironment;

@RunWith(SampleRunner.class)
public class BundleFileTest {
    private final Context context = RuntimeEnvironment.getApplication();

    @Test
    public void assetIsCopiedOnce() throws Exception {
        Path first = BundleFile.find(context);
        assertThat(Files.readString(first)).startsWith("This is no bundle");
        Files.writeString(first, "as it was copied");
        assertThat(BundleFile.find(context)).isEqualTo(first).hasContent("as it was copied");
        assertThat(context.getFilesDir().list()).hasSize(1);
    }

    @Test
    public void assetIsCopiedAgainWhenTheAppIsUpdated() throws Exception {
        Path old = BundleFile.find(context);
        PackageInfo installed =
                shadowOf(context.getPackageManager()).getInternalMutablePackageInfo(context.getPackageName());
        installed.lastUpdateTime += 1000;
        Path next = BundleFile.find(context);
        assertThat(next).isNotEqualTo(old).exists();
        assertThat(old).doesNotExist();
    }

    @Test
    public void fileOfTheDeveloperComesFirst() throws Exception {
        File given = TestPhotos.write(new File(context.getExternalFilesDir(null), BundleFile.NAME), new byte[] {1});
        assertThat(BundleFile.find(context)).isEqualTo(given.toPath());
        assertThat(context.getFilesDir().list()).isEmpty();
    }
}
