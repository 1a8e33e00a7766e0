// How values are shown: transformations, units, thresholds, mappings and overrides, applied by Grafana's own code.

import {
  applyFieldOverrides, cacheFieldDisplayNames, FieldConfigOptionsRegistry, FieldType, standardTransformers,
  standardTransformersRegistry, transformDataFrame, type DataFrame, type Field, type GrafanaTheme2,
} from '@grafana/data';
import { lastValueFrom } from 'rxjs';

import { problem } from './problems';
import { interpolate, run } from './source';

const STANDARD = ['unit', 'min', 'max', 'decimals', 'displayName', 'noValue', 'color', 'thresholds', 'mappings', 'links', 'description', 'filterable', 'fieldMinMax'];
// What Grafana's own panels take where the board is silent.
const BY_THRESHOLD = ['stat', 'bargauge', 'table', 'state-timeline', 'geomap'];
const TIMESERIES = {
  drawStyle: 'line', lineInterpolation: 'linear', lineWidth: 1, fillOpacity: 0, showPoints: 'auto', pointSize: 5, axisPlacement: 'auto',
  axisGridShow: true, stacking: { mode: 'none', group: 'A' }, scaleDistribution: { type: 'linear' }, thresholdsStyle: { mode: 'off' },
};

export function registerTransformers() {
  const all = Object.values(standardTransformers);
  const once = all.filter((it, place) => all.indexOf(it) === place);
  const item = (it: any) => ({ id: it.id, name: it.name, transformation: async () => it, editor: () => null, imageDark: '', imageLight: '' });
  standardTransformersRegistry.setInit(() => once.map(item) as any);
}

// The frames of a panel, ready to be drawn.
export async function load(panel: any, width: number, theme: GrafanaTheme2): Promise<DataFrame[]> {
  const queried = (await Promise.all(panel.targets.map((target: any) => run(panel, target, width)))).flat();
  for (const { id } of panel.transformations ?? []) {
    if (!standardTransformersRegistry.getIfExists(id)) {
      problem(`panel ${panel.id}: there is no transformation ${id}`);
    }
  }
  const frames = queried.length ? await lastValueFrom(transformDataFrame(panel.transformations ?? [], queried, { interpolate })) : [];
  const { defaults, overrides } = panel.fieldConfig;
  const fieldConfig = {
    overrides,
    defaults: {
      color: { mode: BY_THRESHOLD.includes(panel.type) ? 'thresholds' : 'palette-classic' },
      thresholds: { mode: 'absolute', steps: [{ color: 'green', value: null }, { color: 'red', value: 80 }] },
      ...defaults,
      ...(panel.type === 'timeseries' && { custom: { ...TIMESERIES, ...defaults.custom } }),
    },
  };
  const shown = applyFieldOverrides({
    data: frames, fieldConfig: fieldConfig as any, fieldConfigRegistry: registry(panel.type, fieldConfig), replaceVariables: interpolate, theme, timeZone: 'utc',
  });
  // Otherwise the heads of tables keep the names from before the overrides.
  cacheFieldDisplayNames(shown);
  return shown;
}

// Every property that the board sets, so that Grafana's code applies it as it stands.
function registry(type: string, { defaults, overrides }: any) {
  const custom = (value: any, path = 'custom'): string[] => Object.entries(value ?? {}).flatMap(([name, inner]) =>
    inner && typeof inner === 'object' && !Array.isArray(inner) ? custom(inner, `${path}.${name}`) : [`${path}.${name}`]);
  const ids = new Set([...STANDARD, ...custom(defaults.custom), ...overrides.flatMap((rule: any) => rule.properties.map((it: any) => it.id))]);
  const item = (id: string) => ({
    id, path: id.replace(/^custom\./, ''), name: id, isCustom: id.startsWith('custom.'), editor: () => null, override: () => null,
    // JSON has no infinity: the first step of thresholds has no value.
    process: (value: any) => id === 'thresholds' && value ? { ...value, steps: value.steps.map((step: any) => ({ ...step, value: step.value ?? -Infinity })) } : value,
    shouldApply: (field: Field) => type !== 'timeseries' || field.type !== FieldType.time,
  });
  return new FieldConfigOptionsRegistry(() => [...ids].map(item) as any);
}
