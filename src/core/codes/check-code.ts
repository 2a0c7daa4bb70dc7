import { Refusal, settle } from '../../base/refusal.ts';
import type { Context } from '../context.ts';
import { findCode } from './codes.ts';
import type { Purpose } from './one-time-value.ts';

/** Is the token live? Nothing is spent. @throws Refusal `code_*` */
export async function checkCode(ctx: Context, purpose: Purpose, token: string): Promise<void> {
  settle(await findCode(ctx, ctx.store.read, purpose, token));
}

/** For wires where one address takes links of several purposes: which of them is this token for? */
export async function purposeOfCode(
  ctx: Context,
  purposes: readonly Purpose[],
  token: string,
): Promise<Purpose | null> {
  for (const purpose of purposes) {
    const found = await findCode(ctx, ctx.store.read, purpose, token);
    if (!(found instanceof Refusal) || found.code !== 'code_not_found') return purpose;
  }
  return null;
}
