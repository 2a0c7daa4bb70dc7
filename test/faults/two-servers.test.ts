import { afterEach, beforeEach, expect, test } from 'vitest';
import { createInstallation, type Installation } from '../kit/installation.ts';

let installation: Installation;
let other: Installation;
beforeEach(async () => {
  installation = await createInstallation();
  other = await createInstallation({ DATA_DIR: installation.dataDir });
});
afterEach(async () => {
  await other.remove();
  await installation.remove();
});

test('a second server on one SQLite file is refused in words, until the first has ended, however it did', async () => {
  const first = await installation.serve();
  const { code, stderr } = await other.latchkey(['start']);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Another server works with .*latchkey\.db\. .* DATA_DIR of its own/);
  expect((await other.latchkey(['user', 'list'])).code).toBe(0);
  await first.kill();
  await (await other.serve()).stop();
});
