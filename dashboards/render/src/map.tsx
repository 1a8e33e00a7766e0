// The map: countries as a file has them, no tiles, and a circle for each country of the data.

import { type DataFrame, type Field, type GrafanaTheme2 } from '@grafana/data';
import { geoArea, geoCentroid, geoMercator, geoPath } from 'd3-geo';
import iso from 'i18n-iso-countries/codes.json';
import { feature } from 'topojson-client';
import world from 'world-atlas/countries-50m.json';

import { problem } from './problems';

const ANTARCTICA = '010';
const countries: any = feature(world as any, (world as any).objects.countries);
countries.features = countries.features.filter(({ id }: any) => id !== ANTARCTICA);
const numeric = new Map((iso as string[][]).map(([letters, , number]) => [letters, number]));
// Territories that share the code of a country come behind it.
const shapes = new Map<string, any>([...countries.features].reverse().map((shape: any) => [shape.id, shape]));

// The middle of the largest part: that of all parts of France lies in the sea.
function middle(country: string): [number, number] | undefined {
  const geometry = shapes.get(numeric.get(country) ?? '')?.geometry;
  if (!geometry) {
    return undefined;
  }
  const parts = geometry.type === 'MultiPolygon' ? geometry.coordinates : [geometry.coordinates];
  const polygons = parts.map((coordinates: any) => ({ type: 'Polygon', coordinates }));
  return geoCentroid(polygons.sort((a: any, b: any) => geoArea(b) - geoArea(a))[0]);
}

export function Geomap({ panel, frames, width, height, theme }: { panel: any; frames: DataFrame[]; width: number; height: number; theme: GrafanaTheme2 }) {
  const { layers: [{ location, config: { style } }], basemap } = panel.options;
  const field = (name: string): Field => {
    const found = frames[0].fields.find((it) => it.state?.displayName === name || it.name === name);
    if (!found) {
      problem(`panel ${panel.id}: there is no field ${name}`);
    }
    return found!;
  };
  const [place, size, color] = [field(location.lookup), field(style.size.field), field(style.color.field)];
  const [least, most] = [Math.min(...size.values), Math.max(...size.values)];
  // Grafana's map is Mercator's, 256 pixels wide at zoom 0.
  const { lon, lat, zoom } = panel.options.view;
  const projection = geoMercator().scale(256 * 2 ** zoom / (2 * Math.PI)).center([lon, lat]).translate([width / 2, height / 2]).clipExtent([[0, 0], [width, height]]);
  const path = geoPath(projection);
  const known = place.values.map((_, row) => row).filter((row) => middle(place.values[row]));
  // In the order of the rows, as Grafana has it: what comes last is on top.
  const circles = known.map((row) => {
    const [x, y] = projection(middle(place.values[row])!)!;
    const share = most > least ? (size.values[row] - least) / (most - least) : 1;
    return { row, x, y, radius: style.size.min + (style.size.max - style.size.min) * share, color: color.display!(color.values[row]).color };
  });
  return (
    <svg width={width} height={height} fontFamily="Inter" fontSize={style.textConfig.fontSize}>
      <g fill={theme.visualization.getColorByName(basemap.config.style.color.fixed)} fillOpacity={basemap.config.style.opacity} stroke={theme.colors.border.medium}>
        {countries.features.map((shape: any, row: number) => <path key={row} d={path(shape) ?? ''} />)}
      </g>
      {circles.map(({ row, x, y, radius, color: fill }) => (
        <g key={row} fontWeight={500} textAnchor="middle" dominantBaseline="central">
          <circle cx={x} cy={y} r={radius} fill={fill} fillOpacity={style.opacity} stroke={fill} />
          <text x={x} y={y} fill={theme.colors.text.maxContrast} stroke={theme.colors.background.primary} strokeWidth={3} paintOrder="stroke">{place.values[row]}</text>
        </g>
      ))}
    </svg>
  );
}
