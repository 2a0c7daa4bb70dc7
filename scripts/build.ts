/** Makes `dist/`: the sources without their types, and the SQL beside them. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
rmSync(resolve(root, 'dist'), { recursive: true, force: true });
execFileSync(resolve(root, 'node_modules/.bin/tsc'), ['-p', resolve(root, 'tsconfig.build.json')], { stdio: 'inherit' });
cpSync(resolve(root, 'src/store/migrations'), resolve(root, 'dist/store/migrations'), { recursive: true });
