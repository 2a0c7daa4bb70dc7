import { days, later } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';
import { asSystem } from '../acting.ts';
import { type Actor, systemActor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { Conflict, type Tx } from '../store.ts';
import type { SigningAlgorithm, SigningKey, SigningPurpose } from './signing-key.ts';

/** Longer than any token lives, so that none outlives the publication of its key. */
const publishedAfterMs = days(1);

/**
 * The next key signs from now on, the old one stays published for a day, and a new next one is published. A next key of
 * another algorithm than `alg` is passed over.
 * @param seenActive rotates only while this is the active key (null: there is none), so that two at once rotate once
 */
export async function rotateSigningKeys(
  ctx: Context,
  actor: Actor,
  input: { readonly purpose: SigningPurpose; readonly alg: SigningAlgorithm; readonly seenActive?: Id | null },
): Promise<void> {
  const { purpose, alg, seenActive } = input;
  // Making keys is slow, so both that may be needed are there before the transaction.
  const fresh = [await makeKey(ctx, purpose, alg), await makeKey(ctx, purpose, alg)];
  const rotate = (): Promise<void> =>
    asSystem(ctx, async (tx) => {
      const now = ctx.clock.now();
      const keys = await tx.signingKeys.listOf(purpose);
      const active = keys.find(({ state }) => state === 'active');
      if (seenActive !== undefined && (active?.id ?? null) !== seenActive) return;
      for (const key of keys) {
        const over = key.state === 'retiring' && key.retireAt !== null && key.retireAt <= now;
        const unwanted = key.state === 'next' && key.alg !== alg;
        if (over || unwanted) await tx.signingKeys.move(key.id, 'retired', {}, now);
      }
      if (active) await tx.signingKeys.move(active.id, 'retiring', { retireAt: later(now, publishedAfterMs) }, now);
      const [first, second] = fresh as [SigningKey, SigningKey];
      const next = keys.find((key) => key.state === 'next' && key.alg === alg);
      const kid = await activate(tx, next ?? first, next !== undefined, now);
      await tx.signingKeys.insert({ ...second, state: 'next' });
      await recordEvent(ctx, tx, actor, { type: 'signing_key.rotated', subject: null, data: { purpose, alg, kid } });
    });
  await rotate().catch((fault) => {
    // Another node made the active key meanwhile: its rotation is the one that counts.
    if (!(fault instanceof Conflict)) throw fault;
  });
}

async function activate(tx: Tx, key: SigningKey, known: boolean, now: SigningKey['createdAt']): Promise<string> {
  if (known) await tx.signingKeys.move(key.id, 'active', { activatedAt: now }, now);
  else await tx.signingKeys.insert({ ...key, state: 'active', activatedAt: now });
  return key.kid;
}

async function makeKey(ctx: Context, purpose: SigningPurpose, alg: SigningAlgorithm): Promise<SigningKey> {
  const id = ctx.ids.next();
  const { publicJwk, privateJwk } = await ctx.signer.generate(alg);
  return {
    id,
    purpose,
    kid: keyName(ctx, purpose, id),
    alg,
    publicJwk,
    privateKey: ctx.vault.seal(privatePlace(id), privateJwk),
    state: 'next',
    activatedAt: null,
    retireAt: null,
    createdAt: ctx.clock.now(),
  };
}

/** Clients of the one API expect twelve characters of base64url (hexclave spec §1.7). */
const keyName = (ctx: Context, purpose: SigningPurpose, id: Id): string =>
  purpose === 'b_session' ? id : Buffer.from(ctx.random.bytes(9)).toString('base64url');

export const privatePlace = (id: Id) => ({ table: 'signing_key', column: 'private_enc', row: id });

export async function findActiveKey(ctx: Context, purpose: SigningPurpose): Promise<SigningKey | null> {
  const keys = await ctx.store.read.signingKeys.listOf(purpose);
  return keys.find(({ state }) => state === 'active') ?? null;
}

/**
 * The key that signs now, whatever its algorithm: keys belong to all nodes, so that none replaces them for being
 * configured otherwise. A rotation is what changes the algorithm.
 * @param alg of the first key, which the first call makes
 */
export async function activeSigningKey(
  ctx: Context,
  purpose: SigningPurpose,
  alg: SigningAlgorithm,
): Promise<SigningKey> {
  const found = await findActiveKey(ctx, purpose);
  if (found) return found;
  await rotateSigningKeys(ctx, systemActor, { purpose, alg, seenActive: null });
  const made = await findActiveKey(ctx, purpose);
  if (!made) throw new Error(`no ${purpose} signing key could be made`);
  return made;
}

/** What verifiers may see: keys that sign, that will, and that did until lately. */
export async function publishedKeys(
  ctx: Context,
  purpose: SigningPurpose,
  alg: SigningAlgorithm,
): Promise<readonly SigningKey[]> {
  await activeSigningKey(ctx, purpose, alg);
  const now = ctx.clock.now();
  const keys = await ctx.store.read.signingKeys.listOf(purpose);
  return keys.filter(({ state, retireAt }) => state !== 'retiring' || retireAt === null || retireAt > now);
}
