/** Serves the example on http://localhost:5173 and bundles its one script. `LATCHKEY_URL` says where the server is. */

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { build } from 'vite';

const latchkey = process.env.LATCHKEY_URL ?? 'http://localhost:3000';
const port = Number(process.env.PORT ?? 5173);
const here = import.meta.dirname;

const bundled = await build({
  configFile: false,
  logLevel: 'warn',
  define: { LATCHKEY_URL: JSON.stringify(latchkey), 'process.env.NODE_ENV': '"production"' },
  build: { write: false, target: 'esnext', lib: { entry: join(here, 'app.ts'), formats: ['es'], fileName: 'app' } },
});
const script = (Array.isArray(bundled) ? bundled[0]! : (bundled as { output: { code: string }[] })).output[0] as {
  code: string;
};

const files: Record<string, [type: string, text: () => string]> = {
  '/': ['text/html; charset=utf-8', () => readFileSync(join(here, 'index.html'), 'utf8')],
  '/style.css': ['text/css', () => readFileSync(join(here, 'style.css'), 'utf8')],
  '/app.js': ['text/javascript', () => script.code],
};

createServer((request, response) => {
  const file = files[request.url!.split('?')[0]!];
  response.writeHead(file ? 200 : 404, { 'content-type': file?.[0] ?? 'text/plain' });
  response.end(file?.[1]() ?? 'Not found');
}).listen(port, 'localhost', () => {
  console.log(`The example is at http://localhost:${port}, signing in at ${latchkey}.`);
  console.log(`The server has to trust it: TRUSTED_ORIGINS=http://localhost:${port} npm start`);
});
