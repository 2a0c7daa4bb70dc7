import type { Context } from '../context.ts';

const maxPage = 1_000;

/** As many as an organization may have, unless fewer are asked for. */
export const memberPageSize = (ctx: Pick<Context, 'project'>, asked: number | undefined): number =>
  Math.min(asked ?? ctx.project.policy.organizations.membershipLimit ?? 100, maxPage);
