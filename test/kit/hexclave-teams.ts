import { asSystem } from '../../src/core/acting.ts';
import type { HexclaveProject, HexclaveReply, SignedIn } from './hexclave.ts';

/** Address whose owner proved it, as servers may say so. */
export const verify = async (project: HexclaveProject, userId: string): Promise<void> => {
  const ctx = await project.context();
  const person = (await ctx.store.read.users.find(userId))!;
  const { id, normal } = person.email!;
  await asSystem(ctx, (tx) => tx.emails.markVerified(id, normal, 'admin', ctx.clock.now()));
};

/** Somebody in a team. */
export interface TeamWorld {
  readonly id: string;
  readonly owner: SignedIn & { readonly email: string };
}

/** A team made over the wire by somebody who signed up for it. */
export async function foundTeam(project: HexclaveProject, name = 'Orchard'): Promise<TeamWorld> {
  const owner = await project.signUp();
  const reply = await project.request('POST /teams', {
    token: owner.access_token,
    body: { display_name: name, creator_user_id: 'me' },
  });
  if (reply.status !== 201) throw new Error(`POST /teams answered ${reply.status} ${reply.text}`);
  return { id: reply.body.id, owner };
}

/** A new person, put into the team by a server. */
export async function joinTeam(project: HexclaveProject, teamId: string): Promise<SignedIn & { email: string }> {
  const person = await project.signUp();
  const reply = await project.request(`POST /team-memberships/${teamId}/${person.user_id}`, {
    access: 'server',
    body: {},
  });
  if (reply.status !== 201) throw new Error(`POST /team-memberships answered ${reply.status} ${reply.text}`);
  return person;
}

export const grant = (project: HexclaveProject, team: string, user: string, permission: string) =>
  project.request(`POST /team-permissions/${team}/${user}/${permission}`, { access: 'server', body: {} });
export const revoke = (project: HexclaveProject, team: string, user: string, permission: string) =>
  project.request(`DELETE /team-permissions/${team}/${user}/${permission}`, { access: 'server' });

/** Status and code of a known error, status and words of another. */
export const outcome = ({ status, body, text }: HexclaveReply): readonly [number, string] => [
  status,
  body?.code ?? text,
];
