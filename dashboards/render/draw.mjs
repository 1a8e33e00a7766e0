// Draws every board, dark and light, into a folder, and one without data; fails if something is not as it should be.
//     node draw.mjs BOARDS PROMETHEUS FROM TO OUT       FROM and TO in seconds

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import puppeteer from 'puppeteer-core';

import { serve } from './serve.mjs';

const WIDTH = 1600;
const PATIENCE = 60_000;
const DAY = 24 * 60 * 60;
// Where people begin.
const WITHOUT_DATA = 'where-personal-data-lands';
// Panels that are rightly empty, by board: the recording's operator has neither archive nor anchor.
const EMPTY = {
  'operator-and-ledger': [
    'Longest wait for archive and anchor', 'Segments not archived or anchored yet', 'Failures of archive and anchor a second', 'Kept past the retention period',
  ],
};
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
  '--force-color-profile=srgb', '--font-render-hinting=none',
];

const [boards, prometheus, from, to, out] = process.argv.slice(2);
const server = await serve(path.resolve(boards), prometheus);
const profile = await mkdtemp(path.join(os.tmpdir(), 'landfall-dashboards-'));
const browser = await puppeteer.launch({ executablePath: '/usr/bin/chromium', userDataDir: profile, args: FLAGS });
let failed = false;
try {
  const names = (await readdir(boards)).filter((file) => file.endsWith('.json')).map((file) => path.basename(file, '.json'));
  for (const name of names.sort()) {
    for (const theme of ['dark', 'light']) {
      const all = await picture(name, theme, Number(from), Number(to), `${name}-${theme}`);
      const isRight = (problem) => EMPTY[name]?.some((title) => problem.endsWith(` ${title}: no data`));
      const problems = new Set(all.filter((problem) => !isRight(problem)));
      problems.forEach((problem) => console.error(`${name} (${theme}): ${problem}`));
      failed ||= problems.size > 0;
    }
  }
  const { panels } = JSON.parse(await readFile(path.join(boards, `${WITHOUT_DATA}.json`)));
  const found = await picture(WITHOUT_DATA, 'dark', from - DAY, to - DAY, `${WITHOUT_DATA}-without-data`);
  const empty = new Set(found.filter((problem) => problem.endsWith(': no data')));
  if (empty.size !== panels.length) {
    console.error(`${WITHOUT_DATA}: without data ${empty.size} of ${panels.length} panels say so`);
    failed = true;
  }
} finally {
  await browser.close();
  server.close();
  await rm(profile, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);

async function picture(name, theme, begin, end, file) {
  const problems = [];
  const page = await browser.newPage();
  await page.setViewport({ width: WIDTH, height: 900 });
  await page.setRequestInterception(true);
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (hostname === '127.0.0.1' || ['data:', 'blob:'].includes(protocol)) {
      return request.continue();
    }
    problems.push(`asks ${hostname}`);
    return request.abort();
  });
  page.on('pageerror', (error) => problems.push(`error on the page: ${error.message}`));
  page.on('response', (response) => {
    if (response.status() >= 400) {
      problems.push(`${response.status()}: ${decodeURIComponent(response.url())}`);
    }
  });
  const asked = new URLSearchParams({ board: name, theme, from: `${begin}000`, to: `${end}000` });
  await page.goto(`http://127.0.0.1:${server.address().port}/?${asked}`);
  await page.waitForFunction('window.drawn', { timeout: PATIENCE }).catch(() => problems.push('did not come'));
  problems.push(...await page.evaluate(() => window.drawn ?? []), ...await page.evaluate(cut));
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewport({ width: WIDTH, height });
  await page.screenshot({ path: path.join(out, `${file}.png`) });
  await page.close();
  return problems;
}

// In the page: texts that end in an ellipsis.
function cut() {
  const texts = [...document.querySelectorAll('[data-panel]')].flatMap((panel) => [...panel.querySelectorAll('*')].map((text) => [panel, text]));
  const isCut = (text) => [...text.childNodes].some(({ nodeType, data }) => nodeType === Node.TEXT_NODE && data.trim())
    && getComputedStyle(text).textOverflow === 'ellipsis' && text.scrollWidth > text.clientWidth + 1;
  return texts.filter(([, text]) => isCut(text)).map(([panel, text]) => `panel ${panel.dataset.panel}: cut: ${text.textContent.slice(0, 60)}`);
}
