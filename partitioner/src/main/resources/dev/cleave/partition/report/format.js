/* Numbers with their units, as people read them. */

/** About three significant digits, all of them. */
function padded(value) {
    return value >= 100 || value === 0
        ? Math.round(value).toLocaleString('en')
        : value.toFixed(value >= 10 ? 1 : value >= 0.995 ? 2 : 3);
}

/** About three significant digits without zeros at the end. */
function digits(value) {
    return padded(value).replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');
}

function scaled(value, units) {
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit++;
    }
    return digits(value) + ' ' + units[unit];
}

function millis(value) {
    return value < 10000 ? digits(value) + ' ms' : digits(value / 1000) + ' s';
}

function bytes(value) {
    return scaled(value, ['B', 'KB', 'MB', 'GB']);
}

function rate(value) {
    return scaled(value, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s']);
}

function percent(share) {
    return (share === 1 ? '100' : (share * 100).toFixed(1)) + ' %';
}

function count(number, thing) {
    return number + ' ' + thing + (number === 1 ? '' : 's');
}

/** A long sentence with its end left out. */
function cutOff(text, most) {
    return text.length <= most ? text : text.slice(0, Math.max(0, most - 1)) + '\u2026';
}

/** A long name with its middle left out. */
function shortened(text, most) {
    if (text.length <= most) {
        return text;
    }
    const end = Math.floor(most * 0.45);
    return text.slice(0, most - end - 1) + '\u2026' + text.slice(text.length - end);
}
