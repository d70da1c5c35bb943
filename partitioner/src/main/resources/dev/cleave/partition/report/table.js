/* Everything in numbers. Names go in as text, never as markup. */

function element(name, text, className) {
    const made = document.createElement(name);
    if (text !== undefined && text !== null) {
        made.textContent = text;
    }
    if (className) {
        made.className = className;
    }
    return made;
}

function append(parent, ...children) {
    children.forEach(child => parent.appendChild(child));
    return parent;
}

const orDash = (value, format) => value === null ? '\u2013' : format(value);
/** Of the agreement, where it is known of how many inputs it is. */
function interval(row) {
    return row.agreementInterval === null ? ''
        : row.agreementInterval.map(share => digits(share * 100)).join('\u2013');
}

const crossing = (row, value, format) => row.kind === 'local' ? '\u2013' : format(value);

/** Columns after the candidate's name: group, heading, text of a cell, class, small print of a cell. */
const COLUMNS = [
    ['', 'point', row => orDash(row.splitPoint, String)],
    ['milliseconds', 'head', row => padded(row.headMillis)],
    ['milliseconds', 'encode', row => padded(row.encodeMillis)],
    ['milliseconds', 'uplink', row => padded(row.uplinkMillis)],
    ['milliseconds', 'decode', row => padded(row.decodeMillis)],
    ['milliseconds', 'tail', row => padded(row.tailMillis)],
    ['milliseconds', 'down\u00adlink', row => padded(row.downlinkMillis)],
    ['milliseconds', 'total', row => padded(row.totalMillis), 'total'],
    ['KB', 'up', row => crossing(row, row.wireBytes / 1000, padded)],
    ['KB', 'down', row => crossing(row, row.replyBytes / 1000, padded)],
    ['', 'agree\u00adment', row => orDash(row.agreement, percent), '', interval],
    ['', 'leak\u00adage', row => orDash(row.leakage, value => value.toFixed(2))],
    ['', 'device memory', row => bytes(row.headMemoryBytes)],
];

function heading(text, className) {
    const made = element('th', text, className);
    made.scope = 'col';
    return made;
}

function tableHead() {
    const groups = append(element('tr'), element('td'), element('td'));
    COLUMNS.forEach(([group], index) => {
        if (group === '') {
            groups.appendChild(element('td'));
        } else if (index === 0 || COLUMNS[index - 1][0] !== group) {
            const made = heading(group, 'group');
            made.scope = 'colgroup';
            made.colSpan = COLUMNS.filter(column => column[0] === group).length;
            groups.appendChild(made);
        }
    });
    groups.appendChild(element('td'));
    const names = append(element('tr'), heading('#'), heading('candidate', 'text'));
    COLUMNS.forEach(([, name, , className]) => {
        const made = heading(name, className);
        if (name.startsWith('leak')) {
            made.appendChild(element('sup', '*'));
        }
        names.appendChild(made);
    });
    names.appendChild(heading('basis', 'text'));
    return append(element('thead'), groups, names);
}

function basis(row) {
    const cell = element('td', row.measured ? 'measured' : 'predicted', 'text');
    if (row.simulated) {
        cell.appendChild(element('small', 'simulated'));
    }
    return cell;
}

function tableRow(plan, look) {
    const row = look.row;
    const made = element('tr', null, look.index === plan.chosen ? 'chosen' : row.refused !== null ? 'refused' : '');
    const name = element('th', row.kind === 'split' ? row.tensors.join(' + ') : look.name, 'text');
    name.scope = 'row';
    name.appendChild(element('small', [row.kind, row.codec].filter(Boolean).join(', ')));
    if (row.refused !== null) {
        name.appendChild(element('small', 'refused: ' + row.refused));
    }
    append(made, element('td', look.number), name);
    COLUMNS.forEach(([, , text, className, small]) => {
        const cell = element('td', text(row), className);
        if (small && small(row)) {
            cell.appendChild(element('small', small(row)));
        }
        made.appendChild(cell);
    });
    made.appendChild(basis(row));
    return made;
}

function fillTable(plan, looks) {
    const body = element('tbody');
    looks.forEach(look => body.appendChild(tableRow(plan, look)));
    append(document.getElementById('candidates'), tableHead(), body);
    document.getElementById('table-about').textContent = 'Best first. Point: where the bundle\u2019s ladder cuts; 0 is '
        + 'all on the gateway.' + (plan.edgeSlowdown === 1 ? ''
        : ` Simulated: the device\u2019s times are measured ones times ${digits(plan.edgeSlowdown)}.`);
}

function fillLadder(plan, looks) {
    const list = document.getElementById('ladder');
    plan.ladder.forEach(index => {
        const row = looks[index].row;
        append(list, append(element('li', row.tensors.join(' + ') + ' '),
            element('span', `candidate ${looks[index].number}, ${bytes(row.wireBytes)} up`)));
    });
    document.getElementById('ladder-about').textContent = plan.ladder.length === 0
        ? 'No split is worth a place in a ladder here.'
        : `${count(plan.ladder.length, 'nested point')} for one bundle, so that a device can move its cut when the `
            + 'link changes.' + (plan.ladderRegret === null ? '' : ' Over the uplinks of this plan its best point is '
            + `at most ${percent(plan.ladderRegret)} slower than the best candidate.`);
}
