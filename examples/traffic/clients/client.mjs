// A client in Node: `node client.mjs [--http2] [--chunked] URL BODY`. Posts one file as JSON.
import { readFileSync } from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  options: { http2: { type: 'boolean' }, chunked: { type: 'boolean' } },
  allowPositionals: true,
});
const url = new URL(positionals[0]);
const body = readFileSync(positionals[1]);
const headers = { 'content-type': 'application/json', authorization: 'Bearer example' };

function overHttp2() {
  const session = http2.connect(url.origin);
  const request = session.request({ ':method': 'POST', ':path': url.pathname + url.search, ...headers });
  request.on('response', (answer) => { process.exitCode = answer[':status'] < 400 ? 0 : 1; });
  request.resume();
  request.on('end', () => session.close());
  request.end(body);
}

function overHttp1() {
  const module = url.protocol === 'https:' ? https : http;
  const agent = new module.Agent({ keepAlive: false });
  if (!values.chunked) headers['content-length'] = body.length;
  const request = module.request(url, { method: 'POST', agent, headers }, (response) => {
    process.exitCode = response.statusCode < 400 ? 0 : 1;
    response.resume();
  });
  // Without a length each write becomes a chunk; the parts are short enough to cut values in two.
  const part = values.chunked ? 61 : body.length;
  for (let from = 0; from < body.length; from += part) request.write(body.subarray(from, from + part));
  request.end();
}

if (values.http2) overHttp2();
else overHttp1();
