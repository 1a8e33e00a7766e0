// Serves the page, the boards, and what Grafana's components ask a Grafana for; passes queries on to Prometheus.

import { readFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import path from 'node:path';

const TYPES = {
  '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json', '.svg': 'image/svg+xml', '.woff2': 'font/woff2',
};
// Paths of a Grafana, and where the packages have the same.
const ELSEWHERE = [
  [/^\/public\/build\/img\/icons\//, 'node_modules/@grafana/ui/dist/public/img/icons/'],
  [/^\/public\/fonts\/inter\/Inter-Regular\.woff2$/, 'node_modules/@fontsource/inter/files/inter-latin-400-normal.woff2'],
  [/^\/public\/fonts\/inter\/Inter-Medium\.woff2$/, 'node_modules/@fontsource/inter/files/inter-latin-500-normal.woff2'],
  [/^\/public\/fonts\/roboto\/.*/, 'node_modules/@fontsource/roboto-mono/files/roboto-mono-latin-400-normal.woff2'],
];

// On a free port of loopback; gives the server when it listens.
export function serve(boards, prometheus) {
  const server = createServer(async (asked, answer) => {
    const { pathname, search } = new URL(asked.url, 'http://localhost');
    if (pathname.startsWith('/prometheus/')) {
      const passed = request(`${prometheus}${pathname.slice('/prometheus'.length)}${search}`, (said) => {
        answer.writeHead(said.statusCode, said.headers);
        said.pipe(answer);
      });
      passed.on('error', (error) => answer.writeHead(502).end(String(error)));
      passed.end();
      return;
    }
    try {
      const file = fileOf(pathname, boards);
      const bytes = await readFile(file);
      answer.writeHead(200, { 'content-type': TYPES[path.extname(file)] ?? 'application/octet-stream' }).end(bytes);
    } catch {
      answer.writeHead(404).end();
    }
  });
  return new Promise((listening) => server.listen(0, '127.0.0.1', () => listening(server)));
}

function fileOf(pathname, boards) {
  if (pathname === '/') {
    return 'page.html';
  }
  if (pathname.startsWith('/boards/')) {
    return path.join(boards, path.basename(pathname));
  }
  const found = ELSEWHERE.find(([pattern]) => pattern.test(pathname));
  const file = path.normalize(found ? pathname.replace(...found) : pathname.slice(1));
  if (!file.startsWith('dist/') && !file.startsWith('node_modules/')) {
    throw new Error(`not served: ${pathname}`);
  }
  return file;
}
