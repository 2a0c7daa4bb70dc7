import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findBySyntheticName, looksSynthetic, syntheticUsername } from '../../../src/core/users/synthetic-username.ts';
import type { Person } from '../../../src/core/users/user.ts';

/** As the store answers: people whose id starts so. */
const known = (id: string, usernameNormal: string | null = null) => ({
  users: {
    listByIdStart: async (start: string) => (id.startsWith(start) ? [{ id, usernameNormal } as Person] : []),
  } as never,
});

test('the name of somebody without a username leads back to them, whichever version their id has', async () => {
  const id = fc.uuid({ version: [4, 7] });
  await fc.assert(
    fc.asyncProperty(id, async (given) => {
      const name = syntheticUsername(given);
      expect(looksSynthetic(name)).toBe(true);
      expect((await findBySyntheticName(known(given), name))?.id).toBe(given);
      expect(await findBySyntheticName(known(given, 'ada'), name)).toBeNull();
    }),
  );
});

test('a name that is not of that form leads nowhere, and nothing is asked', async () => {
  const asked = { users: { listByIdStart: () => Promise.reject(new Error('asked')) } as never };
  for (const name of ['ada', 'u2', 'u3aaaaaaaaaaaaaaaaaa', 'U2AAAAAAAAAAAAAAAAAA', 'u2aaaaaaaaaaaaaaaaa1'])
    expect(await findBySyntheticName(asked, name)).toBeNull();
});
