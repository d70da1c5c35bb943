/* Colours come from the style sheet, so that charts follow the page's light or dark look. */

/** A colour of the style sheet by name. */
function color(name) {
    return getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim();
}

const FONT = 'Inter, "Segoe UI", "Helvetica Neue", Arial, sans-serif';

function font(size, weight) {
    return `${weight || 400} ${size}px ${FONT}`;
}

/** What all charts share; anew for every drawing, since the look may have changed. */
function applyTheme() {
    Chart.defaults.animation = false;
    Chart.defaults.responsive = true;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.font.family = FONT;
    Chart.defaults.font.size = 12.5;
    Chart.defaults.color = color('muted');
    Chart.defaults.borderColor = color('rule');
    Chart.defaults.plugins.legend.position = 'bottom';
    Chart.defaults.plugins.legend.labels.color = color('ink');
    Chart.defaults.plugins.legend.labels.padding = 14;
    Chart.defaults.plugins.tooltip.backgroundColor = color('ink');
    Chart.defaults.plugins.tooltip.titleColor = color('surface');
    Chart.defaults.plugins.tooltip.bodyColor = color('surface');
    Chart.defaults.plugins.tooltip.padding = 10;
    Chart.defaults.plugins.tooltip.boxPadding = 4;
}

function axisTitle(text, ink) {
    return {display: true, text, color: ink || color('muted'), font: {size: 12.5, weight: 500}};
}

/** Ticks of a logarithmic axis: decades, and 2 and 5 between them where there is room. */
function logTicks(format) {
    return {
        afterBuildTicks: axis => {
            const decades = Math.log10(axis.max / axis.min);
            const most = axis.isHorizontal() ? axis.width / 80 : axis.height / 20;
            const steps = 9 * decades <= most ? [1, 2, 3, 4, 5, 6, 7, 8, 9] : 3 * decades <= most ? [1, 2, 5] : [1];
            const stride = Math.max(1, Math.ceil(decades / most));
            axis.ticks = [];
            for (let power = Math.floor(Math.log10(axis.min)); power <= Math.log10(axis.max); power += stride) {
                steps.map(step => step * 10 ** power)
                    .filter(value => value >= axis.min * 0.999 && value <= axis.max * 1.001)
                    .forEach(value => axis.ticks.push({value}));
            }
        },
        ticks: {autoSkip: false, maxRotation: 0, callback: value => format(value)},
    };
}

/** A number in a disc: how a candidate is called in every chart. */
function badge(ctx, x, y, text, fill, filled) {
    ctx.save();
    ctx.beginPath();
    ctx.arc(x, y, text.length > 1 ? 9.5 : 8.5, 0, 2 * Math.PI);
    ctx.fillStyle = filled ? fill : color('surface');
    ctx.fill();
    ctx.lineWidth = 1.25;
    ctx.strokeStyle = fill;
    ctx.stroke();
    ctx.fillStyle = filled ? color('surface') : fill;
    ctx.font = font(11, 600);
    ctx.textAlign = 'center';
    ctx.textBaseline = 'middle';
    ctx.fillText(text, x, y + 0.5);
    ctx.restore();
}

/** A text in the middle of a line at y; with a halo it can be read on top of lines. */
function label(ctx, text, x, y, align, ink, style, halo) {
    ctx.save();
    ctx.font = style;
    ctx.fillStyle = ink;
    ctx.textAlign = align;
    ctx.textBaseline = 'middle';
    if (halo) {
        ctx.strokeStyle = halo;
        ctx.lineWidth = 4;
        ctx.lineJoin = 'round';
        ctx.strokeText(text, x, y);
    }
    ctx.fillText(text, x, y);
    ctx.restore();
}

/** A text, cut off where it would be wider than the place for it. */
function fitted(ctx, text, width, style) {
    ctx.save();
    ctx.font = style;
    let most = text.length;
    while (most > 1 && ctx.measureText(cutOff(text, most)).width > width) {
        most--;
    }
    ctx.restore();
    return cutOff(text, most);
}

function stroke(ctx, corners, ink, width, dash) {
    ctx.save();
    ctx.beginPath();
    ctx.setLineDash(dash || []);
    ctx.lineWidth = width;
    ctx.strokeStyle = ink;
    corners.forEach(([x, y]) => ctx.lineTo(x, y));
    ctx.stroke();
    ctx.restore();
}

function verticalLine(ctx, x, top, bottom, ink, width, dash) {
    stroke(ctx, [[x, top], [x, bottom]], ink, width, dash);
}

/** Rising places moved as little as it takes for neighbours to be a gap apart, between two ends. */
function apart(places, gap, least, most) {
    const moved = places.slice();
    for (let round = 0; round < 200; round++) {
        for (let index = 1; index < moved.length; index++) {
            const lacking = gap - (moved[index] - moved[index - 1]);
            if (lacking > 0) {
                moved[index - 1] = Math.max(least, moved[index - 1] - lacking / 2);
                moved[index] = Math.min(most, moved[index] + lacking / 2);
            }
        }
    }
    return moved;
}
