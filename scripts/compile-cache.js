// JavaScript, so that the very first file need not be stripped of types either. See src/process-start.ts.
import { readFileSync } from 'node:fs';
import module from 'node:module';
import { fileURLToPath } from 'node:url';

// The same as src/node-version.ts, which an older Node.js cannot read.
const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = Number(/\d+/.exec(engines.node)[0]);
if (Number.parseInt(process.versions.node, 10) < needed) {
  process.stderr.write(
    `Latchkey needs Node.js ${needed} or newer, and this is ${process.version}. Install a newer one, or use the image.\n`,
  );
  process.exit(1);
}

module.enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
