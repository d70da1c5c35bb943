/* After all else: asks every chart what it draws, and leaves the answers in the page. */
addEventListener('load', () => setTimeout(() => {
    const number = value => value === null || value === undefined ? null : Number(value);
    const drawnPixels = canvas => {
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        let drawn = 0;
        for (let at = 3; at < pixels.length; at += 4) {
            drawn += pixels[at] > 0 ? 1 : 0;
        }
        return drawn;
    };
    const described = dataset => ({
        axis: dataset.yAxisID || 'y',
        candidate: dataset.look ? dataset.look.index : null,
        x: dataset.data.map(point => typeof point === 'number' ? null : number(point.x)),
        y: dataset.data.map(point => typeof point === 'number' ? point : number(point.y)),
        radii: [].concat(dataset.pointRadius ?? []),
    });
    seen.requests.push(...performance.getEntriesByType('resource').map(entry => entry.name));
    seen.headline = document.querySelector('h1').textContent + document.querySelector('.lead').textContent;
    seen.pictures = document.querySelectorAll('img').length;
    seen.charts = Array.from(document.querySelectorAll('canvas'), canvas => ({
        id: canvas.id,
        width: canvas.getBoundingClientRect().width,
        height: canvas.getBoundingClientRect().height,
        drawnPixels: drawnPixels(canvas),
        datasets: Chart.getChart(canvas)?.data.datasets.map(described) ?? [],
    }));
    seen.abouts = Array.from(document.querySelectorAll('.about'), about => about.textContent);
    seen.rows = Array.from(document.querySelectorAll('#candidates tbody tr'), row =>
        Array.from(row.children, cell => cell.textContent));
    const answer = document.createElement('pre');
    answer.id = 'probe';
    answer.textContent = btoa(Array.from(new TextEncoder().encode(JSON.stringify(seen)), byte =>
        String.fromCharCode(byte)).join(''));
    document.body.appendChild(answer);
}, 100));
