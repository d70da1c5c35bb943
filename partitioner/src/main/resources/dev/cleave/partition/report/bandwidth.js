/* The classic picture: totals against the uplink, and above them who wins where. */

/** Ranges as far as the axis goes. */
function rangesWithin(plan, least, most) {
    return plan.ranges
        .map(range => ({
            candidate: range.candidate,
            from: Math.max(range.fromBitsPerSecond, least),
            to: Math.min(range.toBitsPerSecond === null ? most : range.toBitsPerSecond, most),
        }))
        .filter(range => range.to > range.from);
}

function winnerBars(plan, looks, least, most) {
    return rangesWithin(plan, least, most).map(range => ({
        label: 'best: ' + looks[range.candidate].name,
        aside: true,
        look: looks[range.candidate],
        yAxisID: 'winner',
        data: [{x: range.from, y: 0.5}, {x: range.to, y: 0.5}],
        borderColor: looks[range.candidate].color,
        borderWidth: 22,
        borderCapStyle: 'butt',
        pointRadius: 0,
        pointHitRadius: 0,
        clip: 0,
    }));
}

function totalLines(plan, looks) {
    return looks.map(look => ({
        label: `${look.number}  ${look.name}`,
        look,
        yAxisID: 'millis',
        data: plan.latency.uplinkBitsPerSecond.map((uplink, step) =>
            ({x: uplink, y: plan.latency.totalMillis[look.index][step]})),
        borderColor: look.color,
        borderDash: look.dash,
        borderWidth: look.index === plan.chosen ? 3 : look.prominent ? 2 : 1.25,
        pointRadius: 0,
        pointHitRadius: 4,
        order: look.index === plan.chosen ? 0 : look.prominent ? 1 : 2,
    }));
}

/** Names in the winners' bars, borders between them through the lines, and this plan's link. */
function bandwidthNotes(plan, looks) {
    return {
        id: 'bandwidthNotes',
        afterDatasetsDraw(chart) {
            const {ctx, scales, chartArea} = chart;
            rangesWithin(plan, scales.x.min, scales.x.max).forEach(range => {
                const from = scales.x.getPixelForValue(range.from);
                const to = scales.x.getPixelForValue(range.to);
                const look = looks[range.candidate];
                const y = scales.winner.getPixelForValue(0.5);
                if (range.from > scales.x.min) {
                    verticalLine(ctx, from, y - 11, y + 11, color('surface'), 2);
                    verticalLine(ctx, from, y + 12, chartArea.bottom, color('faint'), 1, [2, 3]);
                }
                ctx.font = font(12, 600);
                const words = [`${look.number}  ${look.shortName}`, look.number]
                    .find(text => ctx.measureText(text).width < to - from - 4);
                if (words) {
                    label(ctx, words, (from + to) / 2, y + 0.5, 'center', color('surface'), font(12, 600));
                }
            });
            const x = scales.x.getPixelForValue(plan.link.uplinkBitsPerSecond);
            const toLeft = x > (chartArea.left + chartArea.right) / 2;
            verticalLine(ctx, x, chartArea.top - 8, chartArea.bottom, color('ink'), 1.5);
            label(ctx, 'this link: ' + rate(plan.link.uplinkBitsPerSecond), x + (toLeft ? 4 : -4), chartArea.top - 18,
                toLeft ? 'right' : 'left', color('ink'), font(12.5, 600));
        },
    };
}

function bandwidthScales(plan, least, most) {
    const scales = {
        x: {type: 'logarithmic', min: least, max: most, grid: {display: false}, title: axisTitle('uplink'),
            ...logTicks(rate)},
        millis: {type: 'logarithmic', position: 'left', stack: 'totals', stackWeight: 9,
            title: axisTitle('milliseconds from input to answer'), border: {display: false}, ...logTicks(digits)},
    };
    if (plan.ranges.length > 0) {
        scales.winner = {type: 'linear', position: 'left', stack: 'totals', stackWeight: 1, min: 0, max: 1,
            grid: {display: false}, border: {display: false}, ticks: {display: false}};
    }
    return scales;
}

function bandwidthChart(plan, looks) {
    const uplinks = plan.latency.uplinkBitsPerSecond;
    const least = uplinks[0];
    const most = uplinks[uplinks.length - 1];
    return {
        type: 'line',
        data: {datasets: totalLines(plan, looks).concat(winnerBars(plan, looks, least, most))},
        options: {
            chosen: plan.chosen,
            layout: {padding: {top: 30, right: 14}},
            interaction: {mode: 'nearest', intersect: false},
            scales: bandwidthScales(plan, least, most),
            plugins: {
                legend: candidateLegend(),
                tooltip: {
                    filter: item => !item.dataset.aside,
                    callbacks: {
                        title: items => items.length === 0 ? '' : looks[items[0].dataset.look.index].name,
                        label: item => ` ${millis(item.parsed.y)} at ${rate(item.parsed.x)}`,
                    },
                },
            },
        },
        plugins: [numbersOnLines(), bandwidthNotes(plan, looks)],
    };
}

function bandwidthAbout(plan, looks) {
    const ratio = plan.link.downlinkBitsPerSecond / plan.link.uplinkBitsPerSecond;
    const grey = looks.some(look => !look.prominent) ? ' Thin grey lines never win or are refused.' : '';
    return (plan.ranges.length === 0 ? '' : 'The bar names the winner for the objective \u201c'
        + plan.objective + '\u201d; the lines are total times. ')
        + `The round trip stays at ${millis(plan.link.rttMillis)}`
        + (ratio === 1 ? ', and the downlink is as fast as the uplink.'
            : `, and the downlink at ${digits(ratio)} times the uplink.`) + grey;
}
