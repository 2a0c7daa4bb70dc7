/**
 * How long a search of profiles takes among 100,000 people, on every engine that answers. The bound is 50 ms.
 * Run: `node bench/search.ts [engine]`
 */
import type { Instant } from '../src/base/clock.ts';
import type { Context } from '../src/core/context.ts';
import { defaultPolicy } from '../src/core/policy.ts';
import { searchProfiles } from '../src/core/search/search-profiles.ts';
import { engines } from '../test/kit/engines.ts';
import type { ProjectWorld, StoreWorld } from '../test/kit/store-world.ts';
import { aUser, NOW, storeWorld } from '../test/kit/store-world.ts';

const people = 100_000;
const perTransaction = 2_000;
const repeats = 9;

const first = ['Ada', 'Alan', 'Alexandra', 'Alice', 'Barbara', 'Donald', 'Edsger', 'Grace', 'Katherine', 'Margaret'];
const last = ['Allen', 'Dijkstra', 'Hamilton', 'Hopper', 'Johnson', 'Kay', 'Knuth', 'Liskov', 'Lovelace', 'Turing'];
const words = 'likes paints reads writes rows swims bakes plays guitar chess go tennis in Paris Oslo Kyoto Lima'.split(
  ' ',
);

const searches: Readonly<Record<string, string | null>> = {
  nobody: 'zzzzzz',
  everybody: null,
  'one letter': 'a',
  'two letters': 'us',
  'all usernames': 'user',
  'one username': 'user54321',
  'a tenth, by name': 'alice',
  'first and last name': 'grace hop',
  'one word of the text': 'guitar',
  'three words': 'ada lovelace chess',
  'typing error, few': 'usr54321',
  'typing error, a tenth': 'alexndra',
  'two typing errors': 'gracce hoper',
  'eight words': 'a b c d e f g h',
};

async function fill(world: StoreWorld, { store }: ProjectWorld): Promise<void> {
  for (let start = 0; start < people; start += perTransaction) {
    await store.transaction(async (tx) => {
      for (let i = start; i < start + perTransaction; i += 1) {
        const word = (step: number): string => words[(i * step + (i >> 5)) % words.length]!;
        const bio = i % 2 === 0 ? `${word(3)} ${word(5)} and ${word(7)}, ${word(11)} ${word(13)}` : null;
        await tx.users.insert(
          aUser(world.ids, {
            usernameNormal: `user${i}`,
            displayName: `${first[i % 10]} ${last[(i * 7 + (i >> 8)) % 10]}`,
            bio,
            profilePublic: true,
            createdAt: (NOW + i) as Instant,
          }),
        );
      }
    });
  }
}

for (const engine of engines) {
  if (process.argv[2] && engine.name !== process.argv[2]) continue;
  const world = await storeWorld(engine);
  const project = await world.project();
  const started = performance.now();
  await fill(world, project);
  console.log(`${engine.name.padEnd(9)} filled in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  await world.database.rows('ANALYZE'); // as a database that has run for a while has it
  const ctx = { project: { id: project.id, policy: defaultPolicy }, store: project.store } as unknown as Context;
  for (const [name, text] of Object.entries(searches)) {
    const times: number[] = [];
    let total = 0;
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      const at = performance.now();
      ({ total } = await searchProfiles(ctx, { text, page: 1, pageSize: 20 }));
      times.push(performance.now() - at);
    }
    const median = times.toSorted((a, b) => a - b)[Math.floor(repeats / 2)]!;
    console.log(
      `${engine.name.padEnd(9)} ${name.padEnd(24)} ${String(total).padStart(5)} ${median.toFixed(1).padStart(6)} ms`,
    );
  }
  await world.close();
}
