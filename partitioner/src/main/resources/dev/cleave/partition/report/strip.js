/* The network as a strip: what each layer costs on either machine, and how much would cross after it. */

const PANELS = [
    {axis: 'edge', field: 'edgeMillis', hue: 'head', words: 'device, ms', weight: 3},
    {axis: 'cloud', field: 'cloudMillis', hue: 'tail', words: 'gateway, ms', weight: 2},
];

/** After how many layers the chosen candidate leaves the device; null where no single place of the strip says it. */
function chosenPlace(plan) {
    if (plan.chosen < 0) {
        return null;
    }
    switch (plan.candidates[plan.chosen].kind) {
        case 'local':
            return plan.layers.length;
        case 'split': {
            const at = plan.layers.findIndex(layer => layer.candidate === plan.chosen);
            return at < 0 ? null : at + 1;
        }
        default:
            return 0;
    }
}

/** Tints for what runs where, and a numbered line for every candidate's cut. */
function cutMarks(plan, looks) {
    const place = chosenPlace(plan);
    return {
        id: 'cutMarks',
        beforeDraw(chart) {
            if (place === null) {
                return;
            }
            const {left, right, top, bottom} = chart.chartArea;
            const x = Math.min(Math.max(chart.scales.x.getPixelForValue(place + 0.5), left), right);
            chart.ctx.save();
            chart.ctx.fillStyle = color('device-tint');
            chart.ctx.fillRect(left, top, x - left, bottom - top);
            chart.ctx.fillStyle = color('gateway-tint');
            chart.ctx.fillRect(x, top, right - x, bottom - top);
            chart.ctx.restore();
        },
        afterDatasetsDraw(chart) {
            const {top, bottom, left, right} = chart.chartArea;
            const cuts = plan.layers
                .map((layer, index) => ({candidate: layer.candidate, x: chart.scales.x.getPixelForValue(index + 1.5)}))
                .filter(cut => cut.candidate !== null);
            const places = apart(cuts.map(cut => cut.x), 21, left, right);
            cuts.forEach((cut, index) => {
                const chosen = cut.candidate === plan.chosen;
                const ink = color(chosen ? 'accent' : 'muted');
                const corners = [[places[index], top - 20], [cut.x, top], [cut.x, bottom]];
                stroke(chart.ctx, corners, ink, chosen ? 2.5 : 1, chosen ? [] : [3, 3]);
                badge(chart.ctx, places[index], top - 20, looks[cut.candidate].number, ink, chosen);
            });
            runsWhere(chart, place);
        },
    };
}

/** Words at the bottom of the tints. */
function runsWhere(chart, place) {
    if (place === null) {
        return;
    }
    const {left, right} = chart.chartArea;
    const y = chart.scales.edge.top + 13;
    const x = Math.min(Math.max(chart.scales.x.getPixelForValue(place + 0.5), left), right);
    if (x - left > 130) {
        label(chart.ctx, 'runs on the device', x - 10, y, 'right', color('head'), font(12.5, 600), color('surface'));
    }
    if (right - x > 130) {
        label(chart.ctx, 'runs on the gateway', x + 10, y, 'left', color('tail'), font(12.5, 600), color('surface'));
    }
}

/** A size of 0, which a logarithmic axis has no place for, is a gap. */
function boundaryLine(plan) {
    const cut = layer => layer.candidate !== null;
    return {
        type: 'line',
        label: 'boundary',
        yAxisID: 'bytes',
        data: plan.layers.map((layer, index) => ({x: index + 1.5, y: layer.boundaryBytes || null})),
        borderColor: color('uplink'),
        borderWidth: plan.layers.length > 200 ? 1 : 2,
        pointRadius: plan.layers.map(layer => cut(layer) ? 4.5 : 0),
        pointBackgroundColor: plan.layers.map(layer =>
            color(layer.candidate !== null && layer.candidate === plan.chosen ? 'accent' : 'uplink')),
        pointBorderColor: color('surface'),
        clip: false,
    };
}

function layerTooltip(plan) {
    const at = item => Math.round(item.parsed.x - (item.dataset.yAxisID === 'bytes' ? 0.5 : 0));
    return {
        callbacks: {
            title: items => {
                const layer = at(items[0]);
                return `${layer}. ${shortened(plan.layers[layer - 1].label, 70)}`;
            },
            label: item => item.dataset.yAxisID === 'bytes'
                ? ` ${bytes(item.parsed.y)} would cross right after it`
                : ` ${millis(item.parsed.y)} on the ${item.dataset.label}`,
        },
    };
}

function panelAxis(panel) {
    return {
        type: 'linear', position: 'left', stack: 'strip', stackWeight: panel.weight, offset: false, beginAtZero: true,
        grace: '8%', border: {display: false}, title: axisTitle(panel.words, color(panel.hue)),
        ticks: {maxTicksLimit: 5, callback: (value, index, ticks) => index === ticks.length - 1 ? null : digits(value)},
    };
}

function stripChart(plan, looks) {
    if (plan.layers.length === 0) {
        return null;
    }
    const place = chosenPlace(plan);
    const runsThere = (panel, index) => place === null || (panel.axis === 'edge') === index < place;
    const scales = {
        x: {type: 'linear', offset: false, min: 0.5, max: plan.layers.length + 0.5, grid: {display: false},
            title: axisTitle('layer, in running order'),
            ticks: {precision: 0, includeBounds: false, maxRotation: 0,
                callback: value => Number.isInteger(value) && value > 0 ? value : null}},
        bytes: {type: 'logarithmic', position: 'left', stack: 'strip', stackWeight: 3, offset: true,
            border: {display: false}, title: axisTitle('would cross', color('uplink')), ...logTicks(bytes)},
    };
    PANELS.slice().reverse().forEach(panel => {
        scales[panel.axis] = panelAxis(panel);
    });
    return {
        type: 'bar',
        data: {
            datasets: PANELS.map(panel => ({
                label: panel.axis === 'edge' ? 'device' : 'gateway',
                yAxisID: panel.axis,
                data: plan.layers.map((layer, index) => ({x: index + 1, y: layer[panel.field]})),
                backgroundColor: plan.layers.map((layer, index) =>
                    color(panel.hue) + (runsThere(panel, index) ? '' : '40')),
                grouped: false,
                categoryPercentage: 1,
                barPercentage: 0.78,
                maxBarThickness: 40,
            })).concat(boundaryLine(plan)),
        },
        options: {
            layout: {padding: {top: 44, right: 12}},
            interaction: {mode: 'nearest', axis: 'x', intersect: false},
            scales,
            plugins: {legend: {display: false}, tooltip: layerTooltip(plan)},
        },
        plugins: [cutMarks(plan, looks)],
    };
}

function stripAbout(plan) {
    if (plan.layers.length === 0) {
        return '';
    }
    const place = chosenPlace(plan);
    const unplaced = plan.chosen >= 0 && place === null
        ? ' The chosen cut runs across branches, so no single place in the strip shows it.' : '';
    return 'Each layer\u2019s time on either machine, and the uncompressed size of what would cross right after it. '
        + 'Numbered lines are the candidates\u2019 cuts.'
        + (place === null ? unplaced : ' Full colour: where the chosen plan runs the layer.')
        + (plan.edgeSlowdown === 1 ? ''
            : ` Device times are simulated: \u00d7${digits(plan.edgeSlowdown)}.`);
}
