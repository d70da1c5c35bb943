package dev.cleave.cli.output;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows under headings, each column as wide as its widest cell; a column whose cells all begin with a digit (or are
 * empty) is aligned to the right. Built by one thread, printed by {@link Terminal#print(Table)}.
 */
public final class Table {
    private static final String GAP = "  ";
    private static final Pattern NUMBER = Pattern.compile("|-|[-+<>=~]*\\d.*");

    private final String[] headings;
    private final List<String[]> rows = new ArrayList<>();

    private Table(String[] headings) {
        this.headings = headings;
    }

    public static Table of(String... headings) {
        return new Table(headings.clone());
    }

    /**
     * Adds a row; null prints as {@code -}.
     *
     * @throws IllegalArgumentException unless there is one cell for each heading
     */
    public Table row(Object... cells) {
        if (cells.length != headings.length) {
            throw new IllegalArgumentException(cells.length + " cells; expected " + headings.length);
        }
        String[] texts = new String[cells.length];
        for (int column = 0; column < cells.length; column++) {
            texts[column] = cells[column] == null ? "-" : String.valueOf(cells[column]);
        }
        rows.add(texts);
        return this;
    }

    List<String> lines(Style style) {
        List<String> lines = new ArrayList<>();
        int[] widths = new int[headings.length];
        boolean[] rightAligned = new boolean[headings.length];
        for (int column = 0; column < headings.length; column++) {
            widths[column] = width(column);
            rightAligned[column] = isNumeric(column);
        }
        lines.add(style.bold(line(headings, widths, rightAligned)));
        for (String[] row : rows) {
            lines.add(line(row, widths, rightAligned));
        }
        return lines;
    }

    private static String line(String[] cells, int[] widths, boolean[] rightAligned) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < cells.length; column++) {
            String padding = " ".repeat(widths[column] - length(cells[column]));
            line.append(column == 0 ? "" : GAP)
                    .append(rightAligned[column] ? padding + cells[column] : cells[column] + padding);
        }
        return line.toString().stripTrailing();
    }

    private int width(int column) {
        int widest = length(headings[column]);
        for (String[] row : rows) {
            widest = Math.max(widest, length(row[column]));
        }
        return widest;
    }

    private boolean isNumeric(int column) {
        return !rows.isEmpty()
                && rows.stream().allMatch(row -> NUMBER.matcher(row[column]).matches());
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
