import { later } from '../../base/clock.ts';
import { type EmailForm, newEmailForm } from '../../base/email-form.ts';
import type { Id } from '../../base/ids.ts';
import { opaqueToken } from '../../base/random.ts';
import { Refusal, refuse } from '../../base/refusal.ts';
import { act } from '../acting.ts';
import { actorUserId } from '../actor.ts';
import { recordEvent } from '../audit/record-event.ts';
import type { Context } from '../context.ts';
import { fillLink, type LinkTemplate } from '../mail/mail.ts';
import { queueMail, tooManyMails } from '../mail/queue-mail.ts';
import type { Tx } from '../store.ts';
import { rolesToGrant } from './grant-roles.ts';
import type { Invitation, InvitedRole } from './invitation.ts';
import { type OrganizationActor, refuseUnless, type Standing, standInLocked } from './standing.ts';

export interface Inviting {
  readonly organizationId: Id | null;
  readonly addresses: readonly string[];
  /** Null: what members get, at the time somebody accepts. */
  readonly roles: readonly string[] | null;
  readonly teamIds: readonly Id[];
  /** An open invitation of the same address lives longer and is mailed again; it keeps its roles. */
  readonly resend: boolean;
  /** A function where it must be checked first, which it is for those alone who may invite. */
  readonly link: LinkTemplate | (() => LinkTemplate);
}

/**
 * Invites people by address; all of them or none.
 * @throws Refusal email_invalid, organization_required, not_a_member, organization_permission_denied, role_not_found,
 *   role_not_grantable, team_not_found, already_a_member, already_invited, invitation_limit_reached, input_invalid
 */
export async function inviteMembers(
  ctx: Context,
  actor: OrganizationActor,
  input: Inviting,
): Promise<readonly Invitation[]> {
  const forms = input.addresses.map(newEmailForm);
  if (forms.length === 0 || forms.includes(null)) throw new Refusal('email_invalid');
  // In a project without teams they lead nowhere.
  const teamIds = ctx.project.policy.organizations.teams ? [...new Set(input.teamIds)] : [];
  const invited = uniqueByNormal(forms as EmailForm[]);
  const mailed = await mailsAllowed(ctx, actor, invited);

  const invitations = await act(ctx, actor, { inPerson: true }, async (tx) => {
    const standing = await standInLocked(tx, actor, input.organizationId);
    if (standing instanceof Refusal) return standing;
    const denied = refuseUnless(standing, 'invitations.create');
    if (denied) return denied;
    const roles = input.roles === null ? [] : await rolesToGrant(ctx, tx, standing, input.roles);
    if (roles instanceof Refusal) return roles;
    const link = typeof input.link === 'function' ? input.link() : input.link;
    for (const teamId of teamIds) {
      const team = await tx.teams.find(teamId);
      if (team?.organizationId !== standing.organization.id) return refuse('team_not_found');
    }
    const made: Invitation[] = [];
    for (const form of invited) {
      const given = { roles: roles.map(({ id, key }) => ({ id, key })), teamIds };
      const invitation = await invite(ctx, tx, actor, standing, form, { ...given, resend: input.resend });
      if (invitation instanceof Refusal) throw invitation; // those before it are taken back
      if (mailed.has(form.normal)) await mailInvitation(ctx, tx, actor, standing, invitation, link);
      made.push(invitation.invitation);
    }
    return made;
  });
  return invitations;
}

interface Made {
  readonly invitation: Invitation;
  readonly code: string;
}

async function invite(
  ctx: Context,
  tx: Tx,
  actor: OrganizationActor,
  { organization }: Standing,
  form: EmailForm,
  given: { readonly roles: readonly InvitedRole[]; readonly teamIds: readonly Id[]; readonly resend: boolean },
): Promise<Made | Refusal> {
  const now = ctx.clock.now();
  const { invitationSeconds, reinvite } = ctx.surface.organizations;
  const expiresAt = later(now, invitationSeconds * 1000);
  const code = opaqueToken(ctx.random);
  if (await tx.memberships.findByAddress(organization.id, form.normal)) return refuse('already_a_member');

  const open = reinvite === 'add' ? null : await tx.invitations.findLive(organization.id, form.normal, now);
  if (open && !given.resend && reinvite === 'refuse') return refuse('already_invited');
  if (open) {
    await tx.invitations.extend(open.id, ctx.vault.digest(code), expiresAt, now);
    return { invitation: { ...open, expiresAt }, code };
  }
  const { invitationLimit } = ctx.project.policy.organizations;
  if (invitationLimit !== null && (await tx.invitations.countLive(organization.id, now)) >= invitationLimit) {
    return refuse('invitation_limit_reached');
  }
  const invitation: Invitation = {
    id: ctx.ids.next(),
    organizationId: organization.id,
    address: form.value,
    addressNormal: form.normal,
    roles: given.roles,
    teamIds: given.teamIds,
    inviterId: actorUserId(actor),
    state: 'pending',
    expiresAt,
    createdAt: now,
  };
  await tx.invitations.insert(invitation, ctx.vault.digest(code));
  await recordEvent(ctx, tx, actor, {
    type: 'organization.invited',
    subject: null,
    organizationId: organization.id,
    data: { invitation_id: invitation.id, roles: given.roles.map(({ key }) => key) },
  });
  return { invitation, code };
}

/** Names that strangers chose stand in the mail: kept short. */
const shortName = (text: string): string => [...text].slice(0, 80).join('');

async function mailInvitation(
  ctx: Context,
  tx: Tx,
  actor: OrganizationActor,
  { organization }: Standing,
  { invitation, code }: Made,
  link: LinkTemplate,
): Promise<void> {
  const inviter = actor.kind === 'server' ? ctx.project : actor.live.user;
  const address = 'email' in inviter ? inviter.email?.value : undefined;
  await queueMail(
    ctx,
    tx,
    invitation.address,
    {
      kind: 'invitation',
      organizationName: shortName(organization.name || organization.slug),
      inviterName: shortName(inviter.displayName ?? address ?? ''),
      link: fillLink(link, code),
      lifeSeconds: ctx.surface.organizations.invitationSeconds,
    },
    actor.from,
  );
}

/** At most a few mails an hour to one address, whoever invites; the invitation is made all the same. */
async function mailsAllowed(
  ctx: Context,
  { from }: OrganizationActor,
  invited: readonly EmailForm[],
): Promise<ReadonlySet<string>> {
  const allowed = new Set<string>();
  for (const { normal } of invited) {
    if (!(await tooManyMails(ctx, 'invite', normal, from))) allowed.add(normal);
  }
  return allowed;
}

const uniqueByNormal = (forms: readonly EmailForm[]): readonly EmailForm[] => [
  ...new Map(forms.map((form) => [form.normal, form])).values(),
];
