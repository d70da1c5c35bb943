/* What a candidate is called and how it looks, the same in every chart. */

/** What all names begin with, back to a separator: this tells nothing apart. */
function sharedStart(names, separator) {
    let length = names.length < 2 ? 0 : Math.min(...names.map(name => name.length)) - 1;
    while (length > 0 && !names.every(name => name.slice(0, length) === names[0].slice(0, length))) {
        length--;
    }
    while (length > 0 && !separator.test(names[0][length - 1])) {
        length--;
    }
    return length;
}

/** What all names end with, from a separator on. */
function sharedEnd(names) {
    const turned = names.map(name => Array.from(name).reverse().join(''));
    return sharedStart(turned, /[/:._]/);
}

/** The first tensor's name without what it shares with the others, and how many there are besides. */
function boundaryName(tensors, shared, most) {
    const first = tensors[0] || '';
    const rest = tensors.length - 1;
    const own = first.slice(shared.start, first.length - shared.end);
    const name = own.length === 0 ? first
        : (shared.start > 0 ? '\u2026' : '') + own + (shared.end > 0 ? '\u2026' : '');
    return shortened(name, most) + (rest > 0 ? ` + ${rest} more` : '');
}

function candidateName(row, shared, most) {
    switch (row.kind) {
        case 'local':
            return 'All on the device';
        case 'cloud-raw':
            return 'All on the gateway, raw input';
        case 'cloud-compressed':
            return 'All on the gateway, ' + shortened(row.codec, 16);
        default:
            return 'Split at ' + boundaryName(row.tensors, shared, most);
    }
}

/** Candidates that a chart shows in colour: the chosen one, winners of a range, and those without a split. */
function isProminent(plan, row, index) {
    return row.refused === null
        && (index === plan.chosen || row.kind !== 'split' || plan.ranges.some(range => range.candidate === index));
}

/** For each candidate: its number from 1, names, colour, dash and whether it is shown in colour. */
function describe(plan) {
    const splits = plan.candidates.filter(row => row.kind === 'split' && row.tensors.length > 0);
    const names = splits.map(row => row.tensors[0]);
    const shared = names.every(name => name.length <= 30) ? {start: 0, end: 0}
        : {start: sharedStart(names, /[/:]/), end: sharedEnd(names)};
    let hue = 0;
    const looks = plan.candidates.map((row, index) => {
        const prominent = isProminent(plan, row, index);
        const split = row.kind === 'split';
        const hueName = !prominent || (split && hue === 5) ? 'other' : split ? 'split-' + ++hue : row.kind;
        return {
            index,
            row,
            prominent,
            hueName,
            number: String(index + 1),
            name: candidateName(row, shared, 34),
            shortName: candidateName(row, shared, 26),
            dash: row.refused !== null ? [2, 4] : split ? [] : row.kind === 'cloud-raw' ? [2, 3] : [7, 4],
        };
    });
    looks.forEach(look => Object.defineProperty(look, 'color', {get: () => color(look.hueName)}));
    return looks;
}

/** Legend entries that say a candidate's number and name, prominent ones only. */
function candidateLegend() {
    return {
        onClick: null,
        labels: {
            usePointStyle: true,
            pointStyleWidth: 32,
            generateLabels: chart => chart.data.datasets
                .map((dataset, datasetIndex) => ({dataset, datasetIndex, look: dataset.look}))
                .filter(line => !line.dataset.aside && line.look.prominent)
                .sort((a, b) => a.look.index - b.look.index)
                .map(({dataset, datasetIndex, look}) => ({
                    text: `${look.number}  ${look.name}`,
                    datasetIndex,
                    pointStyle: 'line',
                    strokeStyle: look.color,
                    fontColor: color('ink'),
                    lineDash: look.dash,
                    lineWidth: dataset.borderWidth,
                })),
        },
    };
}

function numbered(chart) {
    return chart.data.datasets
        .map((dataset, index) => ({look: dataset.look, aside: dataset.aside, points: chart.getDatasetMeta(index).data}))
        .filter(line => line.look && !line.aside && line.points.length > 0);
}

function drawNumber(chart, look, x, y) {
    badge(chart.ctx, x, y, look.number, look.prominent ? look.color : color('faint'),
        look.index === chart.options.chosen);
}

/** Numbers of candidates on their lines, as near to the start as others leave room. */
function numbersOnLines() {
    return {
        id: 'numbersOnLines',
        afterDatasetsDraw(chart) {
            const taken = [];
            numbered(chart).forEach(line => {
                const points = line.points.slice(1);
                const free = point => taken.every(other => Math.hypot(point.x - other.x, point.y - other.y) >= 20);
                const at = points.find(free) || points[0];
                taken.push(at);
                drawNumber(chart, line.look, at.x, at.y);
            });
        },
    };
}

/** Numbers of candidates where their lines end, each at the first place around the end that is free. */
function numbersAtEnd() {
    const around = [[15, 0], [12, 13], [12, -13], [0, 18], [0, -18], [34, 0], [30, 16], [30, -16], [0, 38], [52, 0]];
    return {
        id: 'numbersAtEnd',
        afterDatasetsDraw(chart) {
            const lines = numbered(chart);
            const taken = lines.flatMap(line => line.points.map(point => ({x: point.x, y: point.y, size: 13})));
            lines.forEach(line => {
                const end = line.points[line.points.length - 1];
                const free = ([dx, dy]) => taken.every(other =>
                    Math.hypot(end.x + dx - other.x, end.y + dy - other.y) >= other.size);
                const [dx, dy] = around.find(free) || around[0];
                taken.push({x: end.x + dx, y: end.y + dy, size: 20});
                drawNumber(chart, line.look, end.x + dx, end.y + dy);
            });
        },
    };
}
