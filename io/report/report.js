// SPDX-License-Identifier: Apache-2.0
// Draws each .chart from the table it names, so that a chart and its table cannot differ.
'use strict';
(() => {
  const ink = '#1d2733', soft = '#56657a', line = '#e1e6ed', accent = '#22619f';
  const palette = [
    accent, '#d98a4b', '#3a9583', '#a8527a', '#7b6cc0', '#b89a2e', '#5b7083', '#86b3dc', '#c46a5e', '#7fa650',
  ];
  const language = document.documentElement.lang;
  const safe = echarts.format.encodeHTML;
  const longest = (labels) => Math.max(0, ...labels.map((label) => label.length));
  const format = (value) =>
    typeof value === 'number' ? value.toLocaleString(language, {maximumSignificantDigits: 6}) : value ?? '–';
  const percent = (value) =>
    typeof value === 'number' ? `${(100 * value).toLocaleString(language, {maximumSignificantDigits: 3})}%` : '–';
  const all = (columns, kind) => columns.every((column) => column[kind]);
  const tick = (value) => value.toLocaleString(
    language, {notation: Math.abs(value) >= 1e5 ? 'compact' : 'standard', maximumSignificantDigits: 4});

  /** The columns of a table by name: label, texts as shown, and exact values (null where missing). */
  function columnsOf(table) {
    const rows = [...table.tBodies[0].rows];
    return new Map([...table.tHead.rows[0].cells].map((head, index) => [head.dataset.column, {
      label: head.textContent,
      percent: rows.some((row) => row.cells[index].textContent.endsWith('%') && 'value' in row.cells[index].dataset),
      texts: rows.map((row) => row.cells[index].textContent),
      values: rows.map((row) => 'value' in row.cells[index].dataset ? Number(row.cells[index].dataset.value) : null),
    }]));
  }

  const categoryAxis = (texts, wide) => ({
    type: 'category', data: texts, inverse: wide, axisTick: {show: false}, axisLine: {lineStyle: {color: '#b8c2cf'}},
    axisLabel: {color: soft, hideOverlap: true, ...(wide && {width: 260, overflow: 'truncate'})},
  });
  const valueAxis = (log, rest) => ({
    type: log ? 'log' : 'value', splitLine: {lineStyle: {color: line}},
    axisLabel: {color: soft, formatter: tick, hideOverlap: true}, ...rest,
  });
  const titled = (label, gap) => ({name: label, nameLocation: 'middle', nameGap: gap, nameTextStyle: {color: soft}});
  const percentTicks = (yes) => yes && {axisLabel: {color: soft, formatter: percent, hideOverlap: true}};
  const measureAxis = (x) => valueAxis(false, {scale: true, ...titled(x.label, 28), ...percentTicks(x.percent)});

  /** Bars and lines over the categories of x; bars lie down when their labels are long. */
  function cartesian(spec, x, ys) {
    const bars = spec.type !== 'line';
    const wide = bars && (longest(x.texts) > 16 || longest(x.texts) * x.texts.length > 96);
    const numeric = !bars && x.values.every((value) => value !== null);
    const category = numeric ? {...measureAxis(x), splitLine: {show: false}} : categoryAxis(x.texts, wide);
    const value = valueAxis(spec.log, {scale: !bars, ...percentTicks(all(ys, 'percent'))});
    return {
      height: wide ? Math.min(1400, 80 + x.texts.length * (spec.type === 'bar' ? 14 + 12 * ys.length : 26)) : undefined,
      option: {
        tooltip: {trigger: 'axis', axisPointer: {type: bars ? 'shadow' : 'line'},
          valueFormatter: all(ys, 'percent') ? percent : format},
        grid: {left: 8, right: 20, top: 40, bottom: numeric ? 28 : 8, containLabel: true},
        xAxis: wide ? value : category,
        yAxis: wide ? category : value,
        series: ys.map((y) => ({
          name: y.label, type: bars ? 'bar' : 'line', barMaxWidth: 44, barGap: '10%',
          stack: spec.type === 'stacked_bar' ? 'all' : undefined,
          itemStyle: {borderRadius: spec.type === 'bar' ? (wide ? [0, 3, 3, 0] : [3, 3, 0, 0]) : 0},
          symbol: y.values.length > 40 ? 'none' : 'circle', symbolSize: 6, lineStyle: {width: 2},
          data: y.values.map((v, i) => {
            const drawn = spec.log && v <= 0 ? null : v;
            return numeric ? [x.values[i], drawn] : drawn;
          }),
        })),
      },
    };
  }

  function pie(spec, x, [y]) {
    return {option: {
      tooltip: {trigger: 'item', valueFormatter: format},
      legend: {show: false},
      series: [{
        name: y.label, type: 'pie', radius: ['46%', '74%'], itemStyle: {borderColor: '#fff', borderWidth: 2},
        label: {color: ink, lineHeight: 18, formatter: (item) => `${item.name}\n${y.texts[item.dataIndex]}`},
        data: y.values.map((value, i) => ({name: x.texts[i], value})),
      }],
    }};
  }

  function scatter(spec, x, ys) {
    return {height: 380, option: {
      tooltip: {trigger: 'item', formatter: (item) => safe(`${item.seriesName}: ${item.value.map(format).join(', ')}`)},
      grid: {left: 8, right: 24, top: 40, bottom: 30, containLabel: true},
      xAxis: measureAxis(x),
      yAxis: valueAxis(spec.log, {scale: true, ...percentTicks(all(ys, 'percent'))}),
      series: ys.map((y) => ({
        name: y.label, type: 'scatter', symbolSize: 8, itemStyle: {opacity: .7},
        data: y.values.map((value, i) => [x.values[i], value]),
      })),
    }};
  }

  /** A dot for each row of x, with a line from its low to its high where both are known. */
  function interval(spec, x, [y, low, high]) {
    const whisker = (params, api) => {
      const [from, to] = [1, 2].map((place) => api.coord([api.value(place), api.value(0)]));
      const [x1, x2] = [from[0], to[0]];
      return {type: 'line', shape: {x1, y1: from[1], x2, y2: from[1]}, style: {stroke: accent, lineWidth: 1.6, opacity: .6}};
    };
    const known = y.values.map((_, row) => row).filter((row) => low.values[row] !== null && high.values[row] !== null);
    const shown = (row) => known.includes(row) ? ` (${low.texts[row]} – ${high.texts[row]})` : '';
    return {height: Math.min(1400, 70 + 24 * x.texts.length), option: {
      tooltip: {trigger: 'item', formatter: ({value}) => safe(`${x.texts[value.at(-1)]}: ${y.texts[value.at(-1)]}${shown(value.at(-1))}`)},
      legend: {show: false},
      grid: {left: 8, right: 24, top: 12, bottom: 28, containLabel: true},
      xAxis: measureAxis(y),
      yAxis: {...categoryAxis(x.texts, true), splitLine: {show: true, lineStyle: {color: line}}},
      series: [
        {type: 'custom', renderItem: whisker, encode: {x: [1, 2], y: 0}, data: known.map((row) => [row, low.values[row], high.values[row], row])},
        {name: y.label, type: 'scatter', symbolSize: 9, itemStyle: {color: accent}, data: y.values.map((v, row) => [v, row])},
      ],
    }};
  }

  /** A polygon for each row of x; each axis has the scale of its own column. Two columns make no polygon: bars. */
  function radar(spec, x, ys) {
    if (ys.length < 3) return cartesian({...spec, type: 'bar'}, x, ys);
    return {height: 420, option: {
      tooltip: {trigger: 'item', valueFormatter: format},
      legend: {data: x.texts},
      radar: {
        center: ['50%', '55%'], radius: '66%', axisName: {color: ink}, splitNumber: 4,
        splitLine: {lineStyle: {color: line}}, axisLine: {lineStyle: {color: line}}, splitArea: {show: false},
        indicator: ys.map((y) => ({name: y.label, min: Math.min(0, ...y.values), max: Math.max(...y.values) || 1})),
      },
      series: [{
        type: 'radar', symbolSize: 5, areaStyle: {opacity: .07}, lineStyle: {width: 2},
        data: x.texts.map((name, row) => ({name, value: ys.map((y) => y.values[row])})),
      }],
    }};
  }

  function heatmap(spec, x, [y], value) {
    const across = [...new Set(x.texts)], down = [...new Set(y.texts)];
    const known = value.values.filter((v) => v !== null);
    // Figures on both sides of 0 are coloured by their distance from it, to either side.
    const twoSided = Math.min(...known) < 0 && Math.max(...known) > 0;
    const reach = Math.max(...known.map(Math.abs));
    // Cells that hold all by definition, such as a cohort's first month, do not stretch the scale.
    const partial = value.percent && known.some((v) => v < 1) ? known.filter((v) => v < 1) : known;
    const low = twoSided ? -reach : Math.min(...partial), high = twoSided ? reach : Math.max(...partial);
    const numbered = y.values.every((v) => v !== null);
    const titledX = x.values.every((v) => v !== null);
    const every = {axisLabel: {interval: 0, rotate: !titledX && across.length > 6 ? 25 : 0, color: ink}};
    return {height: Math.max(220, 110 + 42 * down.length), option: {
      tooltip: {formatter: ({dataIndex: row}) =>
        safe(`${x.label} ${x.texts[row]}, ${y.label} ${y.texts[row]}: ${value.texts[row]}`)},
      grid: {left: 8, right: 12, top: numbered ? 28 : 8, bottom: titledX ? 74 : 52, containLabel: true},
      legend: {show: false},
      xAxis: {...categoryAxis(across), ...every, ...(titledX && titled(x.label, 26))},
      yAxis: {...categoryAxis(down), inverse: !numbered, name: numbered ? y.label : '', nameTextStyle: {color: soft, align: 'left'}},
      visualMap: {
        show: low < high, min: low, max: high, dimension: 2, calculable: true, orient: 'horizontal', left: 'center',
        bottom: 0, itemHeight: 160, formatter: value.percent ? percent : tick, textStyle: {color: soft},
        outOfRange: {color: '#1f568c'},
        inRange: {color: twoSided ? ['#c8702a', '#efc9a8', '#f7f7f5', '#a9c8e6', '#1f568c'] : ['#eef4fa', '#a9c8e6', '#5b93c7', '#1f568c']},
      },
      series: [{
        name: value.label, type: 'heatmap', itemStyle: {borderColor: '#fff', borderWidth: 2},
        label: {show: across.length <= 16, fontSize: across.length > 8 ? 10.5 : 12, formatter: (item) => value.texts[item.dataIndex]},
        data: value.values.map((v, i) => [across.indexOf(x.texts[i]), down.indexOf(y.texts[i]), v ?? '-']),
      }],
    }};
  }

  /** Parallel coordinates: for each y a line over the categories of x. */
  function parallel(spec, x, [y], value) {
    const across = [...new Set(x.texts)], names = [...new Set(y.texts)];
    // Paper cannot turn the pages of a legend: it has as many lines as it takes.
    const legend = 24 * Math.ceil(names.reduce((sum, name) => sum + name.length + 5, 0) / 95);
    return {height: 320 + legend, option: {
      tooltip: {trigger: 'axis', valueFormatter: format},
      legend: {type: 'plain'},
      grid: {left: 8, right: 20, top: 20 + legend, bottom: 8, containLabel: true},
      xAxis: {...categoryAxis(across), splitLine: {show: true, lineStyle: {color: line}}},
      yAxis: valueAxis(false, {scale: true}),
      series: names.map((name) => ({
        name, type: 'line', symbol: 'circle', symbolSize: 7, lineStyle: {width: 2},
        data: across.map((label) => value.values[x.texts.findIndex((text, i) => text === label && y.texts[i] === name)]),
      })),
    }};
  }

  /** Items and arrows between them, on a circle: the same picture every time. Sides of several items are split. */
  function network(spec, x, [y], value) {
    const arrows = new Map();
    x.texts.forEach((left, row) => left.split('|').forEach((item) => {
      const key = JSON.stringify([item, y.texts[row]]);
      arrows.set(key, Math.max(arrows.get(key) ?? 0, value.values[row] ?? 0));
    }));
    const links = [...arrows].map(([key, size]) => ({key: JSON.parse(key), size}));
    const degree = new Map();
    links.forEach(({key}) => key.forEach((item) => degree.set(item, (degree.get(item) ?? 0) + 1)));
    const largest = Math.max(...links.map(({size}) => size));
    return {height: 560, option: {
      tooltip: {formatter: ({dataType, data}) =>
        safe(dataType === 'edge' ? `${data.source} → ${data.target}: ${value.label} ${format(data.value)}` : data.name)},
      legend: {show: false},
      series: [{
        type: 'graph', layout: 'circular', circular: {rotateLabel: true}, top: 110, bottom: 110, left: 130, right: 130,
        edgeSymbol: ['none', 'arrow'], edgeSymbolSize: 6, emphasis: {focus: 'adjacency'},
        label: {show: true, color: ink, width: 120, overflow: 'truncate', fontSize: 11},
        data: [...degree].sort().map(([name, n]) => ({name, symbolSize: 6 + 3 * Math.sqrt(n)})),
        links: links.map(({key: [source, target], size}) => ({
          source, target, value: size, lineStyle: {width: .6 + 2.4 * size / largest, curveness: .25, opacity: .55},
        })),
      }],
    }};
  }

  /** A flow from each x on the left to each y on the right, as wide as its value. */
  function sankey(spec, x, [y], value) {
    // A name may stand on both sides: the sides are told apart by a mark that is not shown.
    const left = (name) => `<${name}`, right = (name) => `>${name}`, shownName = (node) => node.slice(1);
    const names = [...new Set([...x.texts, ...y.texts])];
    const sides = [
      names.filter((name) => x.texts.includes(name)).map(left), names.filter((name) => y.texts.includes(name)).map(right),
    ];
    const total = (node, texts) => value.values.reduce((sum, v, i) => sum + (texts[i] === node ? v ?? 0 : 0), 0);
    const nodes = sides.flatMap((side, depth) => side.map((name) => ({
      name, depth, value: total(shownName(name), depth ? y.texts : x.texts),
      itemStyle: {color: palette[names.indexOf(shownName(name)) % palette.length]},
      label: {position: depth ? 'left' : 'right'},
    })));
    return {height: 420, option: {
      tooltip: {formatter: ({dataType, data, dataIndex: row}) => safe(dataType === 'edge'
        ? `${x.texts[row]} → ${y.texts[row]}: ${value.texts[row]}` : `${shownName(data.name)}: ${format(data.value)}`)},
      legend: {show: false},
      series: [{
        type: 'sankey', left: 8, right: 8, top: 12, bottom: 12, nodeGap: 14, draggable: false, layoutIterations: 0,
        lineStyle: {color: 'source', opacity: .35}, label: {color: ink, formatter: ({name}) => shownName(name)},
        data: nodes,
        links: value.values.map((v, i) => ({source: left(x.texts[i]), target: right(y.texts[i]), value: v ?? 0})),
      }],
    }};
  }

  const kinds = {bar: cartesian, line: cartesian, stacked_bar: cartesian, pie, scatter, interval, radar, heatmap, parallel, network, sankey};

  function draw(element) {
    const spec = JSON.parse(element.dataset.chart);
    const columns = columnsOf(document.getElementById(element.dataset.table));
    const ys = spec.y.map((name) => columns.get(name));
    const {height = 340, option} = kinds[spec.type](spec, columns.get(spec.x), ys, columns.get(spec.value));
    element.style.height = `${height}px`;
    // Inside a folded panel the element has no width yet.
    const chart = echarts.init(element, null, {renderer: 'svg', width: element.clientWidth || 860, height});
    chart.setOption({
      ...option, animation: false, color: palette,
      textStyle: {fontFamily: getComputedStyle(document.body).fontFamily},
      tooltip: {confine: true, transitionDuration: 0, ...option.tooltip},
      legend: {
        type: 'scroll', left: 0, top: 0, icon: 'roundRect', itemWidth: 12, itemHeight: 12, textStyle: {color: ink},
        ...option.legend,
      },
    });
    return chart;
  }

  document.documentElement.classList.add('scripted');
  const charts = [...document.querySelectorAll('.chart')].map(draw);
  let printing = false;
  const fit = () => charts.forEach((chart) => {
    const width = chart.getDom().clientWidth;
    if (width && !printing) chart.resize({width});
  });
  window.addEventListener('resize', fit);
  document.querySelectorAll('details').forEach((details) => details.addEventListener('toggle', fit));

  // A long table shows the rows that hold all the words of its filter; its chart keeps showing all.
  document.querySelectorAll('.filter').forEach((filter) => filter.addEventListener('input', () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of document.getElementById(filter.dataset.table).tBodies[0].rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
    }
  }));

  // On paper tables of up to a page are unfolded, and charts have the width of a sheet.
  let folded = [];
  window.addEventListener('beforeprint', () => {
    printing = true;
    folded = [...document.querySelectorAll('details.fold:not([open])')].filter(
      (details) => details.querySelectorAll('tbody tr').length <= 40);
    folded.forEach((details) => { details.open = true; });
    charts.forEach((chart) => {
      chart.resize({width: 680});
      chart.getZr().flush(); // the sheet is taken before the next frame
    });
  });
  window.addEventListener('afterprint', () => {
    printing = false;
    folded.forEach((details) => { details.open = false; });
    fit();
  });
})();
