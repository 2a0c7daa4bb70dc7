import { describe, expect, test } from 'vitest';
import { act, asBearer, asSystem } from '../../../src/core/acting.ts';
import { systemActor } from '../../../src/core/actor.ts';
import { endFor } from '../../../src/core/endings/end-for.ts';
import { type Ending, type EndingRow, endings } from '../../../src/core/endings/endings.ts';
import { admitUser } from '../../../src/core/sessions/admit-user.ts';
import type { Tx } from '../../../src/core/store.ts';
import { aPasskey } from '../../kit/alive.ts';
import { type CoreWorld, onEveryEngine, stranger } from '../../kit/core-world.ts';

// Two transactions at once: what an ending ends does not come to life beside it. On SQLite they are one after the other;
// on PostgreSQL whoever decides about a person's access holds the person.

const rows: Readonly<Record<string, EndingRow>> = endings;
const endingsThat = (match: (row: EndingRow) => boolean) =>
  (Object.keys(rows) as Ending[]).filter((ending) => match(rows[ending]!));

interface Gate {
  readonly passed: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open!: () => void;
  const passed = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { passed, open };
}

/** Runs `second` from when `first` is inside its transaction; `first` goes on once `second` is through or waits for it. */
async function beside(
  { database }: CoreWorld,
  first: (pause: () => Promise<void>) => Promise<unknown>,
  second: () => Promise<unknown>,
): Promise<void> {
  const [inside, goOn] = [gate(), gate()];
  const firstDone = first(async () => {
    inside.open();
    await goOn.passed;
  }).catch(() => undefined);
  await inside.passed;
  let through = false;
  const secondDone = second().finally(() => {
    through = true;
  });
  const waits = async () =>
    database.config.engine === 'sqlite' ||
    (
      await database.rows(`SELECT 1 FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`)
    ).length > 0;
  while (!through && !(await waits()));
  goOn.open();
  await Promise.all([firstDone, secondDone]);
}

const end = (world: CoreWorld, ending: Ending, userId: string) =>
  asSystem(world.context(), (tx) => endFor(world.context(), tx, systemActor, ending, userId));

onEveryEngine('Beside an ending', {}, (world) => {
  const enter = (userId: string, before: (tx: Tx) => Promise<void>, after: () => Promise<void>) => {
    const ctx = world.context();
    return asBearer(ctx, { credential: 'code' }, async (tx) => {
      const person = (await tx.users.find(userId))!;
      await before(tx);
      const proof = { method: 'mail_code', persistent: true } as const;
      const admission = await admitUser(ctx, tx, stranger, person, proof);
      await after();
      return admission;
    });
  };
  const sessionsOf = async (userId: string) =>
    (await world.context().store.read.sessions.listOf(userId, world.clock.now())).length;

  describe.each(endingsThat(({ sessions }) => sessions === 'all'))('%s', (ending) => {
    test('a sign-in that was let in a moment before does not stay', async () => {
      const { id } = await world.person();
      await beside(
        world,
        (pause) => enter(id, async () => {}, pause),
        () => end(world, ending, id),
      );
      expect(await sessionsOf(id)).toBe(0);
    });

    test('somebody signed in who is changing their account a moment before leaves nothing that it would end', async () => {
      const person = await world.person();
      const { actor } = await world.signIn(person);
      const ctx = world.context();
      await beside(
        world,
        (pause) =>
          act(ctx, actor, {}, async (tx) => {
            await pause();
            await tx.passkeys.insert(aPasskey(ctx, person.id));
          }),
        () => end(world, ending, person.id),
      );
      expect(await sessionsOf(person.id)).toBe(0);
      const left = rows[ending]!.waysIn === 'all' ? 0 : 1;
      expect(await ctx.store.read.passkeys.listOf(person.id)).toHaveLength(left);
    });
  });

  test('a session that ended while its person’s change waited changes nothing', async () => {
    const person = await world.person();
    const { actor } = await world.signIn(person);
    const ctx = world.context();
    let changed: unknown;
    await beside(
      world,
      (pause) =>
        asSystem(ctx, async (tx) => {
          await endFor(ctx, tx, systemActor, 'password_reset', person.id);
          await pause();
        }),
      async () => {
        changed = await act(ctx, actor, {}, async () => 'changed').catch(({ code }) => code);
      },
    );
    expect(changed).toBe('not_signed_in');
  });
});

onEveryEngine('A sign-in whose person was read before an ending', {}, (world) => {
  test('reads again, and what it rests on is asked again', async () => {
    const { id } = await world.person();
    const ctx = world.context();
    const seen: unknown[] = [];
    const [inside, goOn] = [gate(), gate()];
    const entering = asBearer(ctx, { credential: 'password' }, async (tx) => {
      const person = (await tx.users.find(id))!;
      seen.push(person.credentialsChangedAt);
      inside.open();
      await goOn.passed;
      return admitUser(ctx, tx, stranger, person, { method: 'password', strongFrom: null, persistent: true });
    });
    await inside.passed;
    world.clock.advance(1000);
    const ended = end(world, 'password_reset', id);
    // Where transactions are one after the other, the ending waits for the sign-in.
    if (world.database.config.engine === 'postgres') await ended;
    goOn.open();
    await entering;
    await ended;
    expect(seen).toHaveLength(world.database.config.engine === 'postgres' ? 2 : 1);
    expect(new Set(seen).size).toBe(seen.length);
  });
});
