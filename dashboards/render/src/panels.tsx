// The kinds of panels that the boards have. What Grafana has published draws; the map and the timeline are our own.

import {
  getDisplayValueAlignmentFactors, getFieldDisplayValues, VizOrientation, type DataFrame, type GrafanaTheme2,
} from '@grafana/data';
import { BarGauge, BigValue, PanelChrome, TimeSeries, VizRepeater } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import { useEffect, useState, type ReactNode } from 'react';

import { load } from './fields';
import { Geomap } from './map';
import { problem } from './problems';
import { interpolate, timeRange } from './source';
import { Timeline } from './timeline';

interface Drawn {
  panel: any;
  frames: DataFrame[];
  width: number;
  height: number;
  theme: GrafanaTheme2;
}

// Panels that still wait for their data.
export const waiting = new Set<number>();

const KINDS: Record<string, (drawn: Drawn) => ReactNode> = {
  bargauge: Bars,
  geomap: (drawn) => <Geomap {...drawn} />,
  stat: Stat,
  'state-timeline': (drawn) => <Timeline {...drawn} />,
  table: Table,
  timeseries: Series,
};

export function Panel({ panel, width, height, theme }: { panel: any; width: number; height: number; theme: GrafanaTheme2 }) {
  const [frames, setFrames] = useState<DataFrame[]>();
  useEffect(() => {
    waiting.add(panel.id);
    load(panel, width, theme)
      .then(setFrames, (error) => problem(`panel ${panel.id} ${panel.title}: ${error.message}`))
      .finally(() => waiting.delete(panel.id));
  }, []);
  const draw = KINDS[panel.type];
  return (
    <PanelChrome title={interpolate(panel.title)} description={panel.description} width={width} height={height} padding={panel.type === 'table' ? 'none' : 'md'}>
      {(w, h) => frames && (frames.length ? draw({ panel, frames, width: w, height: h, theme }) : <Empty panel={panel} theme={theme} />)}
    </PanelChrome>
  );
}

// As Grafana does, it says why there is nothing.
function Empty({ panel, theme }: { panel: any; theme: GrafanaTheme2 }) {
  problem(`panel ${panel.id} ${panel.title}: no data`);
  const style = { display: 'flex', alignItems: 'center', justifyContent: 'center', height: '100%', padding: 16, color: theme.colors.text.secondary };
  return <div style={style}>{panel.fieldConfig.defaults.noValue}</div>;
}

function displayed({ panel, frames, theme }: Drawn, sparkline = false) {
  return getFieldDisplayValues({
    fieldConfig: panel.fieldConfig, reduceOptions: panel.options.reduceOptions, replaceVariables: interpolate, theme, data: frames, sparkline, timeZone: 'utc',
  });
}

function Stat(drawn: Drawn) {
  const { panel: { options }, frames, width, height, theme } = drawn;
  return (
    <VizRepeater
      width={width} height={height} source={frames} renderCounter={0} orientation={options.orientation} autoGrid
      getValues={() => displayed(drawn, options.graphMode !== 'none')}
      getAlignmentFactors={(values: any[]) => getDisplayValueAlignmentFactors(values)}
      renderValue={({ value, width: w, height: h, count, alignmentFactors }: any) => (
        <BigValue
          value={value.display} sparkline={value.sparkline} colorMode={options.colorMode} graphMode={options.graphMode} justifyMode={options.justifyMode}
          textMode={options.textMode} count={count} alignmentFactors={alignmentFactors} width={w} height={h} theme={theme}
        />
      )}
    />
  );
}

function Bars(drawn: Drawn) {
  const { panel: { options }, frames, width, height, theme } = drawn;
  return (
    <VizRepeater
      width={width} height={height} source={frames} renderCounter={0} orientation={VizOrientation.Horizontal} itemSpacing={8}
      minVizHeight={options.minVizHeight} maxVizHeight={options.maxVizHeight}
      getValues={() => displayed(drawn)}
      getAlignmentFactors={(values: any[]) => getDisplayValueAlignmentFactors(values)}
      renderValue={({ value, width: w, height: h, orientation, alignmentFactors }: any) => (
        <BarGauge
          value={value.display} field={value.field} display={value.view?.getFieldDisplayProcessor(value.colIndex)} orientation={orientation}
          displayMode={options.displayMode} namePlacement={options.namePlacement} showUnfilled={options.showUnfilled} valueDisplayMode={options.valueMode} width={w} height={h} theme={theme}
          itemSpacing={8} lcdCellWidth={12} alignmentFactors={alignmentFactors}
        />
      )}
    />
  );
}

function Series({ panel: { options }, frames, width, height }: Drawn) {
  return <TimeSeries frames={frames} structureRev={1} timeRange={timeRange} timeZone="utc" width={width} height={height} legend={options.legend} options={options} />;
}

function Table({ panel: { options, fieldConfig }, frames, width, height }: Drawn) {
  return (
    <TableNG
      data={frames[0]} width={width} height={height} noHeader={!options.showHeader} cellHeight={options.cellHeight} sortBy={options.sortBy}
      fieldConfig={fieldConfig} timeRange={timeRange} enableVirtualization={false}
    />
  );
}
