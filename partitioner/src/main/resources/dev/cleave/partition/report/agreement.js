/* What can be had for how many bytes: every level of every candidate's codec. */

function knownLevels(row) {
    return row.levels.filter(level => level.agreement !== null);
}

function unknownLevels(plan) {
    return plan.candidates.reduce((sum, row) => sum + row.levels.length - knownLevels(row).length, 0);
}

function levelLine(plan, look) {
    const levels = knownLevels(look.row);
    const chosen = look.index === plan.chosen;
    const used = level => level.label === look.row.codec;
    const ink = look.color;
    return {
        label: `${look.number}  ${look.name}`,
        look,
        data: levels.map(level => ({x: level.wireBytes, y: level.agreement, label: level.label})),
        borderColor: ink,
        backgroundColor: ink,
        borderDash: look.dash,
        borderWidth: chosen ? 3 : look.prominent ? 2 : 1.25,
        pointStyle: 'circle',
        pointRadius: levels.map(level => used(level) ? (chosen ? 8 : 5) : 3),
        pointBackgroundColor: levels.map(level => used(level) ? ink : color('surface')),
        pointBorderColor: levels.map(level => used(level) && chosen ? color('ink') : ink),
        pointBorderWidth: levels.map(level => used(level) && chosen ? 2 : 1.5),
        order: chosen ? 0 : look.prominent ? 1 : 2,
        clip: false,
    };
}

/** Words near the chosen level, where they hide no other point. */
function chosenLevel(plan) {
    const style = font(13, 700);
    return {
        id: 'chosenLevel',
        afterDatasetsDraw(chart) {
            const lines = numbered(chart);
            const index = lines.findIndex(line => line.look.index === plan.chosen);
            const data = index < 0 ? [] : chart.data.datasets[index].data;
            const at = data.findIndex(point => point.label === lines[index].look.row.codec);
            if (at < 0) {
                return;
            }
            const text = `chosen: ${shortened(data[at].label, 28)}, ${bytes(data[at].x)}`;
            const {x, y} = lines[index].points[at];
            chart.ctx.font = style;
            const width = chart.ctx.measureText(text).width;
            const left = x + 14 + width > chart.chartArea.right ? x - 14 - width : x + 14;
            const points = lines.flatMap(line => line.points);
            const free = dy => y + dy < chart.chartArea.bottom - 8 && points.every(point => point.x < left - 8
                || point.x > left + width + 8 || Math.abs(point.y - y - dy) > 14);
            const below = [12, 22, 32, 42, 52, 62, 72, -22, -32].find(free) || 12;
            label(chart.ctx, text, left, y + below, 'left', color('accent'), style, color('surface'));
        },
    };
}

function agreementChart(plan, looks) {
    const shown = looks.filter(look => knownLevels(look.row).length > 0);
    if (shown.length === 0) {
        return null;
    }
    const agreements = shown.flatMap(look => knownLevels(look.row).map(level => level.agreement));
    const sizes = shown.flatMap(look => knownLevels(look.row).map(level => level.wireBytes));
    const spanned = 1.001 - Math.min(...agreements);
    const step = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2].find(size => spanned / size <= 7);
    const lowest = Math.max(0, 1 - step * Math.ceil(spanned / step));
    return {
        type: 'line',
        data: {datasets: shown.map(look => levelLine(plan, look))},
        options: {
            chosen: plan.chosen,
            layout: {padding: {top: 16, right: 34}},
            interaction: {mode: 'nearest', intersect: false},
            scales: {
                x: {type: 'logarithmic', min: Math.max(1, Math.min(...sizes) / 1.3), max: Math.max(...sizes) * 1.3,
                    title: axisTitle('bytes up for one input'), grid: {display: false}, ...logTicks(bytes)},
                y: {min: lowest, max: 1, border: {display: false},
                    title: axisTitle('same answer as the whole model (' + shortened(plan.metric, 24) + ')'),
                    ticks: {callback: value => digits(value * 100) + ' %', stepSize: step}},
            },
            plugins: {
                legend: candidateLegend(),
                tooltip: {callbacks: {
                    title: items => items[0].dataset.look.name,
                    label: item => ` ${item.raw.label}: ${percent(item.raw.y)} at ${bytes(item.raw.x)}`,
                }},
            },
        },
        plugins: [numbersAtEnd(), chosenLevel(plan)],
    };
}

function agreementAbout(plan, looks) {
    const unknown = unknownLevels(plan);
    const rival = looks.find(look => look.row.kind === 'cloud-compressed' && knownLevels(look.row).length > 0);
    return 'Further left is cheaper, higher is better. Filled points are the levels that the plan\u2019s figures are '
        + 'for.'
        + (rival ? ` The rival is candidate ${rival.number}: the compressed input itself.` : '')
        + (unknown === 0 ? '' : ` Not shown: ${count(unknown, 'level')} whose agreement was not measured.`);
}
