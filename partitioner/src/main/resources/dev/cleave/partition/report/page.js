/* Puts the page together from the plan's document. */

const OBJECTIVES = {
    latency: 'least time from input to answer',
    gateway: 'least gateway time among the fast ones',
    bytes: 'fewest bytes up among the fast ones',
    throughput: 'most inputs per second',
};

const plan = JSON.parse(document.getElementById('plan').textContent);
const looks = describe(plan);

const CHARTS = [
    {id: 'breakdown', make: breakdownChart, about: breakdownAbout, height: () => 108 + 46 * plan.candidates.length,
        empty: 'There is no candidate.'},
    {id: 'strip', make: stripChart, about: stripAbout, height: () => 500,
        empty: 'The layers of this model were not timed.'},
    {id: 'bandwidth', make: bandwidthChart, about: bandwidthAbout, height: () => 540, empty: 'There is no candidate.'},
    {id: 'agreement', make: agreementChart, about: agreementAbout, height: () => 460,
        empty: 'No agreement was measured for this plan.'},
];

function fillHead() {
    // A sentence ends before a capital: names of tensors hold dots too.
    const [first, ...rest] = plan.reason.split(/(?<=[.!?])\s+(?=[A-Z])/);
    document.title = 'Cleave plan: ' + plan.model;
    document.getElementById('model').textContent = plan.model;
    document.getElementById('reason').textContent = first;
    document.getElementById('reason').classList.toggle('long', first.length > 140);
    document.getElementById('reason-rest').textContent = rest.join(' ');
    const link = plan.link;
    fact('Device', plan.edge, plan.edgeSlowdown === 1 ? null
        : `simulated: measured times \u00d7 ${digits(plan.edgeSlowdown)}`);
    fact('Gateway', plan.cloud);
    fact('Link', `${rate(link.uplinkBitsPerSecond)} up, ${rate(link.downlinkBitsPerSecond)} down, `
        + `${millis(link.rttMillis)} there and back`);
    fact('Objective', `${plan.objective}: ${OBJECTIVES[plan.objective]}`);
    if (plan.chosen >= 0) {
        fillFigures(plan.candidates[plan.chosen]);
    }
}

function fact(name, text, simulated) {
    const value = element('dd', text);
    if (simulated) {
        value.appendChild(element('span', simulated, 'simulated'));
    }
    append(document.getElementById('facts'), append(element('div'), element('dt', name), value));
}

function fillFigures(row) {
    const figure = (value, words) => append(document.getElementById('figures'),
        append(element('li'), element('b', value), element('span', words)));
    figure(millis(row.totalMillis), 'from input to answer');
    figure(row.kind === 'local' ? 'nothing' : bytes(row.wireBytes), 'sent up for one input');
    if (row.agreement !== null) {
        figure(percent(row.agreement), `same answer (${shortened(plan.metric, 24)})`);
    }
    figure(millis(row.decodeMillis + row.tailMillis), 'of gateway time');
}

function fillMethod() {
    const list = document.getElementById('method');
    [
        `${plan.model} has ${count(plan.nodes, 'node')}. Costs are for one row of input on otherwise idle machines; `
            + 'measured rows are heads and tails of that very cut, run; predicted rows add up single operators.',
        'total = head + encode + round trip / 2 + bytes up / uplink + decode + tail + bytes down / downlink '
            + '+ round trip / 2; on the device alone it is the head.',
        `Agreement (${plan.metric}) is the share of sample inputs with the same answer as the unsplit model, `
            + 'in the table with its 95 % interval; it is not accuracy against labels.',
        'Device memory is the weights of what the device runs and its largest set of live tensors.',
        '1 KB is 1,000 bytes. Bytes are payload; rates are what passes as payload.',
        `The decision itself took ${millis(plan.planMillis)}, profiles given.`,
    ].forEach(text => list.appendChild(element('li', text)));
}

/** A button beside the heading that saves the chart, on the page's background, for a slide. */
function addSaveButton(canvas) {
    const button = element('button', 'Save as PNG');
    button.type = 'button';
    button.addEventListener('click', () => {
        const copy = document.createElement('canvas');
        copy.width = canvas.width;
        copy.height = canvas.height;
        const ctx = copy.getContext('2d');
        ctx.fillStyle = color('surface');
        ctx.fillRect(0, 0, copy.width, copy.height);
        ctx.drawImage(canvas, 0, 0);
        const link = element('a');
        link.download = `cleave-${canvas.id}.png`;
        link.href = copy.toDataURL('image/png');
        link.click();
    });
    canvas.closest('section').querySelector('h2').appendChild(button);
}

/** Draws every chart, again if it was drawn before; a chart without data gives way to a sentence. */
function draw() {
    applyTheme();
    CHARTS.forEach(chart => {
        const canvas = document.getElementById(chart.id);
        if (canvas === null) {
            return;
        }
        Chart.getChart(canvas)?.destroy();
        const config = plan.candidates.length === 0 ? null : chart.make(plan, looks);
        const about = document.getElementById(chart.id + '-about');
        if (config === null) {
            about.remove();
            canvas.parentElement.replaceWith(element('p', chart.empty, 'empty'));
            return;
        }
        about.textContent = chart.about(plan, looks);
        canvas.setAttribute('aria-label', about.textContent + ' The numbers are in the table of all candidates.');
        canvas.parentElement.style.height = chart.height() + 'px';
        new Chart(canvas, config);
    });
}

fillHead();
fillTable(plan, looks);
fillLadder(plan, looks);
fillMethod();
draw();
document.querySelectorAll('canvas').forEach(addSaveButton);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
addEventListener('beforeprint', () => {
    document.documentElement.dataset.theme = 'light';
    draw();
});
addEventListener('afterprint', () => {
    delete document.documentElement.dataset.theme;
    draw();
});
