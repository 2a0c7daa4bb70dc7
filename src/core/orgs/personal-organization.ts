import type { Id } from '../../base/ids.ts';
import type { Actor } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { findNamed } from '../permissions/definitions.ts';
import type { Tx } from '../store.ts';
import type { Person } from '../users/user.ts';
import { draftOrganization, found } from './create-organization.ts';

type Named = Pick<Person, 'displayName' | 'email' | 'anonymous'>;

const maxName = 256;

/** `Alice's Team`, else by the address (hexclave spec §8). */
export function personalName({ displayName, email, anonymous }: Named): string {
  const owner = anonymous ? null : (displayName ?? email?.value ?? null);
  return owner === null ? 'Personal Team' : `${[...owner].slice(0, maxName - 7).join('')}'s Team`;
}

/**
 * A step of every path that makes a person: what the project gives everybody who comes (core map O2). Changes nothing
 * where it gives nothing.
 * @returns the person as they are afterwards
 */
export async function welcomePerson(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<Person> {
  const { users, organizations } = ctx.project.policy;
  for (const name of users.signUpGrants) {
    const named = await findNamed(tx, 'project', name);
    if ('node' in named && (await tx.grants.lock(named.node.id))) {
      await tx.grants.giveUser(person.id, named.node.id, null, ctx.clock.now());
    }
  }
  if (!organizations.personalOnSignUp) return person;
  const selectedOrganizationId = await makePersonal(ctx, tx, actor, person);
  await tx.users.update(person.id, { selectedOrganizationId }, ctx.clock.now());
  return { ...person, selectedOrganizationId };
}

/** One for each person. */
async function makePersonal(ctx: Context, tx: Tx, actor: Actor, person: Person): Promise<Id> {
  const draft = draftOrganization(ctx, { name: personalName(person), slug: null, createdBy: person.id });
  await tx.organizations.insert({ ...draft, personalOfUserId: person.id });
  await found(ctx, tx, actor, draft, person.id);
  return draft.id;
}

/** Somebody without identifiers got a name: their organization takes it too, unless they had given it another. */
export async function renamePersonal(ctx: Context, tx: Tx, actor: Actor, before: Named, now: Person): Promise<void> {
  const personal = await tx.organizations.findPersonal(now.id);
  if (!personal || personal.name !== personalName(before) || personalName(now) === personal.name) return;
  await tx.organizations.update(personal.id, { name: personalName(now) }, ctx.clock.now());
  await recordEvent(ctx, tx, actor, {
    type: 'organization.updated',
    subject: null,
    organizationId: personal.id,
    data: { fields: ['name'] },
  });
}
