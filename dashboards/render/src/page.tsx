// A page with one board: ?board=NAME&from=MS&to=MS&theme=dark|light. `window.drawn` is set when all is there.

import { createTheme, ThemeContext } from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { GlobalStyles } from '@grafana/ui';
import type { ReactNode } from 'react';
import { createRoot } from 'react-dom/client';

import { registerTransformers } from './fields';
import { Panel, waiting } from './panels';
import { listed, problem } from './problems';
import { from, loadVariables, shownVariables, to } from './source';

// Of Grafana's grid, in pixels.
const COLUMNS = 24;
const ROW = 30;
const GAP = 8;
const MARGIN = 16;
const FONTS = ['14px Inter', '500 14px Inter', '14px "Roboto Mono"'];

const address = new URLSearchParams(location.search);
const theme = createTheme({ colors: { mode: address.get('theme') === 'light' ? 'light' : 'dark' } });

function Board({ board }: { board: any }) {
  const cell = (document.documentElement.clientWidth - 2 * MARGIN + GAP) / COLUMNS;
  const rows = Math.max(...board.panels.map(({ gridPos: { y, h } }: any) => y + h));
  const instant = (at: number) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
  const line = { display: 'flex', gap: GAP, alignItems: 'center', marginBottom: 12 };
  return (
    <div style={{ padding: MARGIN, background: theme.colors.background.canvas, minHeight: '100vh', boxSizing: 'border-box' }}>
      <div style={line}>
        <span style={{ fontSize: 18, fontWeight: 500, marginRight: 'auto' }}>{board.title}</span>
        <Box text={`${instant(from)} to ${instant(to)} UTC`} />
      </div>
      <div style={line}>{shownVariables().map(({ name, label, text }) => <Box key={name} label={label} text={text} />)}</div>
      <div style={{ position: 'relative', height: rows * (ROW + GAP) }}>
        {board.panels.map((panel: any) => {
          const { x, y, w, h } = panel.gridPos;
          const [width, height] = [Math.floor(w * cell - GAP), h * (ROW + GAP) - GAP];
          return (
            <div key={panel.id} data-panel={`${panel.id} ${panel.title}`} style={{ position: 'absolute', left: x * cell, top: y * (ROW + GAP), width, height }}>
              <Panel panel={panel} width={width} height={height} theme={theme} />
            </div>
          );
        })}
      </div>
    </div>
  );
}

function Box({ label, text }: { label?: string; text: string }) {
  const { border, background } = { border: theme.components.input.borderColor, background: theme.components.input.background };
  return (
    <div style={{ display: 'flex', height: 32, borderRadius: 2, border: `1px solid ${border}`, background, fontSize: 13, lineHeight: '30px' }}>
      {label && <span style={{ padding: '0 8px', background: theme.colors.background.secondary, fontWeight: 500 }}>{label}</span>}
      <span style={{ padding: '0 10px' }}>{text}</span>
    </div>
  );
}

async function draw() {
  await initPluginTranslations('landfall');
  registerTransformers();
  const board = await (await fetch(`/boards/${address.get('board')}.json`)).json();
  await loadVariables(board);
  const root = createRoot(document.getElementById('root')!);
  const show = (page?: ReactNode) => root.render(<ThemeContext.Provider value={theme}><GlobalStyles />{page}</ThemeContext.Provider>);
  // The faces come with the styles, and text is measured while it is drawn.
  show();
  await new Promise((resume) => setTimeout(resume, 100));
  await Promise.all(FONTS.map((font) => document.fonts.load(font)));
  show(<Board board={board} />);
}

function settle() {
  if (waiting.size) {
    setTimeout(settle, 100);
  } else {
    // Tables and graphs draw once more when they know their size.
    setTimeout(() => Object.assign(window, { drawn: listed() }), 800);
  }
}

draw().then(() => setTimeout(settle, 300), (error) => {
  problem(String(error?.stack ?? error));
  Object.assign(window, { drawn: listed() });
});
