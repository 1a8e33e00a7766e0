// Variables of a board, and queries of Prometheus as frames of Grafana.

import {
  createDataFrame, dateTime, FieldType, rangeUtil, type DataFrame, type TimeRange,
} from '@grafana/data';

import { problem } from './problems';

const address = new URLSearchParams(location.search);
// Of the recording, in milliseconds.
export const from = Number(address.get('from'));
export const to = Number(address.get('to'));
const SCRAPE = '15s';

export const timeRange: TimeRange = {
  from: dateTime(from),
  to: dateTime(to),
  raw: { from: dateTime(from), to: dateTime(to) },
};

export interface Variable {
  name: string;
  label: string;
  value: string;
  text: string;
}

interface Sample {
  metric: Record<string, string>;
  values: Array<[number, string]>;
}

const variables = new Map<string, Variable>();

export function shownVariables(): Variable[] {
  return [...variables.values()];
}

// Every variable at its beginning: all.
export async function loadVariables(board: any) {
  for (const { name, label, type, definition, allValue } of board.templating.list) {
    if (type === 'datasource') {
      variables.set(name, { name, label, value: 'recording', text: 'Prometheus' });
      continue;
    }
    const asked = /^label_values\((.+), (\w+)\)$/.exec(interpolate(definition));
    if (!asked) {
      problem(`variable ${name}: ${definition} is no label_values(SELECTOR, LABEL)`);
      continue;
    }
    const options = await ask(`label/${asked[2]}/values`, { start: `${from / 1000}`, end: `${to / 1000}`, 'match[]': asked[1] });
    // One cluster is the usual case, and its series have no such label.
    if (!options.length && name !== 'cluster') {
      problem(`variable ${name} has no values`);
    }
    variables.set(name, { name, label, value: allValue, text: 'All' });
  }
}

export function interpolate(text: string, more: Record<string, string> = {}): string {
  return text.replace(/\$\{?(\w+)\}?/g, (all, name) => more[name] ?? variables.get(name)?.value ?? all);
}

async function ask(path: string, query: Record<string, string>) {
  const response = await fetch(`/prometheus/api/v1/${path}?${new URLSearchParams(query)}`);
  const answer = await response.json();
  if (answer.status !== 'success') {
    throw new Error(`${answer.errorType}: ${answer.error}`);
  }
  return answer.data;
}

// The frames of a query, for a panel that is `width` pixels wide.
export async function run(panel: any, target: any, width: number): Promise<DataFrame[]> {
  const least = target.interval ?? SCRAPE;
  const interval = rangeUtil.calculateInterval(timeRange, Math.max(100, width), least).intervalMs;
  const step = Math.max(1, Math.round(interval / 1000));
  const scrape = rangeUtil.intervalToSeconds(least);
  const expression = interpolate(target.expr, {
    __rate_interval: `${Math.max(step + scrape, 4 * scrape)}s`,
    __range: `${Math.round((to - from) / 1000)}s`,
  });
  if (expression.includes('$')) {
    problem(`panel ${panel.id} ${target.refId}: a variable is left in ${expression}`);
  }
  const start = Math.floor(from / 1000 / step) * step;
  const end = Math.floor(to / 1000 / step) * step;
  const samples: Sample[] = target.instant
    ? (await ask('query', { query: expression, time: `${to / 1000}` })).result.map((it: any) => ({ metric: it.metric, values: [it.value] }))
    : (await ask('query_range', { query: expression, start: `${start}`, end: `${end}`, step: `${step}` })).result;
  if (target.format === 'table') {
    return samples.length ? [table(panel, target, samples)] : [];
  }
  const times = Array.from({ length: (end - start) / step + 1 }, (_, place) => start + place * step);
  return samples.map((sample) => series(target, sample, target.instant ? sample.values.map(([at]) => at) : times, step));
}

function table(panel: any, target: any, samples: Sample[]): DataFrame {
  const labels = [...new Set(samples.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const name = panel.targets.length > 1 ? `Value #${target.refId}` : 'Value';
  return createDataFrame({
    refId: target.refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: samples.map(({ values }) => values[0][0] * 1000) },
      ...labels.map((label) => ({ name: label, type: FieldType.string, values: samples.map(({ metric }) => metric[label] ?? '') })),
      { name, type: FieldType.number, values: samples.map(({ values }) => Number(values[0][1])) },
    ],
  });
}

function series(target: any, { metric, values }: Sample, times: number[], step: number): DataFrame {
  const byTime = new Map(values.map(([at, value]) => [at, Number(value)]));
  const { __name__: own = '', ...labels } = metric;
  const legend: string = target.legendFormat;
  const name = legend === '__auto'
    ? Object.values(labels).join(' ') || own || 'Value'
    : legend.replace(/\{\{\s*(\w+)\s*\}\}/g, (_, label) => metric[label] ?? '');
  return createDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: step * 1000 }, values: times.map((at) => at * 1000) },
      // Grafana takes the labels of a field for its name where the data source names it.
      { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: name }, values: times.map((at) => byTime.get(at) ?? null) },
    ],
  });
}
