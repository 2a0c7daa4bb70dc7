import type { Instant } from '../../base/clock.ts';
import type { Id } from '../../base/ids.ts';

/** A role or a permission of the project. Either may contain others of either kind. */
export interface GrantNode {
  readonly id: Id;
  readonly key: string;
  readonly kind: 'role' | 'permission';
  /** Also holds what later versions and the application add. */
  readonly holdsAll: boolean;
  /** Comes with this version or the configuration. */
  readonly builtIn: boolean;
  readonly contains: readonly Id[];
}

export interface GrantReads {
  /** Everything that can be granted over the whole project. A handful of rows. */
  projectGraph(): Promise<readonly GrantNode[]>;
}

export interface GrantWrites {
  insert(node: Omit<GrantNode, 'contains'> & { readonly description: string | null }, now: Instant): Promise<void>;
  /** The node contains exactly these afterwards. */
  setContents(id: Id, contents: readonly Id[], now: Instant): Promise<void>;
  /** False: somebody has it. */
  removeUnheld(id: Id): Promise<boolean>;
}

/** What holding something comes to. */
export interface Holding {
  readonly all: boolean;
  readonly permissions: ReadonlySet<string>;
}

export const allows = (holding: Holding, permission: string): boolean =>
  holding.all || holding.permissions.has(permission);

/** What each of `keys` contains, however deep; unknown ones contain nothing. A cycle ends where it began. */
export function expandGrants(graph: readonly GrantNode[], keys: readonly string[]): readonly Holding[] {
  const byId = new Map(graph.map((node) => [node.id, node]));
  return keys.map((key) => {
    const root = graph.find((node) => node.key === key);
    const seen = new Set<Id>();
    const waiting = root ? [root.id] : [];
    const permissions = new Set<string>();
    let all = false;
    for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
      const node = byId.get(id);
      if (!node || seen.has(id)) continue;
      seen.add(id);
      all ||= node.holdsAll;
      if (node.kind === 'permission') permissions.add(node.key);
      waiting.push(...node.contains);
    }
    return { all, permissions };
  });
}
