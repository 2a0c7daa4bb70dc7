import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { createProjectKeys, updateProjectKeys } from '../../../src/core/projects/manage-project-keys.ts';
import { type HexclaveProject, hexclaveOnEveryEngine } from '../../kit/hexclave.ts';
import { aProject } from '../../kit/test-config.ts';

const texts = { publishable: 'publishable of the operator', server: 'server of the operator', admin: 'admin too' };
const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const keys = { publishable: digest(texts.publishable), server: digest(texts.server), admin: digest(texts.admin) };
const projects = [aProject({ keys }), aProject({ key: 'internal', id: 'internal' })];

const headerOf = {
  publishable: 'x-stack-publishable-client-key',
  server: 'x-stack-secret-server-key',
  admin: 'x-stack-super-secret-admin-key',
} as const;
const accessOf = { publishable: 'client', server: 'server', admin: 'admin' } as const;

/** What a request with a key is answered. */
const showing = async (project: HexclaveProject, kind: keyof typeof headerOf, text: string) =>
  (await project.request('GET /', { access: accessOf[kind], headers: { [headerOf[kind]]: text } })).status;

hexclaveOnEveryEngine('keys of a project (spec §1.5)', { projects }, (stage) => {
  const main = () => stage.existing(stage.world.app.mainProject.project.id);
  const asked = async (project: HexclaveProject) =>
    vi.spyOn((await project.context()).store.read.projectKeys, 'findByHash');

  it('that the configuration gives let in, each at its level, without asking the store', async () => {
    const project = await main();
    const reads = await asked(project);
    for (const kind of ['publishable', 'server', 'admin'] as const) {
      expect(await showing(project, kind, texts[kind])).toBe(200);
    }
    expect(reads).not.toHaveBeenCalled();
    expect(await showing(project, 'server', texts.publishable)).toBe(401);
    expect(await showing(project, 'admin', texts.server)).toBe(401);
    reads.mockRestore();
  });

  it('that the configuration gives one project open no other', async () => {
    const other = await stage.project();
    for (const kind of ['publishable', 'server', 'admin'] as const) {
      expect(await showing(other, kind, texts[kind])).toBe(401);
    }
    expect(await showing(await stage.existing('internal'), 'admin', texts.admin)).toBe(401);
  });

  it('that browsers show cost no read of the store, and are refused at once when they are revoked', async () => {
    const project = await stage.project();
    const ctx = await project.context();
    const { set, texts: made } = await createProjectKeys(ctx, systemActor, {
      ...{ kinds: ['publishable', 'server'], description: '', expiresAt: null },
    });
    const reads = await asked(project);
    expect(await showing(project, 'publishable', made.publishable!)).toBe(200);
    expect(reads).not.toHaveBeenCalled();
    expect(await showing(project, 'server', made.server!)).toBe(200);
    expect(reads).toHaveBeenCalledOnce();
    reads.mockRestore();
    await updateProjectKeys(ctx, systemActor, set.id, { revoke: true });
    expect(await showing(project, 'publishable', made.publishable!)).toBe(401);
    expect(await showing(project, 'server', made.server!)).toBe(401);
  });

  it('that expire are refused from then on', async () => {
    const project = await stage.project();
    const ctx = await project.context();
    const { texts: made } = await createProjectKeys(ctx, systemActor, {
      ...{ kinds: ['publishable'], description: '', expiresAt: (ctx.clock.now() + 60_000) as never },
    });
    expect(await showing(project, 'publishable', made.publishable!)).toBe(200);
    stage.world.clock.advance(60_000);
    expect(await showing(project, 'publishable', made.publishable!)).toBe(401);
  });

  it('that another process revoked are refused when the server next looks', async () => {
    const project = await stage.project();
    const ctx = await project.context();
    const { set, texts: made } = await createProjectKeys(ctx, systemActor, {
      ...{ kinds: ['publishable'], description: '', expiresAt: null },
    });
    expect(await showing(project, 'publishable', made.publishable!)).toBe(200);
    await stage.world.app.projects.refresh();
    // Without the use case, which reads the project again in this process.
    const now = ctx.clock.now();
    await asSystem(ctx, (tx) => tx.projectKeys.updateSet(set.id, { revokedAt: now }, now));
    await stage.world.app.projects.refresh();
    expect(await showing(project, 'publishable', made.publishable!)).toBe(401);
  });
});
