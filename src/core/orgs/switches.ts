import { Refusal } from '../../base/refusal.ts';
import type { Context } from '../context.ts';

/** @throws Refusal teams_disabled */
export function requireTeams(ctx: Pick<Context, 'project'>): void {
  if (!ctx.project.policy.organizations.teams) throw new Refusal('teams_disabled');
}

/** @throws Refusal dynamic_roles_disabled */
export function requireDynamicRoles(ctx: Pick<Context, 'project'>): void {
  if (!ctx.project.policy.organizations.dynamicRoles) throw new Refusal('dynamic_roles_disabled');
}
