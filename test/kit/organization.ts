import type { Browser } from './browser.ts';
import type { Member, Stage } from './stage.ts';

/** Somebody inside an organization. */
export interface Insider extends Member {
  /** Id of the membership. */
  readonly memberId: string;
}

export interface Founded {
  readonly id: string;
  readonly slug: string;
  readonly owner: Insider;
}

/** Organizations to test with, made over the wire. */
export function organizations(stage: Stage) {
  let count = 0;
  const slug = () => `org-${++count}`;

  async function found(body: Record<string, unknown> = {}): Promise<Founded> {
    const owner = await stage.member({ verified: true });
    const reply = await owner.browser.post('/organization/create', { name: 'Orchard', slug: slug(), ...body });
    if (reply.status !== 200) throw new Error(`create answered ${reply.status} ${reply.text}`);
    const { id, members } = reply.body;
    return { id, slug: reply.body.slug, owner: { ...owner, memberId: members[0].id } };
  }

  async function invite(organization: Founded, email: string, role: string | string[] = 'member', by?: Browser) {
    const browser = by ?? organization.owner.browser;
    const reply = await browser.post('/organization/invite-member', { email, role, organizationId: organization.id });
    if (reply.status !== 200) throw new Error(`invite answered ${reply.status} ${reply.text}`);
    return reply.body as { readonly id: string; readonly role: string; readonly expiresAt: string };
  }

  /** Invites a new person, who accepts. */
  async function join(organization: Founded, role: string | string[] = 'member'): Promise<Insider> {
    const person = await stage.member({ verified: true });
    const { id: invitationId } = await invite(organization, person.email, role);
    const reply = await person.browser.post('/organization/accept-invitation', { invitationId });
    if (reply.status !== 200) throw new Error(`accept answered ${reply.status} ${reply.text}`);
    return { ...person, memberId: reply.body.member.id };
  }

  const active = async (browser: Browser): Promise<{ organization: string | null; team: string | null }> => {
    const { session } = (await browser.get('/get-session')).body;
    return { organization: session.activeOrganizationId, team: session.activeTeamId };
  };

  /** Roles by person, as the owner sees them. */
  async function roles(organization: Founded): Promise<Record<string, string>> {
    const reply = await organization.owner.browser.get(`/organization/list-members?organizationId=${organization.id}`);
    const members = reply.body.members as { userId: string; role: string }[];
    return Object.fromEntries(members.map(({ userId, role }) => [userId, role]));
  }

  return { slug, found, invite, join, active, roles };
}

/** Status and code of a refusal, for comparing at a glance. */
export const refusal = ({ status, body }: { status: number; body: { code?: string } | undefined }) => [
  status,
  body?.code,
];
