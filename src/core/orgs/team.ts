import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** People inside an organization under a name. A team gives no rights. */
export interface Team {
  readonly id: Id;
  readonly organizationId: Id;
  readonly name: string;
  readonly memberCount: number;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export interface TeamMember {
  readonly id: Id;
  readonly teamId: Id;
  readonly userId: Id;
  readonly createdAt: Instant;
}

export interface TeamReads {
  find(id: Id): Promise<Team | null>;
  listOf(organizationId: Id): Promise<readonly Team[]>;
  /** Teams a person is in, of all organizations. */
  listOfUser(userId: Id): Promise<readonly Team[]>;
  findMember(teamId: Id, userId: Id): Promise<TeamMember | null>;
  listMembers(teamId: Id): Promise<readonly TeamMember[]>;
}

export interface TeamWrites {
  insert(team: Omit<Team, 'memberCount'>): Promise<void>;
  rename(id: Id, name: string, now: Instant): Promise<void>;
  /** The team and who is in it. */
  remove(id: Id): Promise<void>;
  removeAllOf(organizationId: Id): Promise<void>;
  /** Whoever is in it already stays as they are. */
  addMember(member: TeamMember): Promise<void>;
  removeMember(teamId: Id, userId: Id): Promise<boolean>;
  /** Takes a person out of every team of an organization. */
  removeFromAll(organizationId: Id, userId: Id): Promise<void>;
}
