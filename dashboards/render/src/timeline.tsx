// States over time: a row for each series, a bar for each time in which its value stays.

import { FieldType, formattedValueToString, type DataFrame, type GrafanaTheme2 } from '@grafana/data';
import { VizLayout, VizLegend } from '@grafana/ui';

import { from, to } from './source';

const AXIS = 22;
// Widths of letters, about.
const LETTER = 7;

export function Timeline({ panel, frames, width, height, theme }: { panel: any; frames: DataFrame[]; width: number; height: number; theme: GrafanaTheme2 }) {
  const rows = frames.map((frame) => {
    const times = frame.fields.find(({ type }) => type === FieldType.time)!.values;
    const field = frame.fields.find(({ type }) => type === FieldType.number)!;
    return { name: field.config.displayNameFromDS ?? field.name, bars: bars(times, field) };
  });
  const states = new Map(rows.flatMap(({ bars }) => bars.map(({ text, color }) => [text, color])));
  const items = [...states].map(([label, color]) => ({ label, color, yAxis: 1 }));
  const legend = (
    <VizLayout.Legend placement="bottom">
      <VizLegend placement="bottom" displayMode={panel.options.legend.displayMode} items={items} />
    </VizLayout.Legend>
  );
  const left = 10 + Math.max(...rows.map(({ name }) => name.length)) * LETTER;
  return (
    <VizLayout width={width} height={height} legend={legend}>
      {(w: number, h: number) => {
        const x = (at: number) => left + (Math.min(Math.max(at, from), to) - from) / (to - from) * (w - left - 4);
        const row = (h - AXIS) / rows.length;
        const { rowHeight, showValue } = panel.options;
        const thick = row * rowHeight;
        const opacity = panel.fieldConfig.defaults.custom.fillOpacity / 100;
        return (
          <svg width={w} height={h} fontSize={12} fill={theme.colors.text.primary}>
            {ticks(w - left).map((at) => (
              <g key={at}>
                <line x1={x(at)} x2={x(at)} y1={0} y2={h - AXIS} stroke={theme.colors.border.weak} />
                <text x={x(at)} y={h - 6} textAnchor="middle">{new Date(at).toISOString().slice(11, 16)}</text>
              </g>
            ))}
            {rows.map(({ name, bars }, place) => (
              <g key={name} dominantBaseline="middle">
                <text x={left - 8} y={row * (place + 0.5)} textAnchor="end">{name}</text>
                {bars.map(({ start, end, text, color }) => (
                  <g key={start}>
                    <rect x={x(start)} y={row * place + (row - thick) / 2} width={x(end) - x(start)} height={thick} fill={color} fillOpacity={opacity} />
                    {showValue !== 'never' && x(end) - x(start) > text.length * LETTER + 10 && <text x={x(start) + 6} y={row * (place + 0.5)}>{text}</text>}
                  </g>
                ))}
              </g>
            ))}
          </svg>
        );
      }}
    </VizLayout>
  );
}

function bars(times: number[], field: any) {
  const step = times[1] - times[0];
  const found: Array<{ start: number; end: number; text: string; color: string }> = [];
  field.values.forEach((value: number | null, place: number) => {
    if (value === null) {
      return;
    }
    const shown = field.display(value);
    const text = formattedValueToString(shown);
    const last = found.at(-1);
    if (last?.text === text && last.end === times[place]) {
      last.end += step;
    } else {
      found.push({ start: times[place], end: times[place] + step, text, color: shown.color });
    }
  });
  return found;
}

// As many as there is room for.
function ticks(width: number): number[] {
  const room = width / 80;
  const every = [60, 120, 300, 900, 3600, 7200, 21600, 86400].map((it) => it * 1000).find((it) => (to - from) / it < room) ?? 86400e3;
  const first = Math.ceil(from / every) * every;
  return Array.from({ length: Math.ceil((to - first) / every) }, (_, place) => first + place * every);
}
