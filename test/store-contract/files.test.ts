import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { StoredFile } from '../../src/core/files/stored-file.ts';
import { after, NOW, onEveryEngine, times } from '../kit/store-world.ts';

onEveryEngine('Stored files', (world) => {
  const aFile = (content: string): StoredFile => {
    const sha256 = Uint8Array.from(createHash('sha256').update(content).digest());
    return {
      id: world.ids.next(),
      namespace: 'user-images',
      key: `${Buffer.from(sha256).toString('hex')}.webp`,
      contentType: 'image/webp',
      size: content.length,
      sha256,
      driver: 'disk',
      createdAt: NOW,
    };
  };

  /** A project, and a sweep that notes whose bytes went. */
  async function shop() {
    const project = await world.project();
    const { store } = project;
    return {
      ...project,
      keep: (file: StoredFile) => store.transaction((tx) => tx.files.keep(file)),
      show: (userId: string, change: { readonly imageFileId?: string | null; readonly bannerFileId?: string | null }) =>
        store.transaction((tx) => tx.users.update(userId, change, NOW)),
      async sweep(): Promise<string[]> {
        const gone: string[] = [];
        await store.transaction((tx) =>
          tx.files.sweepReleased(NOW, 10, async ({ key }) => {
            gone.push(key);
          }),
        );
        return gone;
      },
    };
  }

  test('come back as they were stored; the same content is one row, also when fifty keep it at once', async () => {
    const { store, keep } = await shop();
    const file = aFile('one');
    const ids = await Promise.all(times(50, () => keep({ ...file, id: world.ids.next() })));
    expect(new Set(ids).size).toBe(1);
    expect(await store.read.files.findByKey(file.namespace, file.key)).toEqual({ ...file, id: ids[0] });
    expect(await store.read.files.findByKey('other', file.key)).toBeNull();
  });

  test('a person is read with the names of what they show', async () => {
    const { store, person, keep, show } = await shop();
    const { id } = await person();
    const [image, banner] = [aFile('image'), aFile('banner')];
    await show(id, { imageFileId: await keep(image), bannerFileId: await keep(banner) });
    expect(await store.read.users.find(id)).toMatchObject({
      imageKey: `user-images/${image.key}`,
      bannerKey: `user-images/${banner.key}`,
    });
  });

  test('go when the last who showed them lets go: by another picture, as banner, or by erasure', async () => {
    const { store, person, keep, show, sweep } = await shop();
    const file = aFile('shared');
    const [ada, bob, eve] = [await person(), await person(), await person()];
    const fileId = await keep(file);
    await show(ada.id, { imageFileId: fileId });
    await show(bob.id, { bannerFileId: fileId });
    await show(eve.id, { imageFileId: fileId });
    await show(ada.id, { imageFileId: null });
    expect(await sweep()).toEqual([]);
    await store.transaction((tx) => tx.users.erase(eve.id));
    expect(await sweep()).toEqual([]);
    await show(bob.id, { bannerFileId: await keep(aFile('next')) });
    expect(await sweep()).toEqual([file.key]);
    expect(await store.read.files.findByKey(file.namespace, file.key)).toBeNull();
    expect(await sweep()).toEqual([]);
  });

  test('what a member of a team shows stays, and goes with the member', async () => {
    const { id: projectId, store, person, keep, sweep } = await shop();
    const [{ id: userId }, other] = [await person(), await person()];
    const file = aFile('member');
    const fileId = await keep(file);
    const [organization, membership] = [world.ids.next(), world.ids.next()];
    await world.database.rows(
      `INSERT INTO organization (project_id, id, name, slug, slug_normal, created_at, updated_at)
         VALUES (?, ?, 'O', 'o', ?, 1, 1) RETURNING id`,
      [projectId, organization, organization],
    );
    await world.database.rows(
      `INSERT INTO membership (project_id, id, organization_id, user_id, image_file_id, created_at, updated_at)
         VALUES (?, ?, ?, ?, ?, 1, 1) RETURNING id`,
      [projectId, membership, organization, userId, fileId],
    );
    await store.transaction((tx) => tx.users.update(other.id, { imageFileId: fileId }, NOW));
    await store.transaction((tx) => tx.users.update(other.id, { imageFileId: null }, NOW));
    expect(await sweep()).toEqual([]);
    await store.transaction((tx) => tx.users.erase(userId));
    expect(await sweep()).toEqual([file.key]);
  });

  test('kept again before the sweep looks, they stay until somebody else lets go', async () => {
    const { person, keep, show, sweep } = await shop();
    const { id } = await person();
    const file = aFile('again');
    await show(id, { imageFileId: await keep(file) });
    await show(id, { imageFileId: null });
    const kept = await keep(file); // an upload in progress: nobody shows it yet
    expect(await sweep()).toEqual([]);
    await show(id, { imageFileId: kept });
    await show(id, { imageFileId: null });
    expect(await sweep()).toEqual([file.key]);
  });

  test('uploads and sweeps at once: whoever shows a file has its row', async () => {
    const { store, person, keep, show, sweep } = await shop();
    const file = aFile('raced');
    const people = await Promise.all(times(8, () => person()));
    await Promise.all(
      people.flatMap(({ id }) => [
        store.transaction(async (tx) =>
          tx.users.update(id, { imageFileId: await tx.files.keep({ ...file, id: world.ids.next() }) }, NOW),
        ),
        show(people[0]!.id, { imageFileId: null }),
        sweep(),
      ]),
    );
    for (const { id } of people) {
      const found = (await store.read.users.find(id))!;
      expect(found.imageKey !== null).toBe(found.imageFileId !== null);
    }
    expect(await keep(file)).toEqual(expect.any(String));
  });

  test('what a rolled back transaction kept is not there, and one project’s are not another’s', async () => {
    const [here, there] = [await shop(), await shop()];
    const file = aFile('theirs');
    const failed = here.store.transaction(async (tx) => {
      await tx.files.keep(file);
      throw new Error('rolled back');
    });
    await expect(failed).rejects.toThrow('rolled back');
    await there.keep(file);
    expect(await here.store.read.files.findByKey(file.namespace, file.key)).toBeNull();
    const { id } = await there.person();
    await there.show(id, { imageFileId: await there.keep(file) });
    await there.show(id, { imageFileId: null });
    expect(await here.sweep()).toEqual([]);
    expect(await there.sweep()).toEqual([file.key]);
  });

  test('what is announced and not kept in time goes; what somebody shows is left as it is', async () => {
    const { store, person, keep, show, sweep } = await shop();
    const [late, early, shown] = [aFile('late'), aFile('early'), aFile('shown')];
    const { id } = await person();
    await show(id, { imageFileId: await keep(shown) });
    await store.transaction(async (tx) => {
      await tx.files.announce(late, NOW);
      await tx.files.announce(early, after(1));
      await tx.files.announce({ ...shown, id: world.ids.next() }, NOW);
    });
    expect(await sweep()).toEqual([late.key]);
    expect(await store.read.files.findByKey(early.namespace, early.key)).toBeNull(); // nobody shows it yet
    await keep(early);
    expect(await store.read.files.findByKey(early.namespace, early.key)).not.toBeNull();
    expect((await store.read.users.find(id))?.imageKey).toBe(`user-images/${shown.key}`);
  });

  test('a sweep takes no more than it is told to', async () => {
    const { store, person, keep, show } = await shop();
    const { id } = await person();
    for (const n of times(5, (index) => index)) await show(id, { imageFileId: await keep(aFile(`n${n}`)) });
    const some = (limit: number) => store.transaction((tx) => tx.files.sweepReleased(after(1), limit, async () => {}));
    expect([await some(3), await some(3), await some(3)]).toEqual([3, 1, 0]);
  });
});
