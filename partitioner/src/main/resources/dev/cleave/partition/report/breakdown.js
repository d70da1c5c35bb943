/* The stacked bar of every candidate, best first. */

const PARTS = [
    ['head', 'headMillis', 'head (device)'],
    ['encode', 'encodeMillis', 'encode (device)'],
    ['uplink', 'uplinkMillis', 'uplink'],
    ['decode', 'decodeMillis', 'decode (gateway)'],
    ['tail', 'tailMillis', 'tail (gateway)'],
    ['downlink', 'downlinkMillis', 'downlink'],
];

/** Refused candidates are grey: the share of ink in each part. */
const GREYS = ['66', '4d', '33', '4d', '66', '26'];

/** A bar many times as long as the best one would leave no room for the others; it is cut off and says so. */
const LONGEST = 8;

function barLimit(plan) {
    const totals = plan.candidates.map(row => row.totalMillis);
    const open = plan.candidates.filter(row => row.refused === null).map(row => row.totalMillis);
    const limit = LONGEST * Math.min(...(open.length > 0 ? open : totals));
    return Math.max(...totals) > limit ? limit : null;
}

function rowLabel(look) {
    const row = look.row;
    const facts = row.kind === 'local' ? ['nothing crosses'] : [bytes(row.wireBytes) + ' up'];
    if (row.kind !== 'local') {
        facts.push(row.agreement === null ? 'agreement unknown' : percent(row.agreement) + ' agree');
    }
    return [look.number + '   ' + look.name, facts.join(', ')];
}

function endLabel(plan, look, limit) {
    const words = [];
    if (limit !== null && look.row.totalMillis > limit) {
        words.push('\u2192');
    }
    words.push(millis(look.row.totalMillis));
    if (look.row.refused !== null) {
        words.push('refused: ' + look.row.refused);
    } else if (!look.row.measured) {
        words.push('predicted');
    } else if (look.index === plan.chosen) {
        words.push('chosen');
    }
    return words.join('  ');
}

/** A tint behind the chosen row, and at the end of each bar its total. */
function barNotes(plan, looks, limit) {
    const middle = (chart, index) => chart.scales.y.getPixelForValue(index);
    return {
        id: 'barNotes',
        beforeDatasetsDraw(chart) {
            if (plan.chosen >= 0) {
                const height = chart.scales.y.height / looks.length;
                chart.ctx.save();
                chart.ctx.fillStyle = color('chosen-tint');
                chart.ctx.fillRect(0, middle(chart, plan.chosen) - height / 2, chart.width, height);
                chart.ctx.restore();
            }
        },
        afterDatasetsDraw(chart) {
            looks.forEach(look => {
                const chosen = look.index === plan.chosen;
                const end = Math.min(chart.scales.x.getPixelForValue(look.row.totalMillis), chart.chartArea.right);
                const ink = chosen ? color('accent') : look.row.refused !== null ? color('muted') : color('ink');
                const style = font(13, chosen ? 700 : 500);
                const words = fitted(chart.ctx, endLabel(plan, look, limit), chart.width - end - 8, style);
                label(chart.ctx, words, end + 8, middle(chart, look.index), 'left', ink, style);
            });
        },
    };
}

function breakdownTooltip(looks) {
    return {
        callbacks: {
            title: items => looks[items[0].dataIndex].number + ' ' + looks[items[0].dataIndex].name,
            label: item => ` ${item.dataset.label}: ${millis(item.raw)}`,
            footer: items => looks[items[0].dataIndex].row.refused || '',
        },
    };
}

function breakdownChart(plan, looks) {
    const limit = barLimit(plan);
    const shade = (name, part) => looks.map(look =>
        look.row.refused === null ? color(name) : color('faint') + GREYS[part]);
    return {
        type: 'bar',
        data: {
            labels: looks.map(rowLabel),
            datasets: PARTS.map(([name, field, words], part) => ({
                label: words,
                data: plan.candidates.map(row => row[field]),
                backgroundColor: shade(name, part),
                legendColor: color(name),
                borderColor: color('surface'),
                borderWidth: {right: 1},
                borderSkipped: false,
                barThickness: 22,
            })),
        },
        options: {
            indexAxis: 'y',
            layout: {padding: {right: 156}},
            scales: {
                x: {stacked: true, max: limit === null ? undefined : limit, border: {display: false},
                    ticks: {includeBounds: false, maxRotation: 0},
                    title: axisTitle('milliseconds from input to answer' + simulatedWords(plan))},
                y: {stacked: true, grid: {display: false}, border: {display: false},
                    ticks: {
                        crossAlign: 'far',
                        color: tick => color(looks[tick.index]?.row.refused === null ? 'ink' : 'muted'),
                        font: tick => ({size: 12.5, weight: tick.index === plan.chosen ? 700 : 400}),
                    },
                },
            },
            plugins: {
                legend: {position: 'top', align: 'start', onClick: null,
                    labels: {boxWidth: 12, boxHeight: 12, generateLabels: chart => chart.data.datasets.map(
                        (dataset, datasetIndex) => ({text: dataset.label, fillStyle: dataset.legendColor,
                            strokeStyle: dataset.legendColor, lineWidth: 0, fontColor: color('ink'),
                            datasetIndex}))}},
                tooltip: breakdownTooltip(looks),
            },
        },
        plugins: [barNotes(plan, looks, limit)],
    };
}

function simulatedWords(plan) {
    return plan.edgeSlowdown === 1 ? '' : ` (device simulated, \u00d7${digits(plan.edgeSlowdown)})`;
}

function breakdownAbout(plan) {
    const limit = barLimit(plan);
    return 'One input on otherwise idle machines, on this link. Best first for the objective.'
        + (plan.candidates.some(row => row.refused !== null) ? ' Grey rows are refused by a constraint.' : '')
        + (plan.candidates.some(row => !row.measured)
            ? ' Predicted rows were not run: their times are sums of single operators.' : '')
        + (limit === null ? '' : ' Bars with an arrow go on beyond the axis.');
}
