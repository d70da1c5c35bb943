package dev.cleave.sample.photo;

import android.content.ContentProvider;
import android.content.ContentValues;
import android.database.Cursor;
import android.database.MatrixCursor;
import android.net.Uri;
import android.os.ParcelFileDescriptor;
import android.provider.OpenableColumns;
import java.io.File;
import java.io.FileNotFoundException;
import java.io.IOException;

/**
 * The one file that a camera app may write: {@code content://dev.cleave.sample.photo/taken}. Not exported; who takes a photo for
 * this app gets a permission for that address with the intent.
 */
public final class PhotoProvider extends ContentProvider {
    public static final Uri TAKEN = Uri.parse("content://dev.cleave.sample.photo/taken");

    private static final String NAME = "taken.jpg";

    @Override
    public boolean onCreate() {
        return true;
    }

    @Override
    public ParcelFileDescriptor openFile(Uri uri, String mode) throws FileNotFoundException {
        requireKnown(uri);
        try {
            File file = PhotoFile.taken(getContext());
            PhotoFile.ensure(file.getParentFile());
            return ParcelFileDescriptor.open(file, ParcelFileDescriptor.parseMode(mode));
        } catch (FileNotFoundException absent) {
            throw absent;
        } catch (IOException unwritable) {
            throw new FileNotFoundException(unwritable.getMessage());
        }
    }

    private static void requireKnown(Uri uri) throws FileNotFoundException {
        if (!TAKEN.equals(uri)) {
            throw new FileNotFoundException(uri + "; expected " + TAKEN);
        }
    }

    @Override
    public String getType(Uri uri) {
        return "image/jpeg";
    }

    @Override
    public Cursor query(Uri uri, String[] projection, String selection, String[] arguments, String order) {
        String[] columns =
                projection != null ? projection : new String[] {OpenableColumns.DISPLAY_NAME, OpenableColumns.SIZE};
        MatrixCursor cursor = new MatrixCursor(columns, 1);
        MatrixCursor.RowBuilder row = cursor.newRow();
        row.add(OpenableColumns.DISPLAY_NAME, NAME);
        row.add(OpenableColumns.SIZE, PhotoFile.taken(getContext()).length());
        return cursor;
    }

    @Override
    public Uri insert(Uri uri, ContentValues values) {
        return null;
    }

    @Override
    public int delete(Uri uri, String selection, String[] arguments) {
        return 0;
    }

    @Override
    public int update(Uri uri, ContentValues values, String selection, String[] arguments) {
        return 0;
    }
}
