import type { FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../../core/context.ts';
import type { LimitRule } from '../../core/limits.ts';
import { hostOf } from '../../core/network.ts';

/**
 * The limit of one path of a surface (`SurfaceProfile.limits`), counted for each address.
 * @param on false: there are no limits per path
 */
export function frontLimit({ surface }: Pick<Context, 'surface'>, on: boolean, path: string): LimitRule | null {
  const row = on ? surface.limits.find((each) => each.path.test(path)) : undefined;
  return row ? { name: `front ${surface.name} ${path}`, windowSeconds: row.windowSeconds, max: row.max } : null;
}

/** Called before the body is read: a refused request costs little. @throws Refusal too_many_requests */
export async function countAtFront(
  { limiter }: Pick<Context, 'limiter'>,
  rule: LimitRule,
  request: FastifyRequest,
): Promise<void> {
  const { retryAfterSeconds } = await limiter.hit(rule, hostOf(request.clientAddress));
  if (retryAfterSeconds !== null) throw new Refusal('too_many_requests', { retryAfterSeconds, field: 'front' });
}
