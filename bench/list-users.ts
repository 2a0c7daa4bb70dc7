/**
 * How long a page of `listUsers` takes among 100,000 people, on every engine that answers. The bound is 50 ms.
 * Run: `node bench/list-users.ts [engine]`
 */

import type { Instant } from '../src/base/clock.ts';
import type { UserQuery } from '../src/core/users/user-query.ts';
import { engines } from '../test/kit/engines.ts';
import type { ProjectWorld, StoreWorld } from '../test/kit/store-world.ts';
import { anEmail, aUser, NOW, storeWorld } from '../test/kit/store-world.ts';

const people = 100_000;
const perTransaction = 5_000;
const repeats = 7;

const plain: UserQuery = { search: null, filter: null, sort: null, limit: 100, offset: 0 };
const eq = (field: NonNullable<UserQuery['filter']>['field'], value: string | boolean): UserQuery => ({
  ...plain,
  filter: { field, operator: 'eq', values: [value] },
});
const by = (field: NonNullable<UserQuery['sort']>['field'], direction: 'asc' | 'desc'): UserQuery => ({
  ...plain,
  sort: { field, direction },
});
const search = (field: 'email' | 'displayName', text: string): UserQuery => ({
  ...plain,
  search: { field, operator: 'contains', text },
});

const questions: Readonly<Record<string, UserQuery>> = {
  'first page': plain,
  'last page': { ...plain, offset: people - 100 },
  'newest first': by('createdAt', 'desc'),
  'last changed first': by('updatedAt', 'desc'),
  'by e-mail': by('email', 'asc'),
  'by name': by('displayName', 'asc'),
  'by name, backwards': by('displayName', 'desc'),
  'e-mail contains, few': search('email', '1234'),
  'e-mail contains, all': search('email', 'example'),
  'name contains, few': search('displayName', '1234'),
  'role admin': eq('role', 'admin'),
  'role user': eq('role', 'user'),
  banned: eq('banned', true),
  'not banned': eq('banned', false),
  verified: eq('emailVerified', true),
};

async function fill(world: StoreWorld, { store }: ProjectWorld): Promise<void> {
  for (let start = 0; start < people; start += perTransaction) {
    await store.transaction(async (tx) => {
      for (let i = start; i < start + perTransaction; i += 1) {
        const shuffled = (i * 7919) % people;
        const at = (NOW + i) as Instant;
        const user = aUser(world.ids, {
          displayName: `Person ${shuffled}`,
          bannedAt: i % 1000 === 0 ? NOW : null,
          createdAt: at,
          updatedAt: at,
        });
        await tx.users.insert(user);
        const verified = i % 2 === 0 ? NOW : null;
        await tx.emails.insert(anEmail(world.ids, user.id, `p${shuffled}@example.com`, { verifiedAt: verified }));
        if (i % 100 === 0) await tx.users.setRoles(user.id, ['admin'], null, NOW);
      }
    });
  }
}

for (const engine of engines) {
  if (process.argv[2] && engine.name !== process.argv[2]) continue;
  const world = await storeWorld(engine);
  const project = await world.project();
  await fill(world, project);
  await world.database.rows('ANALYZE'); // as a database that has run for a while has it
  for (const [question, query] of Object.entries(questions)) {
    const times: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const started = performance.now();
      await project.store.read.users.page(query);
      times.push(performance.now() - started);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(repeats / 2)]!;
    console.log(`${engine.name.padEnd(9)} ${question.padEnd(22)} ${median.toFixed(1).padStart(6)} ms`);
  }
  await world.close();
}
