import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { neededNode, tooOld } from '../src/node-version.ts';
import { nodeArguments } from './kit/installation.ts';
import { removeScratch, scratchFolder } from './kit/scratch-folder.ts';

const root = resolve(import.meta.dirname, '..');
const oldNode = ['/usr/bin/node', '/usr/bin/nodejs'].find(
  (path) => existsSync(path) && tooOld(execFileSync(path, ['--version'], { encoding: 'utf8' })) !== null,
);
const words = new RegExp(`^Latchkey needs Node\\.js ${neededNode} or newer, and this is v\\d+\\.\\d+\\.\\d+\\. .*\\n$`);

describe('An older Node.js', () => {
  const folder = scratchFolder('old-node');
  afterAll(() => removeScratch(folder));

  test('is one before what package.json says', () => {
    const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(engines.node).toBe(`>=${neededNode}`);
    expect(tooOld(`v${neededNode - 1}.9.9`)).toContain(`needs Node.js ${neededNode}`);
    expect(tooOld(`v${neededNode}.0.0`)).toBeNull();
    expect(tooOld('v100.0.0')).toBeNull();
  });

  test.skipIf(!oldNode).each(['main.ts', 'cli/main.ts'])('is told so by the sources (%s)', (file) => {
    const { status, stderr } = spawnSync(oldNode!, [...nodeArguments, join(root, 'src', file)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(words) });
  });

  test.skipIf(!oldNode).each(['main', 'cli/main'])('is told so by what is built (%s)', (file) => {
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    for (const name of ['node-version', file]) built(name);
    const { status, stderr } = spawnSync(oldNode!, [join(folder, `${file}.js`)], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(words) });
  });

  /** As `npm run build` leaves it: without types, and importing JavaScript. Nothing else is there to be imported. */
  function built(name: string): void {
    const text = stripTypeScriptTypes(readFileSync(join(root, 'src', `${name}.ts`), 'utf8'));
    const target = join(folder, `${name}.js`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text.replaceAll(/(from '[^']+|import\('[^']+)\.ts'/g, "$1.js'"));
  }
});
