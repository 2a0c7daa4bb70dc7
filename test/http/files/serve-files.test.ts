import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settle } from '../../../src/base/refusal.ts';
import type { Actor, PersonActor } from '../../../src/core/actor.ts';
import { setUserImage } from '../../../src/core/files/set-user-image.ts';
import { checkSession } from '../../../src/core/sessions/check-session.ts';
import { png, pngOf } from '../../kit/images.ts';
import { onOneEngine, rawRequest, type Stage } from '../../kit/stage.ts';
import { aProject } from '../../kit/test-config.ts';

async function image(stage: Stage, bytes: Uint8Array): Promise<string> {
  const { token } = await stage.member();
  const ctx = stage.world.app.mainProject.context('better-auth');
  const { live } = settle(await checkSession(ctx, token));
  const actor: Actor = { kind: 'user', from: { ip: null, userAgent: null }, live };
  return setUserImage(ctx, actor as PersonActor, { slot: 'profile', bytes });
}

onOneEngine('Stored files (rule 34)', { projects: [aProject(), aProject({ key: 'other' })] }, (stage) => {
  test('are served as what they are, to pages of any origin', async () => {
    const url = await image(stage, await png());
    const answer = await fetch(url);
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'image/webp',
      'cache-control': 'public, max-age=600',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'cross-origin',
      etag: `"${/[0-9a-f]{64}/.exec(url)![0]}"`,
    });
    expect(answer.headers.getSetCookie()).toEqual([]);
    const head = await fetch(url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, answer.headers.get('content-length')]);
  });

  test('whoever has it already is told so (RFC 9110 §13.1.2)', async () => {
    const url = await image(stage, await png());
    const tag = (await fetch(url)).headers.get('etag')!;
    for (const known of [tag, `W/${tag}`, `"x", ${tag}`, '*']) {
      const answer = await fetch(url, { headers: { 'if-none-match': known } });
      expect([answer.status, await answer.text(), answer.headers.get('etag')]).toEqual([304, '', tag]);
    }
    expect((await fetch(url, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
  });

  test('no other name leads anywhere', async () => {
    const url = new URL(await image(stage, await png()));
    const [, , , project, namespace, key] = url.pathname.split('/');
    const names = [
      `/-/files/${project}/${namespace}/${'0'.repeat(64)}.webp`,
      `/-/files/${project}/other/${key}`,
      `/-/files/${project}/${namespace}/${key!.toUpperCase()}`,
      `/-/files/${project}/${namespace}/${key}.tmp`,
      `/-/files/${project}/${namespace}/`,
      `/-/files/${project}/${namespace}/..%2f..%2f..%2fsecret`,
      `/-/files/${project}/..%2f${namespace}/${key}`,
      `/-/files/../${project}/${namespace}/${key}`,
      `/-/files/${project}%00/${namespace}/${key}`,
      '/-/files/x/y/z',
      '/-/files/',
    ];
    for (const name of names) expect([name, (await rawRequest(url.origin, name)).status]).toEqual([name, 404]);
    expect((await rawRequest(url.origin, url.pathname, { method: 'POST' })).status).toBe(404);
  });

  test('a project does not serve another’s (rule 31)', async () => {
    const url = await image(stage, await pngOf(9));
    const { projects, mainProject } = stage.world.app;
    const all = 'configured' in projects ? (projects.configured as (typeof mainProject)[]) : [...projects];
    const other = all.find(({ project }) => project.key === 'other')!;
    const moved = url.replace(mainProject.project.id, other.project.id);
    expect(moved).not.toBe(url);
    expect((await fetch(moved)).status).toBe(404);
  });

  test('a file that is lost from the disk is not found, and logged', async () => {
    const url = await image(stage, await pngOf(10));
    rmSync(join(stage.world.dataDir, 'files'), { recursive: true });
    expect((await fetch(url)).status).toBe(404);
    expect(stage.world.logged.some((line) => line.includes('not in the storage'))).toBe(true);
  });
});
