import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** Where something is granted: to a member of an organization, or to a person over the whole project. */
export type GrantScope = 'organization' | 'project';

/** A role or a permission of the project. Either may contain others of either kind. */
export interface GrantNode {
  readonly id: Id;
  readonly key: string;
  readonly kind: 'role' | 'permission';
  /** Also holds what later versions and the application add. */
  readonly holdsAll: boolean;
  /** Comes with this version or the configuration. */
  readonly builtIn: boolean;
  /** What applications call it; null: none of their business. Unique in the project. */
  readonly publicName: string | null;
  readonly description: string | null;
  /** Makes an owner of whom it is granted to. */
  readonly owner: boolean;
  readonly contains: readonly Id[];
}

/** Something granted directly. */
export interface Grant {
  /** Null: over the whole project. */
  readonly organizationId: Id | null;
  readonly userId: Id;
  readonly nodeId: Id;
}

export interface GrantReads {
  /** Everything of the project that can be granted there; what organizations made for themselves is not. A handful of rows. */
  graph(scope: GrantScope): Promise<readonly GrantNode[]>;
  listOfMembers(of: { readonly organizationId?: Id; readonly userId?: Id }): Promise<readonly Grant[]>;
  listOfUsers(of: { readonly userId?: Id }): Promise<readonly Grant[]>;
}

export type NewGrantNode = Omit<GrantNode, 'contains' | 'owner' | 'publicName'> & {
  readonly publicName?: string | null;
  readonly scope?: GrantScope;
};

export interface GrantWrites {
  insert(node: NewGrantNode, now: Instant): Promise<void>;
  update(
    id: Id,
    change: Partial<Pick<GrantNode, 'key' | 'publicName' | 'description' | 'holdsAll'>>,
    now: Instant,
  ): Promise<void>;
  /** The node contains exactly these afterwards. */
  setContents(id: Id, contents: readonly Id[], now: Instant): Promise<void>;
  /** False: it is gone. Until this transaction ends no other one grants or removes it. */
  lock(id: Id): Promise<boolean>;
  /** One administrator at a time, so that two who act on each other never wait for each other. */
  takeTurn(): Promise<void>;
  /** With everything that was granted of it. Lock it first. */
  remove(id: Id): Promise<void>;
  /** False: somebody has it. */
  removeUnheld(id: Id): Promise<boolean>;
  /** Granting again changes nothing. Lock the node first. */
  giveMember(membershipId: Id, id: Id, grantedBy: Id | null, now: Instant): Promise<void>;
  giveUser(userId: Id, id: Id, grantedBy: Id | null, now: Instant): Promise<void>;
  /** False: it was not granted. */
  takeMember(membershipId: Id, id: Id): Promise<boolean>;
  takeUser(userId: Id, id: Id): Promise<boolean>;
}

/** What holding something comes to. */
export interface Holding {
  readonly all: boolean;
  readonly permissions: ReadonlySet<string>;
}

export const allows = (holding: Holding, permission: string): boolean =>
  holding.all || holding.permissions.has(permission);

/** What each of `keys` contains, however deep; unknown ones contain nothing. */
export function expandGrants(graph: readonly GrantNode[], keys: readonly string[]): readonly Holding[] {
  const below = reach(graph);
  return keys.map((key) => {
    const root = graph.find((node) => node.key === key);
    const nodes = root ? below(root.id) : [];
    const permissions = nodes.filter(({ kind }) => kind === 'permission').map((node) => node.key);
    return { all: nodes.some(({ holdsAll }) => holdsAll), permissions: new Set(permissions) };
  });
}

/** A node with everything it contains, however deep. A cycle ends where it began. */
export function reach(graph: readonly GrantNode[]): (id: Id) => readonly GrantNode[] {
  const byId = new Map(graph.map((node) => [node.id, node]));
  return (root) => {
    const seen = new Map<Id, GrantNode>();
    const waiting = [root];
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const node = byId.get(id);
      if (!node || seen.has(id)) continue;
      seen.set(id, node);
      waiting.push(...node.contains);
    }
    return [...seen.values()];
  };
}
