import { expect, test } from 'vitest';
import { days } from '../../src/base/clock.ts';
import type { ProjectWorld } from '../kit/store-world.ts';
import { after, hashOf, NOW, onEveryEngine } from '../kit/store-world.ts';

onEveryEngine('Known networks', (world) => {
  const note = (project: ProjectWorld, userId: string, network: string, at: number, kept = 20) =>
    project.store.transaction((tx) =>
      tx.knownNetworks.note({
        userId,
        networkMac: hashOf(network),
        now: after(at),
        unlessSeenAfter: after(at - days(1)),
        kept,
      }),
    );
  const seen = async (userId: string) =>
    (await world.database.rows('SELECT seen_at FROM known_network WHERE user_id = ? ORDER BY seen_at', [userId])).map(
      (row) => Number(row.seen_at) - NOW,
    );
  const has = (project: ProjectWorld, userId: string, network: string, seenAfter = after(-1)) =>
    project.store.read.knownNetworks.has(userId, hashOf(network), seenAfter);

  test('are those of one person of one project', async () => {
    const [here, there] = [await world.project(), await world.project()];
    const [alice, bob] = [await here.person(), await here.person()];
    await note(here, alice.id, 'home', 0);
    expect(await has(here, alice.id, 'home')).toBe(true);
    expect(await has(here, alice.id, 'cafe')).toBe(false);
    expect(await has(here, bob.id, 'home')).toBe(false);
    expect(await has(there, alice.id, 'home')).toBe(false);
  });

  test('are not known any more when they were last seen too long ago', async () => {
    const project = await world.project();
    const { id } = await project.person();
    await note(project, id, 'home', 0);
    expect(await has(project, id, 'home', NOW)).toBe(false);
  });

  test('are written again only when they were seen a day ago or earlier', async () => {
    const project = await world.project();
    const { id } = await project.person();
    await note(project, id, 'home', 0);
    await note(project, id, 'home', days(1) - 1);
    expect(await seen(id)).toEqual([0]);
    await note(project, id, 'home', days(1));
    expect(await seen(id)).toEqual([days(1)]);
  });

  test('of one person are as many as are kept: the one seen longest ago goes', async () => {
    const project = await world.project();
    const [{ id }, other] = [await project.person(), await project.person()];
    await note(project, other.id, 'a', 0);
    for (const [at, network] of ['a', 'b', 'c', 'd'].entries()) await note(project, id, network, at, 3);
    expect(await seen(id)).toEqual([1, 2, 3]);
    expect(await has(project, id, 'a')).toBe(false);
    expect(await seen(other.id)).toEqual([0]);
  });

  test('can be forgotten, those of one person', async () => {
    const project = await world.project();
    const [alice, bob] = [await project.person(), await project.person()];
    for (const { id } of [alice, bob]) await note(project, id, 'home', 0);
    await project.store.transaction((tx) => tx.knownNetworks.forgetAllOf(alice.id));
    expect([await seen(alice.id), await seen(bob.id)]).toEqual([[], [0]]);
  });

  test('are swept by when they were last seen, a batch at a time, in one project', async () => {
    const [here, there] = [await world.project(), await world.project()];
    const [alice, bob, stranger] = [await here.person(), await here.person(), await there.person()];
    for (const [at, network] of ['a', 'b', 'c'].entries()) await note(here, alice.id, network, at);
    await note(here, bob.id, 'a', 9);
    await note(there, stranger.id, 'a', 0);
    const sweep = (before: number, limit: number) =>
      here.store.transaction((tx) => tx.ended.sweep('known_network', after(before), limit));
    expect(await sweep(2, 1)).toBe(1);
    expect(await sweep(2, 9)).toBe(1);
    expect(await sweep(2, 9)).toBe(0);
    expect([await seen(alice.id), await seen(bob.id), await seen(stranger.id)]).toEqual([[2], [9], [0]]);
  });
});
