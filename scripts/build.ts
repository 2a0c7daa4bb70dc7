/** Makes `dist/`: the sources without their types, beside them the SQL and the script that shows the APIs' documents. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
rmSync(resolve(root, 'dist'), { recursive: true, force: true });
execFileSync(resolve(root, 'node_modules/.bin/tsc'), ['-p', resolve(root, 'tsconfig.build.json')], { stdio: 'inherit' });
for (const file of ['package.json', 'dist/browser/standalone.js']) {
  cpSync(resolve(root, 'node_modules/@scalar/api-reference', file), resolve(root, 'dist/http/pages/scalar', file));
}
cpSync(resolve(root, 'src/store/migrations'), resolve(root, 'dist/store/migrations'), { recursive: true });
