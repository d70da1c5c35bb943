package dev.cleave.bundle;

import com.google.gson.stream.JsonWriter;
import dev.cleave.codec.context.ContextModel;
import dev.cleave.codec.context.ContextModel.Channel;
import dev.cleave.codec.context.SymbolTable;
import java.io.IOException;
import java.util.List;

/**
 * The key {@code context} of a {@code quant} codec in {@code contract.json}. A channel is the list {@code [start, group, bias,
 * west, north, northWest, northEast]}, a table the list {@code [first, escape, frequencies ..]}.
 */
final class ContextModelJson {
    private static final int CHANNEL_NUMBERS = 7;

    private ContextModelJson() {}

    static ContextModel read(StrictJson json) throws IOException {
        json.begin("axis", "channels", "bins", "tableOf", "tables");
        int axis = json.integer("axis");
        List<Channel> channels = json.list("channels", ContextModel.MAX_CHANNELS, ContextModelJson::channel);
        int bins = json.integer("bins");
        List<Integer> tableOf =
                json.list("tableOf", ContextModel.MAX_GROUPS * ContextModel.MAX_BINS, StrictJson::integer);
        List<SymbolTable> tables = json.list("tables", ContextModel.MAX_TABLES, ContextModelJson::table);
        json.end();
        try {
            return new ContextModel(axis, channels, bins, tableOf, tables);
        } catch (IllegalArgumentException refused) {
            throw new BundleException(BundlePath.CONTRACT + ": " + refused.getMessage());
        }
    }

    private static Channel channel(StrictJson json) throws IOException {
        List<Integer> numbers = json.list(CHANNEL_NUMBERS, StrictJson::integer);
        if (numbers.size() != CHANNEL_NUMBERS) {
            throw json.wrong("a channel of " + numbers.size() + " numbers", "" + CHANNEL_NUMBERS);
        }
        try {
            return new Channel(
                    numbers.get(0),
                    numbers.get(1),
                    numbers.get(2),
                    numbers.get(3),
                    numbers.get(4),
                    numbers.get(5),
                    numbers.get(6));
        } catch (IllegalArgumentException refused) {
            throw new BundleException(BundlePath.CONTRACT + ": " + refused.getMessage());
        }
    }

    private static SymbolTable table(StrictJson json) throws IOException {
        List<Integer> numbers = json.list(2 + SymbolTable.MAX_SIZE, StrictJson::integer);
        if (numbers.size() < 3) {
            throw json.wrong("a table of " + numbers.size() + " numbers", "3 or more");
        }
        int[] frequencies = new int[numbers.size() - 2];
        for (int i = 0; i < frequencies.length; i++) {
            frequencies[i] = numbers.get(i + 2);
        }
        try {
            return new SymbolTable(numbers.get(0), numbers.get(1), frequencies);
        } catch (IllegalArgumentException refused) {
            throw new BundleException(BundlePath.CONTRACT + ": " + refused.getMessage());
        }
    }

    static void write(JsonWriter json, ContextModel model) throws IOException {
        json.beginObject();
        json.name("axis").value(model.axis());
        json.name("channels").beginArray();
        for (Channel channel : model.channels()) {
            json.beginArray();
            json.value(channel.start()).value(channel.group()).value(channel.bias());
            json.value(channel.west()).value(channel.north());
            json.value(channel.northWest()).value(channel.northEast());
            json.endArray();
        }
        json.endArray();
        json.name("bins").value(model.bins());
        json.name("tableOf").beginArray();
        for (int table : model.tableOf()) {
            json.value(table);
        }
        json.endArray();
        json.name("tables").beginArray();
        for (SymbolTable table : model.tables()) {
            json.beginArray().value(table.first()).value(table.escape());
            for (int i = 0; i < table.size(); i++) {
                json.value(table.frequency(i));
            }
            json.endArray();
        }
        json.endArray();
        json.endObject();
    }
}
