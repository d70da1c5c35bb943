package dev.cleave.cli.demo.lines;

import java.util.Locale;
import java.util.Random;

/** Makes up lines of ordinary words, dates, times, prices and numbers: 8 to 22 printable ASCII characters. */
final class LineText {
    static final int MIN_LENGTH = 8;
    static final int MAX_LENGTH = 22;

    private static final String[] WORDS = ("able about above across after again against almost along always among "
                    + "animal answer apple around autumn basket beach because before begin behind below between bird "
                    + "board book border bottle bottom bread bridge bright bring broken brother build butter camera "
                    + "candle carry castle center chair change cheese child circle city clean clear climb clock close "
                    + "cloud coast coffee cold color common copper corner cotton country cover cross dance dark "
                    + "daughter deep desert dinner doctor dream drive early earth east edge engine enough evening "
                    + "every family farmer father field figure finger finish flower follow forest forward fresh friend "
                    + "front garden glass gold grass great green ground group half hammer happy harbor heart heavy "
                    + "history honest horse hotel house hundred island jacket journey kitchen ladder large learn "
                    + "leather letter light listen little machine market meadow measure metal middle minute mirror "
                    + "money month morning mother mountain music narrow nature never night north number ocean office "
                    + "orange order other paper people picture planet plant pocket power price quick quiet rabbit "
                    + "railway reason record river road round sailor salt school season second silver simple sister "
                    + "smooth snow south square station stone storm story street strong sugar summer table teacher "
                    + "thunder ticket timber together tower travel tree valley village voice walk water weather west "
                    + "white window winter wonder yellow young")
            .split(" ");

    private LineText() {}

    /** The next line; the same for the same state of {@code random}. */
    static String next(Random random) {
        while (true) {
            StringBuilder line = new StringBuilder(piece(random));
            while (line.length() < MIN_LENGTH || random.nextBoolean()) {
                String more = piece(random);
                if (line.length() + 1 + more.length() > MAX_LENGTH) {
                    break;
                }
                line.append(' ').append(more);
            }
            if (line.length() >= MIN_LENGTH) {
                return line.toString();
            }
        }
    }

    private static String piece(Random random) {
        return switch (random.nextInt(10)) {
            case 0 ->
                format("%02d.%02d.%d", 1 + random.nextInt(28), 1 + random.nextInt(12), 1950 + random.nextInt(100));
            case 1 -> format("%02d:%02d", random.nextInt(24), random.nextInt(60));
            case 2 -> format("%d.%02d", 1 + random.nextInt(999), random.nextInt(100));
            case 3 -> String.valueOf(10 + random.nextInt(99_990));
            case 4, 5 -> capitalized(word(random));
            default -> word(random);
        };
    }

    private static String word(Random random) {
        return WORDS[random.nextInt(WORDS.length)];
    }

    private static String capitalized(String word) {
        return Character.toUpperCase(word.charAt(0)) + word.substring(1);
    }

    private static String format(String form, Object... values) {
        return String.format(Locale.ROOT, form, values);
    }
}
